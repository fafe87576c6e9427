import { expect, it } from 'vitest';
import { AppError } from '../shared/errors.ts';
import { CallQueue } from './call-queue.ts';

interface Gate {
  readonly batches: number[][];
  readonly discarded: number[][];
  readonly queue: CallQueue<number, number>;
  release(): void;
}

/** A queue whose batches wait until they are released; results are ten times the requests. */
function gated(fail: (batch: readonly number[]) => Error | null = () => null): Gate {
  const batches: number[][] = [];
  const discarded: number[][] = [];
  let open: () => void = () => undefined;
  const queue = new CallQueue<number, number>(
    async (requests, signal) => {
      batches.push([...requests]);
      await new Promise<void>((resolve, reject) => {
        open = resolve;
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
      const error = fail(requests);
      if (error) throw error;
      return requests.map((request) => request * 10);
    },
    (results) => discarded.push([...results]),
  );
  return { batches, discarded, queue, release: () => open() };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

async function releaseAll(gate: Gate): Promise<void> {
  for (let i = 0; i < 6; i++) {
    await turn();
    gate.release();
  }
}

it('runs calls of one turn, and calls that came meanwhile, as one batch each', async () => {
  const gate = gated();
  const first = [gate.queue.submit([1, 2], undefined), gate.queue.submit([3], undefined)];
  await turn();
  const second = [gate.queue.submit([4], undefined), gate.queue.submit([5, 6], undefined)];
  await releaseAll(gate);
  expect(await Promise.all([...first, ...second])).toEqual([[10, 20], [30], [40], [50, 60]]);
  expect(gate.batches).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

it('goes on for the others when one call is stopped, and discards what was made for it', async () => {
  const gate = gated();
  const stop = new AbortController();
  const stopped = gate.queue.submit([1], stop.signal);
  const other = gate.queue.submit([2], undefined);
  const caught = expect(stopped).rejects.toMatchObject({ code: 'aborted' });
  await turn();
  stop.abort();
  await releaseAll(gate);
  await caught;
  expect(await other).toEqual([20]);
  expect(gate.discarded).toEqual([[10]]);
});

it('stops the batch when every call in it is stopped', async () => {
  const gate = gated();
  const stop = new AbortController();
  const calls = [gate.queue.submit([1], stop.signal), gate.queue.submit([2], stop.signal)];
  const caught = Promise.allSettled(calls);
  await turn();
  stop.abort();
  expect((await caught).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

it('does not make one call suffer for another', async () => {
  const gate = gated((batch) =>
    batch.includes(7) ? new AppError('bad-input', 'seven', { advice: '' }) : null,
  );
  const bad = gate.queue.submit([7], undefined);
  const good = gate.queue.submit([1], undefined);
  const caught = expect(bad).rejects.toMatchObject({ code: 'bad-input' });
  await releaseAll(gate);
  await caught;
  expect(await good).toEqual([10]);
});
