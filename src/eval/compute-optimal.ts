/**
 * The compute-optimal choice: the best strategy for each (bin, budget), by two-fold
 * cross-validation inside the bin (Snell et al. 2024, section 3.2): chosen on one fold, measured on
 * the other, swapped and averaged. Pure.
 */
import type { Ledger } from '../shared/ledger.ts';
import { hashText } from '../shared/random.ts';
import { bootstrapMean, mean, pairedDifference, type Estimate } from '../shared/statistics.ts';
import type { Binning } from './difficulty.ts';
import { correctAt, correctByProblem, meanLedger } from './points.ts';
import { savingsOf, type Saving } from './saving.ts';
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
  readonly seeds: number;
  /** Mean of a run of the strategies that were chosen. */
  readonly ledger: Ledger;
}

export interface ComputeOptimal {
  readonly choices: readonly BinChoice[];
  /** The curve over all bins. Estimating the difficulty is not in the budget, as in the paper. */
  readonly points: readonly OptimalPoint[];
  /** Right or wrong of each problem under the strategy chosen without it, by budget. */
  readonly values: ReadonlyMap<number, ReadonlyMap<string, readonly number[]>>;
}

/** Which strategy of those measured at a budget is best in each bin. Problems that one of them lacks
 * are left out there. */
export function chooseByBin(
  results: readonly SweepResult[],
  binning: Binning,
  strategies: readonly string[],
): Pick<ComputeOptimal, 'choices' | 'values'> {
  const budgets = [...new Set(results.map(({ budget }) => budget))].sort((a, b) => a - b);
  const choices: BinChoice[] = [];
  const values = new Map<number, Map<string, readonly number[]>>();
  for (const budget of budgets) {
    const at = results.filter((one) => one.budget === budget);
    const measured = strategies.filter((name) => at.some(({ strategy }) => strategy === name));
    const table = measured.map((name) =>
      correctByProblem(at.filter(({ strategy }) => strategy === name)),
    );
    const own = new Map<string, readonly number[]>();
    for (let bin = 1; bin <= binning.sizes.length && table.length > 0; bin++) {
      const ids = [...binning.bins]
        .filter(([id, place]) => place === bin && table.every((column) => column.has(id)))
        .map(([id]) => id);
      if (ids.length < 2) continue;
      choices.push(chooseInBin({ bin, budget, ids, table, strategies: measured, own }));
    }
    values.set(budget, own);
  }
  return { choices, values };
}

/** The choices, and the curve that they make. */
export function computeOptimal(
  results: readonly SweepResult[],
  binning: Binning,
  strategies: readonly string[],
): ComputeOptimal {
  const { choices, values } = chooseByBin(results, binning, strategies);
  const points = [...values].map(([budget, own]): OptimalPoint => {
    const estimate = bootstrapMean([...own.values()], 1);
    return {
      budget,
      problems: own.size,
      ...estimate,
      ...chosenRuns(results, binning, choices, budget),
    };
  });
  return { choices, points: points.filter(({ problems }) => problems > 0), values };
}

/** What the chosen strategies cost, over the problems of their bins. */
function chosenRuns(
  results: readonly SweepResult[],
  binning: Binning,
  choices: readonly BinChoice[],
  budget: number,
): { ledger: Ledger; seeds: number } {
  const chosen = new Map(
    choices.filter((one) => one.budget === budget).map(({ bin, strategy }) => [bin, strategy]),
  );
  const own = results.filter(
    (one) => one.budget === budget && one.strategy === chosen.get(binning.bins.get(one.id) ?? 0),
  );
  const seeds = new Set(own.map(({ seed }) => seed)).size;
  return { ledger: meanLedger(own.map(({ ledger }) => ledger)), seeds };
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

/** The saving over `baseline` without and with `cost` generations for the estimate, over the
 * problems that every strategy has at every budget where it was measured. null where there are none. */
export function optimalSavings(
  results: readonly SweepResult[],
  binning: Binning,
  strategies: readonly string[],
  baseline: { strategy: string; budget: number },
  cost: number,
): { free: Saving; charged: Saving } | null {
  const budgets = [...new Set(results.map(({ budget }) => budget))].sort((a, b) => a - b);
  const columns = budgets.map((budget) =>
    strategies
      .map((strategy) => correctAt(results, { strategy, budget }))
      .filter(({ size }) => size > 0),
  );
  const fixed = correctAt(results, baseline);
  const complete = (id: string) => fixed.has(id) && columns.flat().every((one) => one.has(id));
  const pairs = binning.sizes.flatMap((_, at) => {
    const ids = [...binning.bins].filter(([id, bin]) => bin === at + 1 && complete(id));
    const folds = twoFolds(ids.map(([id]) => id));
    return ids.length < 2 ? [] : [{ bin: at + 1, folds }];
  });
  if (pairs.length === 0) return null;
  const [free, charged] = savingsOf({
    pairs,
    budgets,
    columns,
    baseline: fixed,
    baselineBudget: baseline.budget,
    extra: [0, cost],
  });
  return { free, charged };
}

/** How the chosen strategies differ from one fixed strategy at a budget, on the same problems. */
export function gainOver(
  optimal: ComputeOptimal,
  results: readonly SweepResult[],
  fixed: { strategy: string; budget: number },
) {
  const baseline = correctAt(results, fixed);
  return pairedDifference(baseline, optimal.values.get(fixed.budget) ?? new Map(), 1);
}
