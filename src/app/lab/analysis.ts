/**
 * Everything the Lab shows about a set of results. Pure, and slow for large sweeps (bootstraps), so
 * the page runs it in a worker (`analyst.ts`). The same numbers come from a shipped file of curves.
 */
import { curvesOf, type Curves, type DifficultyCurves } from '../../eval/curves.ts';
import { difficultyOf, type Difficulty } from '../../eval/difficulty.ts';
import type { SweepPoint } from '../../eval/points.ts';
import type { SweepResult } from '../../eval/sweep-result.ts';
import { addLedgers } from '../../shared/ledger.ts';
import type { CurvePoint } from '../charts/series.ts';

export interface LabAnalysis {
  readonly curves: Curves;
  readonly difficulty: readonly DifficultyAnalysis[];
  readonly passAtK: readonly CurvePoint[];
}

export interface DifficultyAnalysis {
  readonly curves: DifficultyCurves;
  /** By bin, the easiest first. */
  readonly bins: readonly (readonly CurvePoint[])[];
  /** The compute-optimal curve, without and with the samples that difficulty was read from. */
  readonly optimal: readonly CurvePoint[];
  readonly charged: readonly CurvePoint[];
}

/** `difficulty`: from independent samples; null reads it from the results themselves. */
export function analyse(
  results: readonly SweepResult[],
  label: string,
  difficulty: Difficulty | null,
): LabAnalysis {
  const meta = { label, measuredAt: '', revision: '', models: {} };
  const own = difficulty ?? difficultyOf(results, results, meta);
  return analysisOf(curvesOf(results, own, meta));
}

export function analysisOf(curves: Curves): LabAnalysis {
  return {
    curves,
    difficulty: curves.byDifficulty.map(difficultyAnalysis),
    passAtK: curves.passAtK.map(({ k, value, problems, ledger }) => ({
      // No interval: the estimator is unbiased, its spread is not estimated here.
      ...{ strategy: 'pass@k', budget: k, value, low: value, high: value },
      ...{ runs: problems, ledger },
    })),
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

function difficultyAnalysis(curves: DifficultyCurves): DifficultyAnalysis {
  const optimal = curves.optimal.points.map(
    ({ budget, mean: value, low, high, problems, seeds, ledger }): CurvePoint => ({
      ...{ strategy: 'compute-optimal', budget, value, low, high },
      ...{ runs: problems * seeds, ledger },
    }),
  );
  return {
    curves,
    bins: curves.bins.map(curvePoints),
    optimal,
    charged: optimal.map((point) => ({
      ...point,
      strategy: 'compute-optimal:charged',
      ledger: addLedgers(point.ledger, curves.cost),
    })),
  };
}

export function resultsOf<T extends { readonly id: string }>(
  results: readonly T[],
  ids: readonly string[],
): T[] {
  const own = new Set(ids);
  return results.filter(({ id }) => own.has(id));
}
