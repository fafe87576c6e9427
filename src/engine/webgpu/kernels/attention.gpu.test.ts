import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuContext } from '../gpu-context.ts';
import { openTestContext, runKernel } from '../testing/kernel-harness.ts';
import { noise, worstDifference } from '../testing/noise.ts';
import { attentionGrid, attentionVariant } from './attention.ts';

let context: GpuContext;
beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context.close());

interface Case {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Positions attended to by each row, 0 for a dead row. */
  readonly lengths: readonly number[];
  /** Where each row's list starts; rows may share one. */
  readonly starts: readonly number[];
  readonly slots: readonly number[];
  /** Scale of the queries: large ones make a sharp softmax. */
  readonly sharpness?: number;
}

function expected(test: Case, qkv: Float32Array, kv: Float32Array, before: Float32Array): number[] {
  const { heads, kvHeads, headDim, lengths, starts, slots } = test;
  const out = [...before];
  lengths.forEach((length, r) => {
    for (let head = 0; head < heads && length > 0; head++) {
      const kvHead = Math.floor((head * kvHeads) / heads);
      const query = (r * (heads + 2 * kvHeads) + head) * headDim;
      const keyAt = (p: number): number => (slots[starts[r] + p] * 2 * kvHeads + kvHead) * headDim;
      const scores = Array.from({ length }, (_, p) => {
        let dot = 0;
        for (let d = 0; d < headDim; d++) dot += qkv[query + d] * kv[keyAt(p) + d];
        return dot / Math.sqrt(headDim);
      });
      const highest = scores.reduce((high, score) => Math.max(high, score));
      const weights = scores.map((score) => Math.exp(score - highest));
      const total = weights.reduce((sum, weight) => sum + weight);
      for (let d = 0; d < headDim; d++) {
        out[(r * heads + head) * headDim + d] = weights.reduce(
          (sum, weight, p) => sum + (weight / total) * kv[keyAt(p) + kvHeads * headDim + d],
          0,
        );
      }
    }
  });
  return out;
}

async function check(test: Case): Promise<void> {
  const { heads, kvHeads, headDim, lengths, starts } = test;
  const count = lengths.length;
  const slotCount = Math.max(...test.slots) + 1;
  const qkv = noise(count * (heads + 2 * kvHeads) * headDim, 1).map(
    (value) => value * (test.sharpness ?? 1),
  );
  const kv = noise(slotCount * 2 * kvHeads * headDim, 2);
  const before = new Float32Array(count * heads * headDim).fill(7);
  const rows = lengths.flatMap((length, r) => [
    0,
    Math.max(0, length - 1),
    starts[r],
    length > 0 ? 1 : 0,
  ]);
  const [result] = await runKernel(
    context,
    attentionVariant(test),
    { rows: count },
    [Uint32Array.from(rows), Uint32Array.from(test.slots), qkv, kv, before],
    attentionGrid(count, test),
  );
  const want = expected(test, qkv, kv, before);
  expect(worstDifference(new Float32Array(result), want)).toBeLessThan(2e-5);
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

describe('attention', () => {
  it.each([[1], [2], [63], [64], [65], [127], [128], [129], [1024]])(
    'over %d positions',
    (length) =>
      check({
        heads: 2,
        kvHeads: 1,
        headDim: 8,
        lengths: [length],
        starts: [0],
        slots: range(length).reverse(),
      }),
  );

  it.each([
    [1, 1, 2],
    [3, 1, 6],
    [4, 4, 32],
    [6, 2, 64],
    [8, 2, 34],
    [48, 1, 4],
  ])('%d heads over %d KV heads of %d', (heads, kvHeads, headDim) =>
    check({ heads, kvHeads, headDim, lengths: [5, 70], starts: [0, 5], slots: range(75) }),
  );

  it('ragged rows over shared prefixes, with dead rows between them', () =>
    check({
      heads: 4,
      kvHeads: 2,
      headDim: 8,
      lengths: [3, 0, 66, 1, 3],
      starts: [0, 0, 3, 69, 70],
      // The last list shares its first two slots with the first list.
      slots: [9, 4, 2, ...range(66).map((i) => (i * 7) % 80), 11, 9, 4, 50],
    }));

  it('sharp softmax does not overflow', () =>
    check({
      heads: 2,
      kvHeads: 2,
      headDim: 16,
      lengths: [130],
      starts: [0],
      slots: range(130),
      sharpness: 300,
    }));
});
