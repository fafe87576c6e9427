/** Results of a sweep as points of curves, with intervals (algorithms.md, "Statistics"). Pure. */
import { scaleKnown } from '../shared/known-costs.ts';
import { addLedgers, EMPTY_LEDGER, type Ledger } from '../shared/ledger.ts';
import {
  bootstrapMean,
  pairedDifference,
  wilson95,
  type PairedDifference,
} from '../shared/statistics.ts';
import type { SweepResult } from './sweep-result.ts';

export interface SweepPoint {
  readonly strategy: string;
  readonly budget: number;
  /** Distinct problems, and the most seeds any of them has. */
  readonly problems: number;
  readonly seeds: number;
  /** Share of right answers with its 95 % interval: Wilson for one seed, else a bootstrap over
   * problems, then seeds. null where no truth is known. */
  readonly accuracy: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Mean of a run. */
  readonly ledger: Ledger;
}

/** Sorted by strategy (first appearance), then budget. */
export function pointsOf(results: readonly SweepResult[]): SweepPoint[] {
  const groups = new Map<string, SweepResult[]>();
  for (const result of results) {
    const key = `${result.strategy} ${result.budget}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  const order = [...new Set(results.map(({ strategy }) => strategy))];
  return [...groups.values()]
    .map(pointOf)
    .sort((a, b) => order.indexOf(a.strategy) - order.indexOf(b.strategy) || a.budget - b.budget);
}

function pointOf(results: readonly SweepResult[]): SweepPoint {
  const { strategy, budget } = results[0];
  const values = [...correctByProblem(results).values()];
  return {
    strategy,
    budget,
    problems: new Set(results.map(({ id }) => id)).size,
    seeds: new Set(results.map(({ seed }) => seed)).size,
    ...accuracyOf(values),
    ledger: meanLedger(results.map(({ ledger }) => ledger)),
  };
}

function accuracyOf(
  values: readonly (readonly number[])[],
): Pick<SweepPoint, 'accuracy' | 'low' | 'high'> {
  if (values.length === 0) return { accuracy: null, low: null, high: null };
  if (values.every((own) => own.length === 1)) {
    const right = values.reduce((sum, [value]) => sum + value, 0);
    return { accuracy: right / values.length, ...wilson95(right, values.length) };
  }
  const { mean, low, high } = bootstrapMean(values, 1);
  return { accuracy: mean, low, high };
}

/** 1 or 0 for each seed in ascending order, by problem; problems of unknown truth are left out. */
export function correctByProblem(results: readonly SweepResult[]): Map<string, number[]> {
  const byProblem = new Map<string, number[]>();
  for (const { id, correct } of [...results].sort((a, b) => a.seed - b.seed)) {
    if (correct === null) continue;
    const values = byProblem.get(id) ?? [];
    values.push(correct ? 1 : 0);
    byProblem.set(id, values);
  }
  return byProblem;
}

/** The same of one strategy at one budget. */
export function correctAt(
  results: readonly SweepResult[],
  { strategy, budget }: PointName,
): Map<string, number[]> {
  return correctByProblem(
    results.filter((one) => one.strategy === strategy && one.budget === budget),
  );
}

export function meanLedger(ledgers: readonly Ledger[]): Ledger {
  const sum = ledgers.reduce(addLedgers, EMPTY_LEDGER);
  const share = (value: number) => value / Math.max(1, ledgers.length);
  return {
    generations: share(sum.generations),
    policyTokens: share(sum.policyTokens),
    prefillTokens: share(sum.prefillTokens),
    verifierTokens: share(sum.verifierTokens),
    flopsExecuted: share(sum.flopsExecuted),
    flopsNominal: share(sum.flopsNominal),
    elapsedMs: share(sum.elapsedMs),
    ...scaleKnown(sum, share(1)),
  };
}

export interface PointName {
  readonly strategy: string;
  readonly budget: number;
}

/** Accuracy of `b` minus accuracy of `a` over the problems that both have. */
export function compare(
  results: readonly SweepResult[],
  a: PointName,
  b: PointName,
): PairedDifference {
  return pairedDifference(correctAt(results, a), correctAt(results, b), 1);
}

/** What two sets of results have in common, the second minus the first, seeds paired by order. */
export function differencesBetween(
  first: readonly SweepResult[],
  second: readonly SweepResult[],
): (PointName & PairedDifference)[] {
  const known = new Set(second.map(({ strategy, budget }) => `${strategy} ${budget}`));
  return pointsOf(first)
    .filter(({ strategy, budget }) => known.has(`${strategy} ${budget}`))
    .map(({ strategy, budget }) => {
      const name = { strategy, budget };
      return { ...name, ...pairedDifference(correctAt(first, name), correctAt(second, name), 1) };
    });
}
