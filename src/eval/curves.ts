/**
 * What a finished sweep says, compact enough to ship with the page (`public/curves`): points with
 * bands, paired differences, accuracy by difficulty, pass@k, the compute-optimal choice. Pure.
 */
import { addLedgers, EMPTY_LEDGER, type Ledger } from '../shared/ledger.ts';
import { meanPassAtK, type PairedDifference } from '../shared/statistics.ts';
import {
  computeOptimal,
  gainOver,
  optimalSavings,
  type ComputeOptimal,
} from './compute-optimal.ts';
import {
  binByEase,
  DIFFICULTY_KINDS,
  easeOf,
  QUICK_SAMPLES,
  type Binning,
  type Difficulty,
  type DifficultyKind,
} from './difficulty.ts';
import {
  compare,
  correctAt,
  differencesBetween,
  pointsOf,
  type PointName,
  type SweepPoint,
} from './points.ts';
import { savingsOf, type Saving } from './saving.ts';
import type { SweepResult } from './sweep-result.ts';
import { scoreTrends, type ScoreTrend } from './trends.ts';

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

export interface PassPoint {
  readonly k: number;
  readonly value: number;
  /** Problems, and the mean cost of k of the samples. */
  readonly problems: number;
  readonly ledger: Ledger;
}

export interface Curves extends CurvesMeta {
  readonly format: 'overthink-curves';
  readonly version: 2;
  readonly seeds: readonly number[];
  readonly points: readonly SweepPoint[];
  /** The same of each family; empty where families are not known. */
  readonly byFamily: readonly FamilyCurves[];
  /** Strategy minus the one it is compared with, over the same problems and seeds. */
  readonly comparisons: readonly Comparison[];
  /** Generations that a strategy needs for what best-of-n has at its reference budget. */
  readonly savings: readonly StrategySaving[];
  /** Of best-of-n and the like read out of larger runs: runs of their own, with other seeds, minus
   * those; empty where nobody ran them. */
  readonly separate: readonly SeparateDifference[];
  /** Unbiased, over the independent samples of the largest best-of-n runs; k up to their number. */
  readonly passAtK: readonly PassPoint[];
  readonly byDifficulty: readonly DifficultyCurves[];
  /** Share of runs whose chosen solution shows a symptom of over-optimisation. */
  readonly flags: readonly { strategy: string; budget: number; flag: string; share: number }[];
  readonly trends: readonly ScoreTrend[];
  /** Results that carry samples and flags; compact files have none. */
  readonly detailed: number;
  /** What a larger policy answers greedily on the same problems; null where nobody measured it. */
  readonly larger: LargerPolicy | null;
}

export interface FamilyCurves {
  readonly family: string;
  readonly points: readonly SweepPoint[];
  /** Strategy minus best-of-n weighted, over the family's problems. */
  readonly comparisons: readonly Comparison[];
}

export type SeparateDifference = PointName & PairedDifference;

export interface StrategySaving {
  readonly strategy: string;
  readonly saving: Saving;
}

export interface LargerPolicy {
  readonly label: string;
  /** Parameters of the larger policy over those of the small one; null where unknown. */
  readonly modelRatio: number | null;
  readonly results: readonly Pick<SweepResult, 'id' | 'correct' | 'seed'>[];
}

export interface DifficultyCurves {
  readonly kind: DifficultyKind;
  /** Where the samples come from, and whether they are others than those that are compared. */
  readonly source: string;
  readonly independent: boolean;
  /** Mean number of samples of a problem, and what they cost. */
  readonly samples: number;
  readonly cost: Ledger;
  readonly thresholds: readonly number[];
  readonly sizes: readonly number[];
  readonly meanEase: readonly number[];
  /** Problems of each bin, so that other results can be read by the same bins. */
  readonly members: readonly (readonly string[])[];
  /** Accuracy in each bin, 1 (easiest) first; `bins` are the same points whole. */
  readonly points: readonly { bin: number; strategy: string; budget: number; accuracy: number }[];
  readonly bins: readonly (readonly SweepPoint[])[];
  readonly optimal: Pick<ComputeOptimal, 'choices' | 'points'>;
  /** Compute-optimal minus best-of-n weighted at each budget. */
  readonly gains: readonly Comparison[];
  /** Generations that the compute-optimal curve needs for what best-of-n has at its reference
   * budget, without and with the generations of the estimate. */
  readonly saving: { readonly free: Saving; readonly charged: Saving } | null;
}

/** The budget whose accuracy is to be had for less (Snell et al. 2024: 64 generations). */
const REFERENCE_BUDGET = 64;

const REFERENCE = 'best-of-n';

interface CurvesExtras {
  readonly larger?: LargerPolicy | null;
  /** The same measured with runs of their own for every budget. */
  readonly separate?: readonly SweepResult[];
  /** Problem id to family. */
  readonly families?: ReadonlyMap<string, string>;
}

/** `difficulty` is read from the results themselves where no independent samples are given. */
export function curvesOf(
  results: readonly SweepResult[],
  difficulty: Difficulty,
  meta: CurvesMeta,
  { larger = null, separate = [], families = new Map() }: CurvesExtras = {},
): Curves {
  const points = pointsOf(results);
  const kinds = DIFFICULTY_KINDS.flatMap((kind) => {
    const curves = difficultyCurves(results, points, difficulty, kind);
    return curves === null ? [] : [curves];
  });
  return {
    format: 'overthink-curves',
    version: 2,
    ...meta,
    seeds: [...new Set(results.map(({ seed }) => seed))].sort((a, b) => a - b),
    points,
    byFamily: [...new Set(families.values())].sort().map((family) =>
      familyCurves(
        family,
        results.filter(({ id }) => families.get(id) === family),
      ),
    ),
    comparisons: comparisonsOf(results, points),
    savings: strategySavings(results, points),
    separate: differencesBetween(results, separate),
    passAtK: passAtKCurve(results),
    byDifficulty: kinds,
    flags: flagShares(results),
    trends: scoreTrends(results, points),
    detailed: results.filter(({ details }) => details !== undefined).length,
    larger,
  };
}

function familyCurves(family: string, results: readonly SweepResult[]): FamilyCurves {
  const points = pointsOf(results);
  return { family, points, comparisons: comparisonsOf(results, points, [REFERENCE]) };
}

function comparisonsOf(
  results: readonly SweepResult[],
  points: readonly SweepPoint[],
  references: readonly string[] = ['greedy', REFERENCE],
): Comparison[] {
  return points.flatMap(({ strategy, budget }) =>
    references
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
export function passAtKCurve(results: readonly SweepResult[]): PassPoint[] {
  const own = results.filter(
    ({ strategy, details }) =>
      strategy === REFERENCE && typeof details?.correctSamples === 'number',
  );
  const largest = Math.max(0, ...own.map(({ budget }) => budget));
  const byProblem = new Map<string, { samples: number; correct: number }>();
  let spent = EMPTY_LEDGER;
  for (const { id, budget, details, ledger } of own) {
    if (budget !== largest || details === undefined) continue;
    const sum = byProblem.get(id) ?? { samples: 0, correct: 0 };
    byProblem.set(id, {
      samples: sum.samples + details.samples,
      correct: sum.correct + (details.correctSamples ?? 0),
    });
    spent = addLedgers(spent, ledger);
  }
  const curve: PassPoint[] = [];
  for (let k = 1; k <= largest; k *= 2) {
    const value = meanPassAtK([...byProblem.values()], k);
    if (value === null) continue;
    curve.push({ k, value, problems: byProblem.size, ledger: shareOfSamples(spent, k) });
  }
  return curve;
}

/** Of k samples, without a verifier: there is none to pay. */
function shareOfSamples(spent: Ledger, k: number): Ledger {
  const share = k / Math.max(1, spent.generations);
  return {
    ...EMPTY_LEDGER,
    generations: k,
    policyTokens: spent.policyTokens * share,
    prefillTokens: spent.prefillTokens * share,
    flopsExecuted: spent.flopsExecuted * share,
    flopsNominal: spent.flopsNominal * share,
    elapsedMs: spent.elapsedMs * share,
  };
}

function difficultyCurves(
  results: readonly SweepResult[],
  points: readonly SweepPoint[],
  difficulty: Difficulty,
  kind: DifficultyKind,
): DifficultyCurves | null {
  const measured = new Set(results.map(({ id }) => id));
  const ease = new Map([...easeOf(difficulty, kind)].filter(([id]) => measured.has(id)));
  if (ease.size < 10) return null;
  const binning = binByEase(ease);
  const choosable = choosableStrategies(points);
  const optimal = computeOptimal(results, binning, choosable);
  const members = membersOf(binning);
  const bins = members.map((ids) => {
    const own = new Set(ids);
    return pointsOf(results.filter(({ id }) => own.has(id)));
  });
  const cost = difficulty.cost[kind];
  const samples = difficulty.problems.reduce((sum, problem) => sum + problem.samples, 0);
  return {
    kind,
    source: difficulty.label,
    independent: difficulty.independent,
    samples: kind === 'quick' ? QUICK_SAMPLES : samples / difficulty.problems.length,
    cost,
    thresholds: binning.thresholds,
    sizes: binning.sizes,
    meanEase: binning.meanEase,
    members,
    points: bins.flatMap((own, at) =>
      own.flatMap(({ strategy, budget, accuracy }) =>
        accuracy === null ? [] : [{ bin: at + 1, strategy, budget, accuracy }],
      ),
    ),
    bins,
    optimal: { choices: optimal.choices, points: optimal.points },
    gains: optimal.points
      .filter(({ budget }) => hasPoint(points, REFERENCE, budget))
      .map(({ budget }): Comparison => {
        const gain = gainOver(optimal, results, { strategy: REFERENCE, budget });
        return { strategy: 'compute-optimal', against: REFERENCE, budget, ...gain };
      }),
    saving: savingOver(results, points, binning, choosable, cost),
  };
}

/** Among which to choose: neither what takes no budget nor what chooses itself. */
export function choosableStrategies(points: readonly { readonly strategy: string }[]): string[] {
  const names = [...new Set(points.map(({ strategy }) => strategy))];
  return names.filter((name) => name !== 'greedy' && !name.startsWith('auto'));
}

function membersOf(binning: Binning): string[][] {
  return binning.sizes.map((_, at) =>
    [...binning.bins].filter(([, bin]) => bin === at + 1).map(([id]) => id),
  );
}

function savingOver(
  results: readonly SweepResult[],
  points: readonly SweepPoint[],
  binning: Binning,
  strategies: readonly string[],
  cost: Ledger,
): DifficultyCurves['saving'] {
  const budgets = referenceBudgets(points);
  const most = referenceBudget(budgets);
  if (most === null) return null;
  const own = results.filter(({ budget }) => budgets.includes(budget));
  const baseline = { strategy: REFERENCE, budget: most };
  return optimalSavings(own, binning, strategies, baseline, cost.generations);
}

/** Budgets at which the reference was measured. */
function referenceBudgets(points: readonly SweepPoint[]): number[] {
  return points
    .filter(({ strategy, accuracy }) => strategy === REFERENCE && accuracy !== null)
    .map(({ budget }) => budget);
}

function referenceBudget(budgets: readonly number[]): number | null {
  const within = budgets.filter((budget) => budget <= REFERENCE_BUDGET);
  return within.length === 0 ? null : Math.max(...within);
}

/** Of every strategy with a curve, over the problems that it and the reference have everywhere. */
function strategySavings(
  results: readonly SweepResult[],
  points: readonly SweepPoint[],
): StrategySaving[] {
  const most = referenceBudget(referenceBudgets(points));
  if (most === null) return [];
  const baseline = correctAt(results, { strategy: REFERENCE, budget: most });
  const names = [...new Set(points.map(({ strategy }) => strategy))];
  return names.flatMap((strategy): StrategySaving[] => {
    const budgets = points.filter((one) => one.strategy === strategy).map(({ budget }) => budget);
    if (strategy === 'greedy' || budgets.length < 2) return [];
    const columns = budgets.map((budget) => [correctAt(results, { strategy, budget })]);
    const ids = [...baseline.keys()].filter((id) => columns.every(([own]) => own.has(id)));
    if (ids.length < 2) return [];
    // Nothing is chosen, so the halves do not matter.
    const pairs = [{ bin: 1, folds: [ids, []] as const }];
    const question = { pairs, budgets, columns, baseline, baselineBudget: most, extra: [0] };
    return [{ strategy, saving: savingsOf(question)[0] }];
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
