/**
 * Accuracy at smaller N from one large set of independent samples (best-of-n, majority, and DVTS in
 * whole subtrees). Beam search and lookahead are different searches at each N and must be rerun.
 */
import { mean } from '../shared/statistics.ts';
import type { Selection } from '../shared/run-config.ts';
import { selectAnswer, type ScoredSolution } from '../verify/select.ts';

export interface GradedSolution extends ScoredSolution {
  readonly correct: boolean | null;
}

/**
 * Share of disjoint blocks of `size` neighbouring samples whose selected answer is right. Blocks,
 * not random subsets, keep the estimates independent. null with fewer samples than one block.
 */
export function subsampleAccuracy(
  samples: readonly GradedSolution[],
  size: number,
  selection: Selection,
): number | null {
  const blocks = Math.floor(samples.length / size);
  if (blocks === 0) return null;
  return mean(
    Array.from({ length: blocks }, (_, at) => {
      const block = samples.slice(at * size, (at + 1) * size);
      const { candidate } = selectAnswer(block, selection);
      return candidate !== null && block[candidate].correct ? 1 : 0;
    }),
  );
}
