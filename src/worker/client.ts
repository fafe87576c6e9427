/**
 * The page's side of the worker: starts it, watches it, hands out runs and sweeps as async
 * iterables of batches. A worker that crashes or no longer answers is replaced; what ran in it ends
 * with an AppError, and the models load again (from the cache).
 */
import type { EnginePreference } from '../engine/engine-preference.ts';
import type { SweepResult } from '../eval/sweep-result.ts';
import { AppError, isAbort, toAppError } from '../shared/errors.ts';
import type { RunConfig } from '../shared/run-config.ts';
import type { RunEvent } from '../shared/run-events.ts';
import { BatchQueue } from './batch-queue.ts';
import { SHIPPED, type ModelChoice } from './model-choice.ts';
import { readFromWorker, type EngineState, type FromWorker, type ToWorker } from './protocol.ts';
import type { SweepSpec } from './sweep-messages.ts';

export interface ClientOptions {
  /** Makes a worker; called again after a crash. */
  readonly spawn: () => Worker;
  readonly modelsUrl: string;
  /** Backend of the shipped models, asked at every start. Default `auto`. */
  readonly engine?: () => EnginePreference;
  readonly onEngine: (state: EngineState) => void;
  /** A stopped job that has not ended after so many milliseconds costs the worker its life. */
  readonly abortGraceMs?: number;
}

/** Crashes in a row after which the client stops restarting by itself. */
const MAX_RESTARTS = 2;

interface Job {
  readonly events: BatchQueue<RunEvent> | null;
  readonly results: BatchQueue<SweepResult> | null;
}

export class WorkerClient {
  private worker: Worker | null = null;
  private nextJob = 1;
  private restarts = 0;
  private choice: ModelChoice = SHIPPED;
  private readonly jobs = new Map<number, Job>();

  constructor(private readonly options: ClientOptions) {}

  /** Starts the worker and loads the models; progress arrives at `onEngine`. Again: a retry. */
  load(): void {
    this.restarts = 0;
    this.start();
  }

  /** Batches of events, in order. Ends when the run does; throws AppError when the engine fails.
   * `from`: steps of an earlier run to go on from. */
  run(
    config: RunConfig,
    signal?: AbortSignal,
    from: readonly string[] = [],
  ): AsyncIterable<readonly RunEvent[]> {
    const events = new BatchQueue<RunEvent>();
    const given = from.length === 0 ? {} : { from: [...from] };
    const message = (job: number): ToWorker => ({ type: 'run', job, config, ...given });
    this.open({ events, results: null }, message, signal);
    return events;
  }

  /** Batches of new results. `done` are results of an earlier, interrupted sweep. */
  sweep(
    spec: SweepSpec,
    done: readonly SweepResult[],
    signal?: AbortSignal,
  ): AsyncIterable<readonly SweepResult[]> {
    const results = new BatchQueue<SweepResult>();
    const message = (job: number): ToWorker => ({ type: 'sweep', job, spec, done: [...done] });
    this.open({ events: null, results }, message, signal);
    return results;
  }

  dispose(): void {
    this.worker?.terminate();
    this.worker = null;
    this.failJobs(stopped());
  }

  /** Other models from now on. What runs is stopped. */
  use(choice: ModelChoice): void {
    this.choice = choice;
    this.failJobs(stopped());
    this.load();
  }

  private start(): void {
    this.worker?.terminate();
    const worker = this.options.spawn();
    this.worker = worker;
    worker.onmessage = (event: MessageEvent<unknown>) => this.receive(worker, event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.crashed(worker, event.message);
    };
    worker.onmessageerror = () => this.crashed(worker, 'a message could not be read');
    const { modelsUrl, engine } = this.options;
    this.send({ type: 'load', modelsUrl, choice: this.choice, engine: engine?.() ?? 'auto' });
  }

  private send(message: ToWorker): void {
    this.worker?.postMessage(message);
  }

  private open(entry: Job, message: (job: number) => ToWorker, signal?: AbortSignal): void {
    const job = this.nextJob++;
    this.jobs.set(job, entry);
    if (this.worker === null) this.start();
    this.send(message(job));
    if (signal === undefined) return;
    if (signal.aborted) this.abort(job);
    else signal.addEventListener('abort', () => this.abort(job), { once: true });
  }

  private abort(job: number): void {
    if (!this.jobs.has(job)) return;
    this.send({ type: 'abort', job });
    const worker = this.worker;
    setTimeout(() => {
      if (!this.jobs.has(job) || worker !== this.worker) return;
      this.failJobs(stopped());
      this.start();
    }, this.options.abortGraceMs ?? 4000);
  }

  private receive(worker: Worker, data: unknown): void {
    if (worker !== this.worker) return;
    let message: FromWorker;
    try {
      message = readFromWorker(data);
    } catch (thrown) {
      this.crashed(worker, toAppError(thrown).message);
      return;
    }
    this.handle(message);
  }

  private handle(message: FromWorker): void {
    switch (message.type) {
      case 'engine':
        if (message.state.phase === 'ready') this.restarts = 0;
        this.options.onEngine(message.state);
        return;
      case 'events':
        this.jobs.get(message.job)?.events?.push(message.events);
        return;
      case 'results':
        this.jobs.get(message.job)?.results?.push(message.results);
        return;
      case 'finished':
        this.close(message.job, null);
        return;
      case 'failed':
        this.close(message.job, AppError.fromData(message.error));
        return;
    }
  }

  private close(job: number, error: AppError | null): void {
    const entry = this.jobs.get(job);
    this.jobs.delete(job);
    // What an aborted job had found stays; its iterable simply ends.
    const ending = error !== null && isAbort(error) ? null : error;
    entry?.events?.end(ending);
    entry?.results?.end(ending);
  }

  private failJobs(error: AppError): void {
    for (const job of [...this.jobs.keys()]) this.close(job, error);
  }

  private crashed(worker: Worker, reason: string): void {
    if (worker !== this.worker) return;
    worker.terminate();
    this.worker = null;
    const error = new AppError('internal', 'The engine stopped unexpectedly.', {
      advice: 'It has been started again; press Run. If it happens often, lower the budget.',
      retryable: true,
      cause: reason,
    });
    this.failJobs(error);
    if (this.restarts++ < MAX_RESTARTS) this.start();
    else this.options.onEngine({ phase: 'failed', error: error.toData() });
  }
}

function stopped(): AppError {
  return new AppError('aborted', 'Stopped.', { advice: 'Run again when you like.' });
}
