import { describe, expect, test } from 'vitest';
import type { SweepResult } from '../../eval/sweep-result.ts';
import { AppError } from '../../shared/errors.ts';
import { scriptedModels, LinkedWorker } from '../../worker/testing/linked-worker.ts';
import { DEFAULT_SETUP, specOf } from './lab-setup.ts';
import { ExtraWorkers, sweepInParallel, type SweepClient } from './parallel-sweep.ts';

const problems = Array.from({ length: 6 }, (_, i) => ({
  id: `p${i}`,
  prompt: `compute ${i + 10}+${i + 20}`,
}));
const spec = specOf(
  { ...DEFAULT_SETUP, strategies: ['best-of-n', 'beam'], budgets: [1, 4] },
  problems,
);

function workers(load = async () => scriptedModels()): ExtraWorkers {
  const spawn = () => new LinkedWorker(load) as unknown as Worker;
  return new ExtraWorkers({ spawn, modelsUrl: 'test:/' });
}

async function measure(count: number, done: readonly SweepResult[] = []): Promise<SweepResult[]> {
  const results: SweepResult[] = [...done];
  const extra = workers();
  const { signal } = new AbortController();
  const clients = await extra.start(count, spec.strategies, signal);
  await sweepInParallel(clients, spec, {
    done,
    signal,
    onResults: (batch) => results.push(...batch),
  });
  extra.dispose();
  return results;
}

/** What must not depend on workers, order or interruptions. */
function essence(results: readonly SweepResult[]): string[] {
  return results
    .map(({ id, strategy, budget, seed, answer, correct, ledger }) =>
      JSON.stringify([id, strategy, budget, seed, answer, correct, ledger.policyTokens]),
    )
    .sort();
}

describe('a sweep over several workers', () => {
  test('gives the results of one worker', async () => {
    const alone = await measure(1);
    expect(alone).toHaveLength(6 * 2 * 2);
    expect(essence(await measure(3))).toEqual(essence(alone));
  });

  test('goes on from any part of them, with another number of workers', async () => {
    const alone = await measure(1);
    const part = alone.filter((_, at) => at % 3 === 0);
    const resumed = await measure(2, part);
    expect(essence(resumed)).toEqual(essence(alone));
  });

  test('lets the other shares end when one fails, then says so', async () => {
    const batches: SweepResult[] = [];
    const extra = workers();
    const { signal } = new AbortController();
    const [good] = await extra.start(1, spec.strategies, signal);
    const bad: SweepClient = {
      sweep: async function* () {
        throw new AppError('internal', 'The engine stopped unexpectedly.', { advice: '' });
      },
    };
    const sweep = sweepInParallel([bad, good], spec, {
      done: [],
      signal,
      onResults: (batch) => batches.push(...batch),
    });
    await expect(sweep).rejects.toThrow('stopped unexpectedly');
    expect(batches).toHaveLength(3 * 2 * 2);
    extra.dispose();
  });

  test('a worker whose models cannot be loaded is an error, not a wait', async () => {
    const extra = workers(async () => {
      throw new AppError('network', 'No connection.', { advice: 'Check it.' });
    });
    const { signal } = new AbortController();
    await expect(extra.start(2, spec.strategies, signal)).rejects.toMatchObject({
      code: 'network',
    });
  });

  test('a stop ends the wait for strategies that are never there', async () => {
    const stopper = new AbortController();
    const extra = workers();
    const waiting = extra.start(1, ['revise'], stopper.signal);
    setTimeout(() => stopper.abort(), 20);
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  });
});
