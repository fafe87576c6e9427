/**
 * The compute-optimal choice: the best strategy for each (bin, budget), by two-fold
 * cross-validation inside the bin (Snell et al. 2024, section 3.2): chosen on one fold, measured on
 * the other, swapped and averaged. Pure.
 */
import { hashText, rootStream, StreamRandom } from '../shared/random.ts';
import {
  bootstrapMean,
  mean,
  pairedDifference,
  quantile,
  type Estimate,
} from '../shared/statistics.ts';
import type { Binning } from './difficulty.ts';
import { correctByProblem } from './points.ts';
import type { SweepResult } from './sweep-result.ts';

export interface BinChoice {
  readonly bin: number;
  readonly budget: number;
  /** Best over the whole bin: what `auto` uses. Ties go to the strategy named first. */
  readonly strategy: string;
  /** What was chosen with one half of the problems unseen. */
  readonly byFold: readonly [string, string];
  /** Measured on the unseen halves. */
  readonly accuracy: number;
  readonly problems: number;
}

export interface OptimalPoint extends Estimate {
  readonly budget: number;
  readonly problems: number;
}

export interface ComputeOptimal {
  readonly choices: readonly BinChoice[];
  /** The curve over all bins. Estimating the difficulty is not in the budget, as in the paper. */
  readonly points: readonly OptimalPoint[];
  /** Right or wrong of each problem under the strategy chosen without it, by budget. */
  readonly values: ReadonlyMap<number, ReadonlyMap<string, readonly number[]>>;
}

/** Problems that some strategy lacks at a budget are left out at that budget. */
export function computeOptimal(
  results: readonly SweepResult[],
  binning: Binning,
  strategies: readonly string[],
): ComputeOptimal {
  const budgets = [...new Set(results.map(({ budget }) => budget))].sort((a, b) => a - b);
  const choices: BinChoice[] = [];
  const values = new Map<number, Map<string, readonly number[]>>();
  for (const budget of budgets) {
    const table = strategies.map((strategy) =>
      correctByProblem(results.filter((one) => one.budget === budget && one.strategy === strategy)),
    );
    const own = new Map<string, readonly number[]>();
    for (let bin = 1; bin <= binning.sizes.length; bin++) {
      const ids = [...binning.bins]
        .filter(([id, at]) => at === bin && table.every((column) => column.has(id)))
        .map(([id]) => id);
      if (ids.length < 2) continue;
      choices.push(chooseInBin({ bin, budget, ids, table, strategies, own }));
    }
    values.set(budget, own);
  }
  const points = [...values].map(([budget, own]): OptimalPoint => {
    return { budget, problems: own.size, ...bootstrapMean([...own.values()], 1) };
  });
  return { choices, points, values };
}

interface BinTable {
  readonly bin: number;
  readonly budget: number;
  readonly ids: readonly string[];
  /** By strategy, then problem. */
  readonly table: readonly ReadonlyMap<string, readonly number[]>[];
  readonly strategies: readonly string[];
  /** Receives the values measured on unseen problems. */
  readonly own: Map<string, readonly number[]>;
}

function chooseInBin({ bin, budget, ids, table, strategies, own }: BinTable): BinChoice {
  const folds = twoFolds(ids);
  const chosen = folds.map((unseen) => {
    const seen = ids.filter((id) => !unseen.includes(id));
    return bestStrategy(table, seen);
  });
  const accuracies = folds.map((unseen, fold) => {
    const column = table[chosen[fold]];
    for (const id of unseen) own.set(id, column.get(id) ?? []);
    return accuracyOn(column, unseen);
  });
  return {
    bin,
    budget,
    strategy: strategies[bestStrategy(table, ids)],
    byFold: [strategies[chosen[0]], strategies[chosen[1]]],
    accuracy: mean(accuracies),
    problems: ids.length,
  };
}

/** Halves of equal size, by a hash so that the order of the set does not matter. */
function twoFolds(ids: readonly string[]): [string[], string[]] {
  const shuffled = [...ids].sort((a, b) => hashText(a) - hashText(b) || (a < b ? -1 : 1));
  const middle = shuffled.length >> 1;
  return [shuffled.slice(0, middle), shuffled.slice(middle)];
}

function bestStrategy(
  table: readonly ReadonlyMap<string, readonly number[]>[],
  ids: readonly string[],
): number {
  const accuracies = table.map((column) => accuracyOn(column, ids));
  return accuracies.indexOf(Math.max(...accuracies));
}

function accuracyOn(
  column: ReadonlyMap<string, readonly number[]>,
  ids: readonly string[],
): number {
  return mean(ids.map((id) => mean(column.get(id) ?? [0])));
}

export interface Saving {
  /** Generations of the baseline, of the cheaper curve at the same accuracy, and their ratio. */
  readonly baselineBudget: number;
  readonly budget: number;
  readonly ratio: number;
}

/**
 * "4 times fewer generations": the generations at which `curve` reaches the accuracy that the
 * baseline has at its largest budget, between measured budgets by a straight line over log N.
 * null where it never gets there.
 */
export function savingAt(
  baseline: { budget: number; accuracy: number },
  curve: readonly { budget: number; accuracy: number }[],
): Saving | null {
  const points = [...curve].sort((a, b) => a.budget - b.budget);
  const at = points.findIndex((point) => point.accuracy >= baseline.accuracy);
  if (at < 0) return null;
  let budget = points[at].budget;
  if (at > 0) {
    const [below, above] = [points[at - 1], points[at]];
    const share = (baseline.accuracy - below.accuracy) / (above.accuracy - below.accuracy);
    budget = below.budget * (above.budget / below.budget) ** share;
  }
  return { baselineBudget: baseline.budget, budget, ratio: baseline.budget / budget };
}

/**
 * The ratio of `savingAt` with a 95 % bootstrap interval over problems: curve and baseline are drawn
 * together. A draw in which the curve never gets there counts as ratio 0.
 */
export function savingInterval(
  optimal: ComputeOptimal,
  baseline: ReadonlyMap<string, readonly number[]>,
  baselineBudget: number,
  rounds = 500,
): { low: number; high: number } | null {
  const ids = [...baseline.keys()].filter((id) =>
    [...optimal.values.values()].every((own) => own.has(id)),
  );
  if (ids.length === 0) return null;
  const meansOf = (column: ReadonlyMap<string, readonly number[]>) =>
    ids.map((id) => mean(column.get(id) ?? [0]));
  const fixed = meansOf(baseline);
  const curves = [...optimal.values].map(([budget, own]) => ({ budget, means: meansOf(own) }));
  const random = new StreamRandom(rootStream(1, 'saving'));
  const ratios = Array.from({ length: rounds }, () => {
    const draw = ids.map(() => random.integer(0, ids.length - 1));
    const average = (values: readonly number[]) => mean(draw.map((at) => values[at]));
    const curve = curves.map(({ budget, means }) => ({ budget, accuracy: average(means) }));
    return savingAt({ budget: baselineBudget, accuracy: average(fixed) }, curve)?.ratio ?? 0;
  }).sort((a, b) => a - b);
  return { low: quantile(ratios, 0.025), high: quantile(ratios, 0.975) };
}

/** How the chosen strategies differ from one fixed strategy at a budget, on the same problems. */
export function gainOver(
  optimal: ComputeOptimal,
  results: readonly SweepResult[],
  fixed: { strategy: string; budget: number },
) {
  const baseline = correctByProblem(
    results.filter((one) => one.strategy === fixed.strategy && one.budget === fixed.budget),
  );
  return pairedDifference(baseline, optimal.values.get(fixed.budget) ?? new Map(), 1);
}
