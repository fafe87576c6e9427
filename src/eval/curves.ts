/**
 * What a finished sweep says, compact enough to ship with the page (`public/curves`): points with
 * bands, paired differences, accuracy by difficulty, pass@k, the compute-optimal choice. Pure.
 */
import { meanPassAtK, type PairedDifference } from '../shared/statistics.ts';
import {
  computeOptimal,
  gainOver,
  savingAt,
  savingInterval,
  type ComputeOptimal,
  type Saving,
} from './compute-optimal.ts';
import { binByEase, easeOf, type Binning, type DifficultyKind } from './difficulty.ts';
import { compare, correctByProblem, pointsOf, type SweepPoint } from './points.ts';
import type { SweepResult } from './sweep-result.ts';

export interface CurvesMeta {
  readonly label: string;
  /** ISO date, code revision, labels of what ran. */
  readonly measuredAt: string;
  readonly revision: string;
  readonly models: Readonly<Record<string, string>>;
}

export interface Comparison extends PairedDifference {
  readonly strategy: string;
  readonly against: string;
  readonly budget: number;
}

export interface Curves extends CurvesMeta {
  readonly format: 'overthink-curves';
  readonly version: 1;
  readonly points: readonly SweepPoint[];
  /** The same of each family; empty where families are not known. */
  readonly byFamily: readonly { family: string; points: readonly SweepPoint[] }[];
  /** Strategy minus the one it is compared with, over the same problems and seeds. */
  readonly comparisons: readonly Comparison[];
  /** Unbiased, over the independent samples of the largest best-of-n runs; k up to their number. */
  readonly passAtK: readonly { k: number; value: number }[];
  readonly byDifficulty: readonly DifficultyCurves[];
  /** Share of runs whose chosen solution shows a symptom of over-optimisation. */
  readonly flags: readonly { strategy: string; budget: number; flag: string; share: number }[];
}

export interface DifficultyCurves {
  readonly kind: DifficultyKind;
  readonly thresholds: readonly number[];
  readonly sizes: readonly number[];
  readonly meanEase: readonly number[];
  /** Accuracy in each bin, 1 (easiest) first. */
  readonly points: readonly { bin: number; strategy: string; budget: number; accuracy: number }[];
  readonly optimal: Pick<ComputeOptimal, 'choices' | 'points'>;
  /** Compute-optimal minus best-of-n weighted at each budget. */
  readonly gains: readonly Comparison[];
  /** Generations that the compute-optimal curve needs for what best-of-n has at its most. */
  readonly saving: (Saving & { readonly low: number; readonly high: number }) | null;
}

const REFERENCE = 'best-of-n';

/** `families`: problem id to family. */
export function curvesOf(
  results: readonly SweepResult[],
  meta: CurvesMeta,
  families: ReadonlyMap<string, string> = new Map(),
): Curves {
  const points = pointsOf(results);
  return {
    format: 'overthink-curves',
    version: 1,
    ...meta,
    points,
    byFamily: [...new Set(families.values())].sort().map((family) => ({
      family,
      points: pointsOf(results.filter(({ id }) => families.get(id) === family)),
    })),
    comparisons: comparisonsOf(results, points),
    passAtK: passAtKCurve(results),
    byDifficulty: (['oracle', 'predicted'] as const).flatMap((kind) => {
      const curves = difficultyCurves(results, points, kind);
      return curves === null ? [] : [curves];
    }),
    flags: flagShares(results),
  };
}

function comparisonsOf(
  results: readonly SweepResult[],
  points: readonly SweepPoint[],
): Comparison[] {
  return points.flatMap(({ strategy, budget }) =>
    ['greedy', REFERENCE]
      .filter((against) => against !== strategy && hasPoint(points, against, budget))
      .map((against): Comparison => {
        const difference = compare(results, { strategy: against, budget }, { strategy, budget });
        return { strategy, against, budget, ...difference };
      }),
  );
}

function hasPoint(points: readonly SweepPoint[], strategy: string, budget: number): boolean {
  return points.some((point) => point.strategy === strategy && point.budget === budget);
}

/** Samples of all seeds together: they are independent. */
export function passAtKCurve(results: readonly SweepResult[]): { k: number; value: number }[] {
  const own = results.filter(
    ({ strategy, details }) =>
      strategy === REFERENCE && typeof details?.correctSamples === 'number',
  );
  const largest = Math.max(0, ...own.map(({ budget }) => budget));
  const byProblem = new Map<string, { samples: number; correct: number }>();
  for (const { id, budget, details } of own) {
    if (budget !== largest || details === undefined) continue;
    const sum = byProblem.get(id) ?? { samples: 0, correct: 0 };
    byProblem.set(id, {
      samples: sum.samples + details.samples,
      correct: sum.correct + (details.correctSamples ?? 0),
    });
  }
  const curve: { k: number; value: number }[] = [];
  for (let k = 1; k <= largest; k *= 2) {
    const value = meanPassAtK([...byProblem.values()], k);
    if (value !== null) curve.push({ k, value });
  }
  return curve;
}

function difficultyCurves(
  results: readonly SweepResult[],
  points: readonly SweepPoint[],
  kind: DifficultyKind,
): DifficultyCurves | null {
  const ease = easeOf(results, kind);
  if (ease.size < 10) return null;
  const binning = binByEase(ease);
  const strategies = [...new Set(points.map(({ strategy }) => strategy))];
  const choosable = strategies.filter((name) => name !== 'greedy' && !name.startsWith('auto'));
  const optimal = computeOptimal(results, binning, choosable);
  const baseline = points.filter(({ strategy }) => strategy === REFERENCE).at(-1);
  return {
    kind,
    thresholds: binning.thresholds,
    sizes: binning.sizes,
    meanEase: binning.meanEase,
    points: binPoints(results, binning),
    optimal: { choices: optimal.choices, points: optimal.points },
    gains: optimal.points
      .filter(({ budget }) => hasPoint(points, REFERENCE, budget))
      .map(({ budget }): Comparison => {
        const gain = gainOver(optimal, results, { strategy: REFERENCE, budget });
        return { strategy: 'compute-optimal', against: REFERENCE, budget, ...gain };
      }),
    saving: savingOver(results, optimal, baseline),
  };
}

function savingOver(
  results: readonly SweepResult[],
  optimal: ComputeOptimal,
  baseline: SweepPoint | undefined,
): DifficultyCurves['saving'] {
  if (baseline === undefined || baseline.accuracy === null) return null;
  const { strategy, budget, accuracy } = baseline;
  const curve = optimal.points.map((point) => ({ budget: point.budget, accuracy: point.mean }));
  const saving = savingAt({ budget, accuracy }, curve);
  const own = results.filter((one) => one.strategy === strategy && one.budget === budget);
  const interval = savingInterval(optimal, correctByProblem(own), budget);
  return saving === null || interval === null ? null : { ...saving, ...interval };
}

function binPoints(results: readonly SweepResult[], binning: Binning): DifficultyCurves['points'] {
  return binning.sizes.flatMap((_, at) => {
    const bin = at + 1;
    const own = results.filter(({ id }) => binning.bins.get(id) === bin);
    return pointsOf(own).flatMap(({ strategy, budget, accuracy }) =>
      accuracy === null ? [] : [{ bin, strategy, budget, accuracy }],
    );
  });
}

function flagShares(results: readonly SweepResult[]): Curves['flags'] {
  const runs = new Map<string, { strategy: string; budget: number; count: number }>();
  const flagged = new Map<string, number>();
  for (const { strategy, budget, details } of results) {
    if (details === undefined) continue;
    const key = `${strategy} ${budget}`;
    const run = runs.get(key) ?? { strategy, budget, count: 0 };
    runs.set(key, { ...run, count: run.count + 1 });
    for (const flag of details.flags) {
      const flagKey = `${key} ${flag}`;
      flagged.set(flagKey, (flagged.get(flagKey) ?? 0) + 1);
    }
  }
  return [...runs].flatMap(([key, { strategy, budget, count }]) =>
    ['repeated-steps', 'short-solution'].flatMap((flag) => {
      const share = (flagged.get(`${key} ${flag}`) ?? 0) / count;
      return share === 0 ? [] : [{ strategy, budget, flag, share }];
    }),
  );
}
