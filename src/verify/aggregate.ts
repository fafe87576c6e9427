import type { Aggregation } from '../shared/run-config.ts';

/**
 * Step scores to one score (algorithms.md, "Selecting one answer"). null where there is nothing to
 * aggregate: such a solution was never scored, which is not the same as a score of 0.
 */
export function aggregate(stepScores: readonly number[], how: Aggregation): number | null {
  if (stepScores.length === 0) return null;
  switch (how) {
    case 'last':
      return stepScores[stepScores.length - 1];
    case 'min':
      return Math.min(...stepScores);
    case 'product':
      return stepScores.reduce((product, score) => product * score, 1);
    case 'mean':
      return stepScores.reduce((sum, score) => sum + score, 0) / stepScores.length;
  }
}
