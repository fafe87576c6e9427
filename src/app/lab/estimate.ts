/** What a sweep will cost before it runs, and how long the rest takes while it does. Pure. */
import { countResults, planTasks, type SweepPlan } from '../../eval/sweep-plan.ts';
import type { ResultKey, SweepResult } from '../../eval/sweep-result.ts';
import { familyOf } from '../../problems/families.ts';
import { planRun, type Speed } from '../playground/plan.ts';

export interface SweepEstimate {
  /** Points of data: problem, strategy, budget and seed. */
  readonly results: number;
  /** Searches behind them that are still to be run: selection rules share one, greedy has one. */
  readonly runs: number;
  readonly tokens: number;
  /** null until the speed of this device is known. */
  readonly seconds: number | null;
}

/** Enough for a mean length; planning 20,000 problems for a sentence would take seconds. */
const SAMPLE = 40;

export function estimateSweep(
  plan: SweepPlan,
  done: readonly SweepResult[],
  speed: Speed | null,
  workers: number,
): SweepEstimate {
  const { problems } = plan;
  const stride = Math.max(1, Math.ceil(problems.length / SAMPLE));
  const sample = problems.filter((_, at) => at % stride === 0);
  const scale = sample.length === 0 ? 0 : problems.length / sample.length;
  const own = new Set(sample.map(({ id }) => id));
  const measured = done.filter(({ id }) => own.has(id));
  let runs = 0;
  let tokens = 0;
  let seconds = 0;
  for (const { problem, config } of planTasks({ ...plan, problems: sample }, measured)) {
    const family = familyOf(problem.prompt);
    const shape =
      family === null
        ? null
        : { family: family.family.id, level: family.level, prompt: problem.prompt };
    const run = planRun(config, shape, speed);
    runs += 1;
    tokens += run.policyTokens + run.verifierTokens;
    seconds += run.seconds ?? 0;
  }
  return {
    results: countResults(plan),
    runs: Math.round(runs * scale),
    tokens: tokens * scale,
    seconds: speed === null ? null : (seconds * scale) / Math.max(1, workers),
  };
}

/** Work behind results: generations, except greedy, whose one run answers every budget. */
export function workOf(results: readonly Pick<ResultKey, 'strategy' | 'budget'>[]): number {
  return results.reduce((sum, one) => sum + (one.strategy === 'greedy' ? 0 : one.budget), 0);
}

/** All work of a sweep in the unit of `workOf`. */
export function totalWork(plan: SweepPlan): number {
  const searches = plan.strategies.filter(({ strategy }) => strategy !== 'greedy').length;
  const generations = plan.budgets.reduce((sum, budget) => sum + budget, 0);
  return plan.problems.length * searches * generations * plan.seeds;
}

/** Seconds left at the pace so far; null before there is a pace. */
export function secondsLeft(progress: {
  readonly work: number;
  readonly workAtStart: number;
  readonly totalWork: number;
  readonly elapsedMs: number;
}): number | null {
  const { work, workAtStart, elapsedMs } = progress;
  const measured = work - workAtStart;
  if (measured <= 0 || elapsedMs < 1000) return null;
  return ((progress.totalWork - work) * elapsedMs) / measured / 1000;
}
