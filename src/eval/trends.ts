/** Over-optimisation by numbers: the verifier is happier and fewer answers are right. Pure. */
import { mean, type PairedDifference } from '../shared/statistics.ts';
import { compare, type SweepPoint } from './points.ts';
import type { SweepResult } from './sweep-result.ts';

/** From one budget to the next larger one the score rose and accuracy fell. */
export interface ScoreTrend {
  readonly strategy: string;
  readonly from: number;
  readonly to: number;
  /** Mean verifier score of the chosen solutions, at both. */
  readonly scores: readonly [number, number];
  readonly accuracy: PairedDifference;
}

export function scoreTrends(
  results: readonly SweepResult[],
  points: readonly SweepPoint[],
): ScoreTrend[] {
  const trends: ScoreTrend[] = [];
  for (const [at, point] of points.entries()) {
    const before = points[at - 1];
    if (before === undefined || before.strategy !== point.strategy) continue;
    const scores = [meanScore(results, before), meanScore(results, point)] as const;
    if (scores[0] === null || scores[1] === null || scores[1] <= scores[0]) continue;
    const accuracy = compare(results, before, point);
    if (accuracy.problems === 0 || accuracy.mean >= 0) continue;
    const { strategy, budget } = point;
    trends.push({
      strategy,
      from: before.budget,
      to: budget,
      scores: [scores[0], scores[1]],
      accuracy,
    });
  }
  return trends;
}

function meanScore(results: readonly SweepResult[], point: SweepPoint): number | null {
  const scores = results.flatMap(({ strategy, budget, score }) =>
    strategy === point.strategy && budget === point.budget && typeof score === 'number'
      ? [score]
      : [],
  );
  return scores.length === 0 ? null : mean(scores);
}
