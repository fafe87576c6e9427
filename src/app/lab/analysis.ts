/**
 * Everything the Lab shows about a set of results. Pure, and slow for large sweeps (bootstraps), so
 * the page runs it in a worker (`analyst.ts`).
 */
import { binByEase, easeOf, type Binning, type DifficultyKind } from '../../eval/difficulty.ts';
import { curvesOf, type Curves, type DifficultyCurves } from '../../eval/curves.ts';
import { compare, meanLedger, pointsOf, type SweepPoint } from '../../eval/points.ts';
import type { SweepResult } from '../../eval/sweep-result.ts';
import { addLedgers, EMPTY_LEDGER, type Ledger } from '../../shared/ledger.ts';
import { mean, type PairedDifference } from '../../shared/statistics.ts';
import type { CurvePoint } from '../charts/series.ts';

export interface LabAnalysis {
  readonly curves: Curves;
  readonly difficulty: readonly DifficultyAnalysis[];
  readonly passAtK: readonly CurvePoint[];
  readonly overOptimised: readonly ScoreTrend[];
  /** Results that carry samples and flags; files of `eval` without `--details` have none. */
  readonly detailed: number;
}

export interface DifficultyAnalysis {
  readonly curves: DifficultyCurves;
  /** By bin, the easiest first. */
  readonly bins: readonly (readonly CurvePoint[])[];
  /** Problems of each bin, so that other results can be read by the same bins. */
  readonly members: readonly (readonly string[])[];
  /** The compute-optimal curve, without and with the samples that difficulty was read from. */
  readonly optimal: readonly CurvePoint[];
  readonly charged: readonly CurvePoint[];
  readonly cost: Ledger;
}

/** From one budget to the next larger one the verifier was happier and fewer answers were right. */
export interface ScoreTrend {
  readonly strategy: string;
  readonly from: number;
  readonly to: number;
  /** Mean verifier score of the chosen solutions, at both. */
  readonly scores: readonly [number, number];
  readonly accuracy: PairedDifference;
}

export function analyse(results: readonly SweepResult[], label: string): LabAnalysis {
  const meta = { label, measuredAt: '', revision: '', models: {} };
  const curves = curvesOf(results, meta);
  return {
    curves,
    difficulty: curves.byDifficulty.map((own) => difficultyOf(results, own)),
    passAtK: curves.passAtK.map(({ k, value }) => passPoint(k, value, results)),
    overOptimised: scoreTrends(results, curves.points),
    detailed: results.filter(({ details }) => details !== undefined).length,
  };
}

/** Points with a known truth, as charts take them. */
export function curvePoints(points: readonly SweepPoint[]): CurvePoint[] {
  return points.flatMap(({ strategy, budget, accuracy, low, high, problems, seeds, ledger }) =>
    accuracy === null || low === null || high === null
      ? []
      : [{ strategy, budget, value: accuracy, low, high, runs: problems * seeds, ledger }],
  );
}

function difficultyOf(
  results: readonly SweepResult[],
  curves: DifficultyCurves,
): DifficultyAnalysis {
  const binning = binByEase(easeOf(results, curves.kind));
  const members = curves.sizes.map((_, at) =>
    [...binning.bins].filter(([, bin]) => bin === at + 1).map(([id]) => id),
  );
  const cost = estimationCost(results, curves.kind);
  const optimal = optimalCurve(results, binning, curves);
  return {
    curves,
    bins: members.map((ids) => curvePoints(pointsOf(resultsOf(results, ids)))),
    members,
    optimal,
    charged: optimal.map((point) => ({
      ...point,
      strategy: 'compute-optimal:charged',
      ledger: addLedgers(point.ledger, cost),
    })),
    cost,
  };
}

export function resultsOf(results: readonly SweepResult[], ids: readonly string[]): SweepResult[] {
  const own = new Set(ids);
  return results.filter(({ id }) => own.has(id));
}

/**
 * What estimating the difficulty of one problem cost: all its independent samples. Rules that read
 * the same run pay once; predicted difficulty pays the verifier, oracle difficulty does not.
 */
export function estimationCost(results: readonly SweepResult[], kind: DifficultyKind): Ledger {
  const runs = new Map<string, { id: string; ledger: Ledger }>();
  for (const { id, strategy, budget, seed, ledger, details } of results) {
    if (details === undefined || strategy.split(':')[0] !== 'best-of-n') continue;
    const key = JSON.stringify([id, budget, seed]);
    const known = runs.get(key);
    const better =
      known === undefined ||
      (kind === 'oracle'
        ? ledger.verifierTokens < known.ledger.verifierTokens
        : ledger.verifierTokens > known.ledger.verifierTokens);
    if (better) runs.set(key, { id, ledger });
  }
  const byProblem = new Map<string, Ledger>();
  for (const { id, ledger } of runs.values()) {
    byProblem.set(id, addLedgers(byProblem.get(id) ?? EMPTY_LEDGER, ledger));
  }
  return meanLedger([...byProblem.values()]);
}

/** Compute of the strategies that were chosen, over the problems for which they were. */
function optimalCurve(
  results: readonly SweepResult[],
  binning: Binning,
  { optimal }: DifficultyCurves,
): CurvePoint[] {
  const chosen = new Map(
    optimal.choices.map(({ bin, budget, strategy }) => [`${bin} ${budget}`, strategy]),
  );
  return optimal.points
    .filter(({ problems }) => problems > 0)
    .map(({ budget, problems, mean: value, low, high }) => {
      const own = results.filter(
        (one) =>
          one.budget === budget &&
          one.strategy === chosen.get(`${binning.bins.get(one.id) ?? 0} ${budget}`),
      );
      const seeds = new Set(own.map(({ seed }) => seed)).size;
      const ledger = meanLedger(own.map((one) => one.ledger));
      const strategy = 'compute-optimal';
      return { strategy, budget, value, low, high, runs: problems * seeds, ledger };
    });
}

/** The ceiling of any selection rule; its compute is that of k independent samples. */
function passPoint(k: number, value: number, results: readonly SweepResult[]): CurvePoint {
  const own = results.filter((one) => one.strategy === 'best-of-n');
  const generations = own.reduce((sum, { ledger }) => sum + ledger.generations, 0);
  const whole = own.map(({ ledger }) => ledger).reduce(addLedgers, EMPTY_LEDGER);
  const per = k / Math.max(1, generations);
  const ledger: Ledger = {
    ...EMPTY_LEDGER,
    generations: k,
    policyTokens: whole.policyTokens * per,
    flopsExecuted: whole.flopsExecuted * per,
    flopsNominal: whole.flopsNominal * per,
    elapsedMs: whole.elapsedMs * per,
  };
  const runs = new Set(own.map(({ id }) => id)).size;
  // No interval: the estimator is unbiased, its spread is not estimated here.
  return { strategy: 'pass@k', budget: k, value, low: value, high: value, runs, ledger };
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
