/** What a sweep has to run, in order, without what is done already. Pure. */
import type { RunConfig, Selection } from '../shared/run-config.ts';
import { nests } from './smaller-run.ts';
import { applySpec, type StrategySpec } from './strategy-spec.ts';
import { resultKey, type ResultKey } from './sweep-result.ts';

export interface SweepProblem {
  readonly id: string;
  readonly prompt: string;
  readonly answer?: string | undefined;
}

export interface SweepPlan {
  readonly problems: readonly SweepProblem[];
  readonly strategies: readonly StrategySpec[];
  readonly budgets: readonly number[];
  /** How many seeds, counted up from `base.seed`. */
  readonly seeds: number;
  /** Run every budget by itself, also where a larger run contains the smaller (smaller-run.ts). */
  readonly separate?: boolean | undefined;
  /** Everything else. */
  readonly base: RunConfig;
}

/** One selection to read off a run. */
export interface Reading {
  /** null: what the run chose itself (`auto`). */
  readonly selection: Selection | null;
  /** Results that this reading gives: greedy is the same at every budget and seed, and some runs
   * contain those of smaller budgets. */
  readonly keys: readonly ResultKey[];
}

/** One run. Specs that differ only in the selection rule share it. */
export interface SweepTask {
  readonly problem: SweepProblem;
  readonly config: RunConfig;
  readonly readings: readonly Reading[];
}

/**
 * Seeds outermost, then budgets, then strategies, then problems: an interrupted sweep has whole
 * points. Results in `done` are not asked for again.
 */
export function planTasks(plan: SweepPlan, done: readonly ResultKey[]): SweepTask[] {
  const known = new Set(done.map(resultKey));
  const tasks: SweepTask[] = [];
  for (const { config, specs, settings, nested } of runsOf(plan)) {
    for (const problem of plan.problems) {
      const readings = specs.map((spec): Reading => {
        const keys = settings.map((at) => ({ id: problem.id, strategy: spec.name, ...at }));
        const selection = spec.strategy === 'auto' ? null : ruleOf(plan, spec);
        return { selection, keys: keys.filter((key) => !known.has(resultKey(key))) };
      });
      const open = readings.filter(({ keys }) => keys.length > 0);
      if (open.length === 0) continue;
      const missing = open.flatMap(({ keys }) => keys.map(({ budget }) => budget));
      const budget = nested ? Math.max(...missing) : config.budget;
      const own = { ...config, budget, problem: problem.prompt };
      tasks.push({ problem, config: own, readings: open });
    }
  }
  return tasks;
}

function ruleOf(plan: SweepPlan, spec: StrategySpec): Selection {
  return spec.selection ?? plan.base.selection;
}

export function countResults(plan: SweepPlan): number {
  return plan.problems.length * plan.strategies.length * plan.budgets.length * plan.seeds;
}

interface PlannedRun {
  readonly config: RunConfig;
  readonly specs: readonly StrategySpec[];
  readonly settings: readonly { budget: number; seed: number }[];
  /** The settings are budgets of one run that contains them all. */
  readonly nested: boolean;
}

function runsOf(plan: SweepPlan): PlannedRun[] {
  const seeds = Array.from({ length: plan.seeds }, (_, i) => plan.base.seed + i);
  const settings = seeds.flatMap((seed) => plan.budgets.map((budget) => ({ budget, seed })));
  const groups = groupSpecs(plan);
  return settings.flatMap((at, index) =>
    groups.flatMap((specs): PlannedRun[] => {
      const config = { ...applySpec(plan.base, specs[0]), ...at };
      if (config.strategy === 'greedy') {
        return index === 0 ? [{ config, specs, settings, nested: false }] : [];
      }
      const budgets = plan.budgets.filter((budget) => nests(config, budget));
      if (plan.separate || !budgets.includes(at.budget)) {
        return [{ config, specs, settings: [at], nested: false }];
      }
      const own = budgets.map((budget) => ({ budget, seed: at.seed }));
      return at.budget === budgets[0] ? [{ config, specs, settings: own, nested: true }] : [];
    }),
  );
}

/** Specs with equal generation; `auto` chooses its own rule, so none of its runs can be shared. */
function groupSpecs(plan: SweepPlan): StrategySpec[][] {
  const groups = new Map<string, StrategySpec[]>();
  for (const spec of plan.strategies) {
    // The rule is read off afterwards, so it does not tell generations apart.
    const generation = { ...applySpec(plan.base, spec), selection: null };
    const own = spec.strategy === 'auto' ? spec.name : '';
    const key = JSON.stringify([generation, own]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [spec]);
    else group.push(spec);
  }
  return [...groups.values()];
}
