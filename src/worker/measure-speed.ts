/** How fast this device writes and verifies: a real batch of solutions, a fraction of a second. */
import { rootBranch } from '../shared/branch.ts';
import type { Policy } from '../shared/policy.ts';
import { childStream, rootStream } from '../shared/random.ts';
import type { Verifier } from '../verify/verifier.ts';

const PROMPT = 'make 24: 4 6 7 8';
const BRANCHES = 16;
const MAX_TOKENS = 120;
const SLOW_MS = 1000;

export interface Speed {
  readonly policyTokensPerSecond: number;
  readonly verifierTokensPerSecond: number;
}

export async function measureSpeed(
  policy: Policy,
  verifier: Verifier,
  clock: () => number,
): Promise<Speed> {
  // Once small, so that lazy compilation is not measured; once as a search would run it, unless the
  // device is so slow that the visitor would wait for a number only.
  const begun = clock();
  const small = await measureBatch(policy, verifier, clock, 2);
  return clock() - begun > SLOW_MS ? small : measureBatch(policy, verifier, clock, BRANCHES);
}

async function measureBatch(
  policy: Policy,
  verifier: Verifier,
  clock: () => number,
  branches: number,
): Promise<Speed> {
  const root = rootBranch(PROMPT, rootStream(branches, PROMPT));
  const streams = Array.from({ length: branches }, (_, i) => childStream(root.stream, i));
  const begun = clock();
  const [{ leaves, usage }] = await policy.extend([
    { branch: root, streams, temperature: 1, until: 'solution', maxTokens: MAX_TOKENS },
  ]);
  const written = clock();
  const finished = leaves.filter((leaf) => leaf.end === 'solution');
  const verdicts = await verifier.score(finished);
  const scored = clock();
  policy.release([root, ...leaves]);
  verifier.release([root, ...leaves]);
  const read = verdicts.reduce((sum, verdict) => sum + verdict.usage.prefillTokens, 0);
  const policySpeed = perSecond(usage.sampledTokens, written - begun);
  return {
    policyTokensPerSecond: policySpeed,
    verifierTokensPerSecond: read > 0 ? perSecond(read, scored - written) : policySpeed,
  };
}

/** Browsers round their clocks, to a millisecond at worst. */
function perSecond(tokens: number, elapsedMs: number): number {
  return (tokens / Math.max(elapsedMs, 1)) * 1000;
}
