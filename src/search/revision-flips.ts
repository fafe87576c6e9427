/** How often a revision turned right into wrong, and the other way (algorithms.md, "Revisions"). */
import type { EventOf } from '../shared/run-events.ts';

export interface RevisionFlips {
  /** Revisions of a right attempt, and how many of them were wrong. */
  readonly fromRight: number;
  readonly rightToWrong: number;
  readonly fromWrong: number;
  readonly wrongToRight: number;
}

/** Pairs of neighbouring attempts of a chain. An answer that does not parse is wrong; pairs whose
 * truth is not known are left out. */
export function revisionFlips(candidates: readonly EventOf<'candidate'>[]): RevisionFlips {
  const flips = { fromRight: 0, rightToWrong: 0, fromWrong: 0, wrongToRight: 0 };
  const before = new Map<number, boolean | null>();
  for (const candidate of candidates) {
    if (candidate.chain === undefined) continue;
    const right = candidate.answer === null ? false : candidate.correct;
    const previous = before.get(candidate.chain);
    before.set(candidate.chain, right);
    if (previous === undefined || previous === null || right === null) continue;
    if (previous) {
      flips.fromRight++;
      if (!right) flips.rightToWrong++;
    } else {
      flips.fromWrong++;
      if (right) flips.wrongToRight++;
    }
  }
  return flips;
}
