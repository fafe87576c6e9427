/**
 * The worker's side: loads the models once, then runs searches and sweeps for the page, several at a
 * time if asked. It knows no DOM and no particular backend; `main.ts` brings both.
 */
import type { EnginePreference } from '../engine/engine-preference.ts';
import { runSweep, type ReadyProblem, type SweepModels } from '../eval/sweep.ts';
import { parseStrategySpec } from '../eval/strategy-spec.ts';
import type { SweepResult } from '../eval/sweep-result.ts';
import { AppError, isAbort, toAppError } from '../shared/errors.ts';
import type { StrategyId } from '../shared/run-config.ts';
import type { RunEvent } from '../shared/run-events.ts';
import { mayRevise } from '../search/compute-optimal-table.ts';
import { strategyOf } from '../search/strategies.ts';
import { BatchSender } from './batch-sender.ts';
import { LateReviser, type Fetching, type OpenReviser } from './late-reviser.ts';
import {
  readToWorker,
  type EngineReady,
  type EngineState,
  type FromWorker,
  type Port,
  type ToWorker,
} from './protocol.ts';
import { SHIPPED, type ModelChoice } from './model-choice.ts';
import { readyProblem } from './ready-problem.ts';
import type { SweepSpec } from './sweep-messages.ts';

/** At most one message of events in so many milliseconds. */
const SEND_EVERY_MS = 30;

export interface HostModels extends SweepModels {
  readonly ready: EngineReady;
  /** Reads a problem for these models; the shipped families where it is left out. */
  readonly prepare?: (problem: { prompt: string; answer?: string | undefined }) => ReadyProblem;
  /** Lets go of what these models hold when others take their place. */
  readonly dispose?: () => void;
  /** Told of later changes, such as another engine in place of one that was lost. Called once. */
  readonly watch?: (tell: (change: EngineChange) => void) => void;
  /** Loads the reviser and its verifier, which are shipped but not there yet. */
  readonly openReviser?: OpenReviser;
}

/** What may change while models are in use; the rest of `ready` stays. */
export type EngineChange = Partial<
  Pick<
    EngineReady,
    'backend' | 'label' | 'device' | 'policyTokensPerSecond' | 'verifierTokensPerSecond'
  >
>;

export interface HostOptions {
  readonly port: Port;
  /** Loads everything below `modelsUrl`; throws AppError. `engine` is for the shipped models. */
  readonly load: (
    modelsUrl: string,
    onState: (state: EngineState) => void,
    choice: ModelChoice,
    engine: EnginePreference,
  ) => Promise<HostModels>;
  /** Milliseconds, monotone. */
  readonly clock: () => number;
}

type Work = Extract<ToWorker, { type: 'run' | 'sweep' }>;

export class WorkerHost {
  private models: Promise<HostModels> | null = null;
  /** Counts the loads; what comes of an earlier one is too late. */
  private turn = 0;
  private readonly jobs = new Map<number, AbortController>();
  /** The last word of `watch`, which holds for whatever is announced later. */
  private change: EngineChange = {};
  private readonly revisers = new WeakMap<OpenReviser, LateReviser>();

  constructor(private readonly options: HostOptions) {}

  receive(data: unknown): void {
    const message = readToWorker(data);
    switch (message.type) {
      case 'load':
        this.load(message.modelsUrl, message.choice ?? SHIPPED, message.engine ?? 'auto');
        return;
      case 'abort':
        this.jobs.get(message.job)?.abort();
        return;
      case 'run':
      case 'sweep':
        void this.work(message);
        return;
    }
  }

  private post(message: FromWorker): void {
    this.options.port.postMessage(message);
  }

  private load(modelsUrl: string, choice: ModelChoice, engine: EnginePreference): void {
    this.models?.then(
      ({ dispose }) => dispose?.(),
      () => undefined,
    );
    this.change = {};
    const turn = ++this.turn;
    // Of models that others have taken the place of, nothing is heard any more; nor of how far a
    // loading is that has ended: what else was under way in it must not hide that it failed.
    let loading = true;
    const onState = (state: EngineState): void => {
      if (loading && turn === this.turn) this.post({ type: 'engine', state });
    };
    this.models = this.options.load(modelsUrl, onState, choice, engine);
    this.models.then(
      (models) => {
        loading = false;
        this.announce(models, turn);
        models.watch?.((change) => this.changed(change, turn));
      },
      (thrown: unknown) => {
        onState({ phase: 'failed', error: toAppError(thrown).toData() });
        loading = false;
      },
    );
  }

  /** Says what is ready, unless other models have taken their place. */
  private announce({ ready }: HostModels, turn: number, fetching: Fetching | null = null): void {
    const late = fetching === null ? {} : { fetching };
    const state = { ...ready, ...this.change, ...late };
    if (turn === this.turn) this.post({ type: 'engine', state });
  }

  private changed(change: EngineChange, turn: number): void {
    if (turn !== this.turn) return;
    this.change = { ...this.change, ...change };
    this.models?.then(
      (models) => this.announce(models, turn),
      () => undefined,
    );
  }

  private async work(message: Work): Promise<void> {
    const { job } = message;
    const stopper = new AbortController();
    this.jobs.set(job, stopper);
    try {
      const models = await this.equipped(message, stopper.signal);
      if (message.type === 'run') await this.run(message, models, stopper.signal);
      else await this.sweep(job, message.spec, message.done, models, stopper.signal);
      this.post({ type: 'finished', job });
    } catch (thrown) {
      this.post({ type: 'failed', job, error: toAppError(thrown).toData() });
    } finally {
      this.jobs.delete(job);
    }
  }

  /** A run asked for while the models load begins as soon as they are there. */
  private whenLoaded(signal: AbortSignal): Promise<HostModels> {
    const { models } = this;
    if (models === null) {
      throw new AppError('model-missing', 'No models are loaded.', { advice: 'Reload the page.' });
    }
    return orStopped(models, signal);
  }

  /** The models with everything that the work may need. */
  private async equipped(message: Work, signal: AbortSignal): Promise<HostModels> {
    const models = await this.whenLoaded(signal);
    const { openReviser, computeOptimal = null } = models;
    const strategies = strategiesOf(message);
    const revises = strategies.some((strategy) => mayRevise(strategy, computeOptimal));
    if (!revises || openReviser === undefined) return models;
    const known = this.revisers.get(openReviser) ?? new LateReviser(openReviser);
    this.revisers.set(openReviser, known);
    const { turn } = this;
    const tell = (fetching: Fetching | null): void => this.announce(models, turn, fetching);
    try {
      return { ...models, reviser: await orStopped(known.get(tell), signal) };
    } catch (thrown) {
      // What can do without it goes on.
      if (isAbort(thrown) || strategies.includes('revise')) throw thrown;
      return models;
    }
  }

  private async run(
    { job, config, from }: Extract<Work, { type: 'run' }>,
    models: HostModels,
    signal: AbortSignal,
  ): Promise<void> {
    const problem = (models.prepare ?? prepareShipped)({ prompt: config.problem });
    const sender = this.sender<RunEvent>((events) => this.post({ type: 'events', job, events }));
    const events = strategyOf(config.strategy).run({
      ...models,
      engineLabel: this.change.label ?? models.engineLabel,
      ...problem,
      config,
      from,
      signal,
      clock: this.options.clock,
    });
    try {
      for await (const event of events) sender.add(event);
    } finally {
      sender.flush();
    }
  }

  private async sweep(
    job: number,
    spec: SweepSpec,
    done: readonly SweepResult[],
    models: HostModels,
    signal: AbortSignal,
  ): Promise<void> {
    const { config, problems, budgets, seeds } = spec;
    const strategies = spec.strategies.map((name) => parseStrategySpec(name));
    const plan = { base: config, problems, strategies, budgets, seeds };
    const host = {
      models,
      prepare: models.prepare ?? prepareShipped,
      now: this.options.clock,
    };
    const sender = this.sender<SweepResult>((results) =>
      this.post({ type: 'results', job, results }),
    );
    let failure: AppError | null = null;
    try {
      for await (const progress of runSweep(plan, host, { done, signal })) {
        if (progress.results.length > 0) sender.add(...progress.results);
        failure = progress.failure?.error ?? failure;
      }
    } finally {
      sender.flush();
    }
    // The sweep went on without the runs that failed; say so at the end.
    if (failure !== null && !isAbort(failure)) throw failure;
  }

  private sender<T>(send: (items: T[]) => void): BatchSender<T> {
    return new BatchSender(send, SEND_EVERY_MS, this.options.clock);
  }
}

function strategiesOf(message: Work): StrategyId[] {
  if (message.type === 'run') return [message.config.strategy];
  return message.spec.strategies.map((name) => parseStrategySpec(name).strategy);
}

/** Ends early, with `aborted`, when the work is stopped; what it waits for goes on. */
function orStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    const stop = (): void => reject(new AppError('aborted', 'Stopped.', { advice: '' }));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

function prepareShipped({ prompt }: { prompt: string }): ReadyProblem {
  return readyProblem(prompt);
}
