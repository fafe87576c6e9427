import { expect, it } from 'vitest';
import { BatchQueue } from './batch-queue.ts';

it('a queue delivers what was pushed before anyone read, then its error', async () => {
  const queue = new BatchQueue<number>();
  queue.push([1, 2]);
  queue.push([3]);
  queue.end(new Error('lost'));
  const seen: number[] = [];
  const reading = (async () => {
    for await (const batch of queue) seen.push(...batch);
  })();
  await expect(reading).rejects.toThrow('lost');
  expect(seen).toEqual([1, 2, 3]);
});

it('a queue wakes a reader that waits, and delivers nothing twice', async () => {
  const queue = new BatchQueue<number>();
  const seen: number[] = [];
  const reading = (async () => {
    for await (const batch of queue) seen.push(...batch);
  })();
  for (let i = 0; i < 5; i++) {
    await Promise.resolve();
    queue.push([i]);
  }
  queue.end(null);
  await reading;
  expect(seen).toEqual([0, 1, 2, 3, 4]);
});
