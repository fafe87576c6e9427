/**
 * Batches that do not fit: the engine throws `out-of-slots` before any work is done, and the batch
 * is halved until the parts fit. Results do not depend on the split, only the cost does, because
 * what was let go in between is read anew.
 */
import type { Branch } from '../shared/branch.ts';
import { AppError } from '../shared/errors.ts';
import { addUsage, type ExtendRequest, type Extension, type Policy } from '../shared/policy.ts';
import type { Verdict, Verifier } from '../verify/verifier.ts';

/** `makeRoom` lets go of everything that can be read anew; called only when one item is too big. */
export async function extendInParts(
  policy: Policy,
  requests: readonly ExtendRequest[],
  signal: AbortSignal | undefined,
  makeRoom: () => void,
): Promise<Extension[]> {
  try {
    return await policy.extend(requests, signal);
  } catch (thrown) {
    if (!isOutOfSlots(thrown)) throw thrown;
    const halves = halveRequests(requests);
    if (halves === null) {
      makeRoom();
      return policy.extend(requests, signal);
    }
    const first = await extendInParts(policy, halves[0], signal, makeRoom);
    policy.release(first.flatMap((extension) => extension.leaves));
    const second = await extendInParts(policy, halves[1], signal, makeRoom);
    return joinHalves(requests, halves[0], first, second);
  }
}

export async function scoreInParts(
  verifier: Verifier,
  branches: readonly Branch[],
  signal: AbortSignal | undefined,
  makeRoom: () => void,
): Promise<Verdict[]> {
  try {
    return await verifier.score(branches, signal);
  } catch (thrown) {
    if (!isOutOfSlots(thrown)) throw thrown;
    if (branches.length <= 1) {
      makeRoom();
      return verifier.score(branches, signal);
    }
    const middle = branches.length >> 1;
    const first = await scoreInParts(verifier, branches.slice(0, middle), signal, makeRoom);
    verifier.release(branches.slice(0, middle));
    const second = await scoreInParts(verifier, branches.slice(middle), signal, makeRoom);
    return [...first, ...second];
  }
}

export function isOutOfSlots(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === 'out-of-slots';
}

/** Two lists with half of the streams each; null when there is nothing left to halve. */
function halveRequests(
  requests: readonly ExtendRequest[],
): [readonly ExtendRequest[], readonly ExtendRequest[]] | null {
  if (requests.length > 1) {
    const middle = requests.length >> 1;
    return [requests.slice(0, middle), requests.slice(middle)];
  }
  const [request] = requests;
  if (request === undefined || request.streams.length < 2) return null;
  const middle = request.streams.length >> 1;
  return [
    [{ ...request, streams: request.streams.slice(0, middle) }],
    [{ ...request, streams: request.streams.slice(middle) }],
  ];
}

function joinHalves(
  requests: readonly ExtendRequest[],
  firstRequests: readonly ExtendRequest[],
  first: readonly Extension[],
  second: readonly Extension[],
): Extension[] {
  if (requests.length === firstRequests.length + second.length) return [...first, ...second];
  return [
    {
      leaves: [...first[0].leaves, ...second[0].leaves],
      usage: addUsage(first[0].usage, second[0].usage),
      ...joinLeafUsage(first[0], second[0]),
    },
  ];
}

function joinLeafUsage(a: Extension, b: Extension): Pick<Extension, 'leafUsage'> {
  if (a.leafUsage === undefined || b.leafUsage === undefined) return {};
  return { leafUsage: [...a.leafUsage, ...b.leafUsage] };
}
