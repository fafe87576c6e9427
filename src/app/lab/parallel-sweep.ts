/** One sweep over several engine workers: each takes a share of the problems. */
import type { SweepResult } from '../../eval/sweep-result.ts';
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import { WorkerClient, type ClientOptions } from '../../worker/client.ts';
import type { EngineState } from '../../worker/protocol.ts';
import type { SweepSpec } from '../../worker/sweep-messages.ts';
import { splitProblems } from './lab-problems.ts';
import { neededExtras } from './lab-setup.ts';

export type SweepClient = Pick<WorkerClient, 'sweep'>;

export interface ParallelOptions {
  readonly done: readonly SweepResult[];
  readonly signal: AbortSignal;
  readonly onResults: (results: readonly SweepResult[]) => void;
}

/** Resolves when every share has ended; throws the first failure after the others have ended. */
export async function sweepInParallel(
  clients: readonly SweepClient[],
  spec: SweepSpec,
  { done, signal, onResults }: ParallelOptions,
): Promise<void> {
  const shares = splitProblems(spec.problems, clients.length);
  const outcomes = await Promise.allSettled(
    shares.map(async (problems, at) => {
      const ids = new Set(problems.map(({ id }) => id));
      const own = done.filter(({ id }) => ids.has(id));
      for await (const batch of clients[at].sweep({ ...spec, problems }, own, signal)) {
        onResults(batch);
      }
    }),
  );
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** More workers beside the one of the visit; they live as long as one sweep. */
export class ExtraWorkers {
  private readonly clients: WorkerClient[] = [];

  constructor(private readonly options: Pick<ClientOptions, 'spawn' | 'modelsUrl' | 'engine'>) {}

  /** Workers whose models, those that `strategies` need, are loaded. Throws the load's AppError. */
  async start(
    count: number,
    strategies: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly SweepClient[]> {
    return Promise.all(Array.from({ length: count }, () => this.startOne(strategies, signal)));
  }

  dispose(): void {
    for (const client of this.clients.splice(0)) client.dispose();
  }

  private async startOne(
    strategies: readonly string[],
    signal: AbortSignal,
  ): Promise<WorkerClient> {
    throwIfAborted(signal);
    const needed = neededExtras(strategies);
    return new Promise((resolve, reject) => {
      const client = new WorkerClient({
        ...this.options,
        onEngine: (state: EngineState) => {
          if (state.phase === 'failed') reject(AppError.fromData(state.error));
          if (state.phase !== 'ready') return;
          if (needed.every((extra) => state.extras.includes(extra))) resolve(client);
        },
      });
      this.clients.push(client);
      client.load();
      const stop = (): void => reject(new AppError('aborted', 'Stopped.', { advice: '' }));
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}
