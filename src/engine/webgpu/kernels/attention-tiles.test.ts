import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTiles, listedSlots, tilesThatPay, type AttendingRows } from './attention-tiles.ts';

/** Rows from whole lists, one behind the other. */
function rowsFrom(lists: readonly (readonly number[])[]): AttendingRows {
  const listStarts = lists.map((_, r) => lists.slice(0, r).flat().length);
  return {
    count: lists.length,
    listStarts,
    ends: lists.map((list) => list.length),
    slotLists: Uint32Array.from(lists.flat()),
  };
}

/** What each row attends to by the tables, as `position:slot`, and how often slots are read. */
function readBack(words: Uint32Array, tiles: number, offset: number): string[][] {
  const seen: string[][] = [];
  for (let tile = 0; tile < tiles; tile++) {
    const [first, rows, entries, start] = words.subarray(tile * 4);
    for (let r = 0; r < rows; r++) seen[first + r] = [];
    for (let e = 0; e < entries; e++) {
      const [slot, word] = words.subarray(start - offset + 2 * e);
      for (let r = 0; r < rows; r++) {
        if ((word >> r) & 1) seen[first + r].push(`${word >> 8}:${slot}`);
      }
    }
  }
  return seen;
}

const range = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i);

describe('attention tiles', () => {
  it('read a shared prompt once for all rows of a tile', () => {
    // 100 slots of the prompt and 4 of its own for each of 64 branches.
    const rows = rowsFrom(range(64).map((r) => [...range(100), ...range(4, 100 + r * 4)]));
    expect(listedSlots(rows)).toBe(64 * 104);
    expect(buildTiles(rows, 8).entries).toBe(8 * (100 + 8 * 4));
    expect(tilesThatPay(rows, 8)?.entries).toBe(8 * (100 + 8 * 4));
  });

  it('read a prompt once for all of its rows', () => {
    const rows: AttendingRows = {
      count: 16,
      listStarts: new Array<number>(16).fill(0),
      ends: range(16, 1),
      slotLists: Uint32Array.from(range(16)),
    };
    // The first tile sees 8 positions, the second 16.
    expect(tilesThatPay(rows, 8)?.entries).toBe(8 + 16);
  });

  it('list for every row what its own list holds, whatever is shared', () => {
    const slot = fc.integer({ min: 0, max: 6 });
    const lists = fc.array(fc.array(slot, { maxLength: 7 }), { minLength: 1, maxLength: 11 });
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 8 }), fc.nat(9), (each, tileRows, offset) => {
        const { words, tiles, entries } = buildTiles(rowsFrom(each), tileRows, offset);
        const seen = readBack(words, tiles, offset);
        each.forEach((list, r) => {
          expect([...seen[r]].sort()).toEqual(list.map((s, p) => `${p}:${s}`).sort());
        });
        const distinct = range(tiles).map(
          (t) =>
            new Set(
              each
                .slice(t * tileRows, (t + 1) * tileRows)
                .flatMap((list) => list.map((s, p) => `${p}:${s}`)),
            ).size,
        );
        expect(entries).toBe(distinct.reduce((sum, count) => sum + count, 0));
      }),
    );
  });

  it('are not made where they do not pay', () => {
    const apart = rowsFrom(range(16).map((r) => range(50, r * 50)));
    expect(tilesThatPay(apart, 8)).toBeNull();
    // Half is shared, but eight tails of 60 would be walked by one workgroup.
    const long = rowsFrom(range(8).map((r) => [...range(200), ...range(60, 200 + r * 60)]));
    expect(tilesThatPay(long, 8)).toBeNull();
    expect(tilesThatPay(rowsFrom([range(100)]), 8)).toBeNull();
    expect(tilesThatPay(rowsFrom([range(100), range(100)]), 1)).toBeNull();
  });
});
