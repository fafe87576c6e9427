/**
 * Runs a sweep: problems x strategies x budgets x seeds, several runs at once in shared batches.
 * An async generator of results; what was measured before is not measured again, and stopping loses
 * nothing that was yielded.
 */
import { AppError, throwIfAborted, toAppError } from '../shared/errors.ts';
import type { Policy } from '../shared/policy.ts';
import type { RunConfig } from '../shared/run-config.ts';
import { advanceView, emptyView, type RunView } from '../shared/run-view.ts';
import { Batcher, type Lane } from '../search/batcher.ts';
import { tableWithout, type ComputeOptimalTable } from '../search/compute-optimal-table.ts';
import { strategyOf } from '../search/strategies.ts';
import type { Grade, SearchContext, TokenLimits } from '../search/strategy.ts';
import type { Verifier } from '../verify/verifier.ts';
import { ledgerFor, readRun, type RunReading } from './read-run.ts';
import { RunTrace } from './run-trace.ts';
import { smallerRun, type SmallerRun } from './smaller-run.ts';
import { countResults, planTasks, type SweepPlan, type SweepTask } from './sweep-plan.ts';
import type { ResultKey, SweepResult } from './sweep-result.ts';
import { WeightGate } from './weight-gate.ts';

export interface SweepModels {
  readonly policy: Policy;
  readonly verifier: Verifier | null;
  readonly reviser?: { readonly policy: Policy; readonly verifier: Verifier | null } | null;
  readonly computeOptimal?: ComputeOptimalTable | null;
  readonly engineLabel: string;
  readonly limits?: TokenLimits;
}

/** A problem ready to be run and graded. */
export interface ReadyProblem {
  readonly prompt: string;
  readonly family: string;
  readonly level: string | null;
  readonly truthKnown: boolean;
  grade(steps: readonly string[]): Grade;
}

export interface SweepHost {
  readonly models: SweepModels;
  /** Reads a problem of the set. Throws AppError where it cannot be run at all. */
  prepare(problem: { id: string; prompt: string; answer?: string | undefined }): ReadyProblem;
  /** Milliseconds, monotone. */
  now(): number;
}

export interface SweepOptions {
  /** What need not be measured again. */
  readonly done?: readonly ResultKey[];
  readonly signal?: AbortSignal | undefined;
  /** Generations that may be under way together; one run is always let through. */
  readonly generationsAtOnce?: number;
}

export interface SweepFailure {
  readonly id: string;
  readonly config: RunConfig;
  readonly error: AppError;
}

export interface SweepProgress {
  /** Results of the plan that exist, and that there will be. */
  readonly done: number;
  readonly total: number;
  /** New since the last progress. */
  readonly results: readonly SweepResult[];
  /** A run that failed; the sweep goes on. */
  readonly failure: SweepFailure | null;
}

/** Enough rows for one core's matrix products to pay, few enough for the KV pool. */
const GENERATIONS_AT_ONCE = 192;

/** After so many failures without a success in between, something is wrong with all of it. */
const FAILURES_IN_A_ROW = 5;

/** Throws AppError `aborted` on a stop, or the error that keeps recurring. */
export async function* runSweep(
  plan: SweepPlan,
  host: SweepHost,
  options: SweepOptions = {},
): AsyncGenerator<SweepProgress, void, void> {
  const total = countResults(plan);
  const tasks = planTasks(plan, options.done ?? []);
  const missing = tasks.flatMap(({ readings }) => readings).flatMap(({ keys }) => keys).length;
  let done = total - missing;
  yield { done, total, results: [], failure: null };

  const stop = new AbortController();
  const onAbort = () => stop.abort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted) stop.abort();
  let failuresInARow = 0;
  try {
    for await (const outcome of runTasks(tasks, host, options, stop.signal)) {
      if ('error' in outcome) {
        throwIfAborted(options.signal);
        const { error, task } = outcome;
        const failure = { id: task.problem.id, config: task.config, error };
        yield { done, total, results: [], failure };
        if (++failuresInARow >= FAILURES_IN_A_ROW) throw error;
      } else {
        failuresInARow = 0;
        done += outcome.results.length;
        yield { done, total, results: outcome.results, failure: null };
      }
    }
    throwIfAborted(options.signal);
  } finally {
    stop.abort();
    options.signal?.removeEventListener('abort', onAbort);
  }
}

type Outcome = { results: SweepResult[] } | { task: SweepTask; error: AppError };

/** Outcomes in the order in which they are ready. Ends early once `signal` aborts. */
async function* runTasks(
  tasks: readonly SweepTask[],
  host: SweepHost,
  options: SweepOptions,
  signal: AbortSignal,
): AsyncGenerator<Outcome, void, void> {
  const batcher = new Batcher(() => host.now());
  const gate = new WeightGate(options.generationsAtOnce ?? GENERATIONS_AT_ONCE);
  const running = new Set<Promise<void>>();
  let ready: Outcome[] = [];
  const finished: Lane[] = [];
  let next = 0;
  for (;;) {
    while (next < tasks.length && !signal.aborted && gate.admits(tasks[next].config.budget)) {
      const task = tasks[next++];
      const leave = gate.enter(task.config.budget);
      const lane = batcher.openLane();
      const work = runTask(task, host, lane, signal)
        .then(
          (results) => ready.push({ results }),
          (thrown: unknown) => ready.push({ task, error: toAppError(thrown) }),
        )
        .then(() => {
          leave();
          running.delete(work);
          finished.push(lane);
        });
      running.add(work);
    }
    // Only now, so that new runs share the next batch of those that are under way.
    for (const lane of finished.splice(0)) lane.close();
    const outcomes = ready;
    ready = [];
    yield* outcomes;
    // More may have become ready while the reader was busy with the last ones.
    if (ready.length > 0 || finished.length > 0) continue;
    if (running.size > 0) await Promise.race(running);
    else if (signal.aborted || next >= tasks.length) return;
  }
}

async function runTask(
  task: SweepTask,
  host: SweepHost,
  lane: Lane,
  signal: AbortSignal,
): Promise<SweepResult[]> {
  const problem = host.prepare(task.problem);
  const trace = new RunTrace(() => lane.clock());
  const context = contextOf(task, host.models, problem, lane, trace, signal);
  const view = await viewOf(context);
  if (view.status !== 'done') throw failureOf(view);
  const own = task.config.strategy === 'revise' ? context.reviser?.verifier : context.verifier;
  const aggregation = task.config.aggregation ?? own?.capabilities.aggregation ?? 'last';
  const whole: SmallerRun = {
    view,
    verifier: { ...trace.verifierUsage(), elapsedMs: trace.verifierMs },
  };
  const runOf = (budget: number) =>
    task.config.strategy === 'greedy' || budget === task.config.budget
      ? whole
      : smallerRun(view, trace, budget);
  return task.readings.flatMap(({ selection, keys }) => {
    const byBudget = new Map<number, RunReading & Pick<SweepResult, 'ledger'>>();
    return keys.map((key) => {
      let reading = byBudget.get(key.budget);
      if (reading === undefined) {
        const { view: part, verifier } = runOf(key.budget);
        const ledger = ledgerFor(part.ledger, verifier, task.config.strategy, selection);
        const options = { selection, aggregation, truthKnown: problem.truthKnown };
        reading = { ...readRun(part, options), ledger };
        byBudget.set(key.budget, reading);
      }
      return { ...key, ...reading };
    });
  });
}

function contextOf(
  task: SweepTask,
  models: SweepModels,
  problem: ReadyProblem,
  lane: Lane,
  trace: RunTrace,
  signal: AbortSignal,
): SearchContext {
  const share = (verifier: Verifier | null | undefined) =>
    verifier ? trace.verifier(lane.verifier(verifier)) : null;
  const { reviser, computeOptimal = null, engineLabel, limits } = models;
  return {
    config: task.config,
    prompt: problem.prompt,
    family: problem.family,
    level: problem.level,
    grade: (steps) => problem.grade(steps),
    policy: trace.policy(lane.policy(models.policy)),
    verifier: needsVerifier(task) ? share(models.verifier) : null,
    reviser: reviser
      ? { policy: trace.policy(lane.policy(reviser.policy)), verifier: share(reviser.verifier) }
      : null,
    // Measured, so `auto` must not know what was fitted on this very problem.
    computeOptimal: computeOptimal && tableWithout(computeOptimal, problem.prompt),
    engineLabel,
    // A signal of its own: dozens of runs listen at once.
    signal: AbortSignal.any([signal]),
    clock: () => lane.clock(),
    baseline: false,
    ...(limits === undefined ? {} : { limits }),
  };
}

/** Votes over independent samples need no scores, so none are computed. */
function needsVerifier({ config, readings }: SweepTask): boolean {
  if (config.strategy !== 'best-of-n') return true;
  return readings.some(({ selection }) => selection !== 'majority');
}

async function viewOf(context: SearchContext): Promise<RunView> {
  const view = emptyView();
  const events = [];
  for await (const event of strategyOf(context.config.strategy).run(context)) events.push(event);
  return advanceView(view, events, events.length);
}

function failureOf(view: RunView): AppError {
  if (view.status === 'stopped' || view.error === null) {
    return new AppError('aborted', 'Stopped.', { advice: 'Run again; the sweep goes on.' });
  }
  const { message, advice } = view.error;
  return new AppError('internal', message, { advice, retryable: true });
}
