/** An attempt of a revision chain and what it was written from. Pure. */
import type { EventOf } from '../../shared/run-events.ts';
import { pathTo, stepsTo, type RunView } from '../../shared/run-view.ts';

export interface AttemptText {
  /** Its place in the chain, from 0. */
  readonly attempt: number;
  /** Its last node. */
  readonly id: number;
  readonly text: string;
  readonly score: number | null;
  readonly correct: boolean | null;
}

export interface Revision extends AttemptText {
  readonly chain: number;
  /** What reviser and verifier were shown, oldest first. */
  readonly window: readonly AttemptText[];
  /** The attempt before, shown or not; null for the first. */
  readonly before: AttemptText | null;
}

/** null while the attempt that holds this node is not complete. */
export function revisionOf(view: RunView, id: number): Revision | null {
  const own = view.candidates.find((one) => one.chain !== undefined && holds(view, one.id, id));
  if (own?.chain === undefined || own.attempt === undefined) return null;
  const chain = view.candidates.filter((one) => one.chain === own.chain);
  const at = (attempt: number): AttemptText | null => {
    const found = chain.find((one) => one.attempt === attempt);
    return found === undefined ? null : textOf(view, found);
  };
  const window = (own.saw ?? []).map(at).filter((one) => one !== null);
  return { ...textOf(view, own), chain: own.chain, window, before: at(own.attempt - 1) };
}

function holds(view: RunView, end: number, id: number): boolean {
  return pathTo(view, end).includes(id);
}

function textOf(view: RunView, candidate: EventOf<'candidate'>): AttemptText {
  const { id, attempt = 0, correct } = candidate;
  const text = stepsTo(view, id).join('\n');
  return { attempt, id, text, score: candidate.stepScores.at(-1) ?? null, correct };
}

/** "chain 2, attempt 3" by the first step of each attempt whose place is known. */
export function attemptLabels({ candidates, nodes }: RunView): ReadonlyMap<number, string> {
  const labels = new Map<number, string>();
  for (const { id, chain, attempt } of candidates) {
    if (chain === undefined || attempt === undefined) continue;
    let first = id;
    while (nodes[first].parent !== 0) first = nodes[first].parent;
    labels.set(first, `chain ${chain + 1}, attempt ${attempt + 1}`);
  }
  return labels;
}
