/**
 * Measurements behind the chart: repeats of one problem, and the shipped set. Results are kept by
 * settings, so that asking again, or after a reload, measures only what is missing.
 */
import { createStore } from 'zustand/vanilla';
import { hashText } from '../../shared/random.ts';
import type { RunConfig } from '../../shared/run-config.ts';
import { resultKey, type SweepResult } from '../../eval/sweep-result.ts';
import type { EngineReady } from '../../worker/protocol.ts';
import type { SweepSpec } from '../../worker/sweep-messages.ts';
import type { Axis } from '../charts/series.ts';

export type ChartMode = 'recorded' | 'problem' | 'set';

export interface SweepState {
  readonly mode: ChartMode;
  readonly axis: Axis;
  /** Results by mode; only those that belong to the settings on screen. */
  readonly problem: readonly SweepResult[];
  readonly set: readonly SweepResult[];
  readonly running: SweepProgress | null;
  /** Repeats of one problem. */
  readonly seeds: number;
  /** Strategies of the set that are ticked. */
  readonly chosen: readonly string[];
}

export interface SweepProgress {
  readonly mode: 'problem' | 'set';
  readonly done: number;
  readonly total: number;
  /** Milliseconds of the page's clock when it began, and how much was done then. */
  readonly startedAt: number;
  readonly doneAtStart: number;
}

export type SweepStore = ReturnType<typeof createSweepStore>;

export function createSweepStore() {
  return createStore<SweepState>(() => ({
    mode: 'recorded',
    axis: 'tokens',
    problem: [],
    set: [],
    running: null,
    seeds: 16,
    chosen: ['best-of-n', 'best-of-n:majority', 'beam'],
  }));
}

/** Settings that change results; strategy, budget and seed are part of each result instead. */
export function sweepId(config: RunConfig, about: string): string {
  const { width, keep, mergeDuplicates, lookahead, chainLength, aggregation, temperature } = config;
  const { policy, verifier } = config;
  const settings = [width, keep, mergeDuplicates, lookahead, chainLength, aggregation, temperature];
  const text = JSON.stringify([about, settings, policy, verifier]);
  return `${hashText(text).toString(16)}-${about.slice(0, 200)}`;
}

/** What tells models apart in the id of a sweep: results of others are not mixed in. */
export function modelsId(status: EngineReady): string {
  if (status.general === true) return ` ${status.policy}, ${status.verifier ?? 'vote'}`;
  return ` ${status.weights ?? ''}`;
}

/** Budgets to measure up to `budget`: powers of 4, and the budget itself. */
export function budgetsUpTo(budget: number): number[] {
  const budgets: number[] = [];
  for (let stop = 1; stop < budget; stop *= 4) budgets.push(stop);
  return [...budgets, budget];
}

export function totalOf(spec: SweepSpec): number {
  return spec.problems.length * spec.strategies.length * spec.budgets.length * spec.seeds;
}

/** Earlier results that answer a part of `spec`. */
export function doneOf(spec: SweepSpec, results: readonly SweepResult[]): SweepResult[] {
  const ids = new Set(spec.problems.map((problem) => problem.id));
  const seen = new Set<string>();
  return results.filter((result) => {
    const { seed } = spec.config;
    const wanted =
      ids.has(result.id) &&
      spec.strategies.includes(result.strategy) &&
      spec.budgets.includes(result.budget) &&
      result.seed >= seed &&
      result.seed < seed + spec.seeds;
    const key = resultKey(result);
    if (!wanted || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
