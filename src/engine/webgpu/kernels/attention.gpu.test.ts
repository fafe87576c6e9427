import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuContext } from '../gpu-context.ts';
import { openTestContext, REDUCTIONS, reductionOf, runKernel } from '../testing/kernel-harness.ts';
import { noise, worstDifference } from '../testing/noise.ts';
import { attentionGrid, attentionVariant, largestTile } from './attention.ts';
import { buildTiles } from './attention-tiles.ts';

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

/** Rows by themselves and in tiles, over either reduction; `late`: positions that the tables already
 * list and no row has reached, as in the first of several decode steps. */
async function check(test: Case, late = 0): Promise<void> {
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
  const slots = Uint32Array.from(test.slots);
  const want = expected(test, qkv, kv, before);
  for (const tileRows of new Set([1, largestTile(test)])) {
    const ends = lengths.map((length) => Math.max(1, length) + late);
    const tiles = buildTiles({ count, listStarts: starts, ends, slotLists: slots }, tileRows, 3);
    const table = Uint32Array.of(0, 0, 0, ...tiles.words);
    for (const reduction of REDUCTIONS) {
      const subgroups = reductionOf(context, reduction);
      const [result] = await runKernel(
        context,
        attentionVariant(test, { tileRows, subgroups }),
        { rows: count, tilesAt: 3 },
        [Uint32Array.from(rows), slots, table, qkv, kv, before],
        attentionGrid(tileRows === 1 ? count : tiles.tiles, test),
      );
      const worst = worstDifference(new Float32Array(result), want);
      expect(worst, `${tileRows} rows a tile, by ${reduction}`).toBeLessThan(2e-5);
    }
  }
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
const SMALL = { heads: 2, kvHeads: 1, headDim: 8 };

describe('attention', () => {
  it.each([[1], [2], [63], [64], [65], [127], [128], [129], [1024]])(
    'over %d positions',
    (length) => check({ ...SMALL, lengths: [length], starts: [0], slots: range(length).reverse() }),
  );

  it.each([
    [1, 1, 2],
    [3, 1, 6],
    [4, 4, 32],
    [6, 2, 64],
    [8, 2, 34],
    [20, 1, 4],
    [48, 1, 4],
    [2, 1, 130],
    [4, 2, 256],
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

  it.each([[1], [7], [8], [9], [17]])('%d rows of one list, each seeing one more', (count) =>
    check({
      ...SMALL,
      lengths: range(count).map((r) => 60 + r),
      starts: new Array<number>(count).fill(0),
      slots: range(60 + count).reverse(),
    }),
  );

  it('branches of branches over one prompt, longer than a chunk', () => {
    // 70 slots of the prompt; rows 0-3 share ten more, rows 4-7 ten others; five of their own.
    const lists = range(9).flatMap((r) => [
      ...range(70),
      ...range(10).map((i) => 100 + (r >> 2) * 10 + i),
      ...range(5).map((i) => 200 + r * 5 + i),
    ]);
    return check({
      ...SMALL,
      lengths: [85, 82, 85, 84, 85, 0, 81, 85, 85],
      starts: range(9).map((r) => r * 85),
      slots: lists,
    });
  });

  it('tables that list what lanes will write later', () =>
    check(
      {
        ...SMALL,
        lengths: [63, 64, 65, 0],
        starts: [0, 80, 160, 240],
        slots: range(4).flatMap((r) => [...range(60), ...range(20).map((i) => 60 + r * 20 + i)]),
      },
      7,
    ));

  it('rows that are all dead', () =>
    check({ ...SMALL, lengths: [0, 0, 0], starts: [0, 0, 0], slots: [0] }));

  it('sharp softmax does not overflow', () =>
    check({
      heads: 2,
      kvHeads: 2,
      headDim: 16,
      lengths: [130, 130],
      starts: [0, 0],
      slots: range(130),
      sharpness: 300,
    }));
});
