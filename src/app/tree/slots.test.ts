import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Column, packBlocks } from './slots.ts';

const request = fc.record({
  size: fc.integer({ min: 1, max: 8 }),
  center: fc.integer({ min: -30, max: 30 }),
});

describe('Column', () => {
  it('gives every block rows of its own', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 40 }), (requests) => {
        const column = new Column();
        const given = requests.map(({ size, center }) => {
          const low = column.reserve(size, center);
          return { low, high: low + size };
        });
        given.sort((a, b) => a.low - b.low);
        for (let i = 1; i < given.length; i++) {
          expect(given[i].low).toBeGreaterThanOrEqual(given[i - 1].high - 1e-9);
        }
      }),
    );
  });

  it('takes the nearest place that is free', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 12 }), request, (before, last) => {
        const column = new Column();
        for (const { size, center } of before) column.reserve(size, center);
        const spans = [...column.spans];
        const low = column.reserve(last.size, last.center);
        const ideal = last.center - last.size / 2;
        const isFree = (at: number) =>
          spans.every((span) => span.high <= at + 1e-9 || span.low >= at + last.size - 1e-9);
        const edges = spans.flatMap((span) => [span.high, span.low - last.size]);
        const best = Math.min(
          ...[ideal, ...edges].filter(isFree).map((at) => Math.abs(at - ideal)),
        );
        expect(Math.abs(low - ideal)).toBeCloseTo(best, 9);
      }),
    );
  });

  it('keeps intervals sorted and apart when rows are taken outright', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
        const column = new Column();
        for (const { size, center } of requests) column.occupy(center, center + size);
        column.spans.forEach((span, i) => {
          if (i > 0) expect(span.low).toBeGreaterThan(column.spans[i - 1].high);
        });
        for (const { size, center } of requests) {
          expect(
            column.spans.some((span) => span.low <= center && span.high >= center + size),
          ).toBe(true);
        }
      }),
    );
  });
});

describe('packBlocks', () => {
  it('keeps the order, never overlaps and leaves free wishes alone', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 20 }), (blocks) => {
        const lows = packBlocks(blocks);
        for (let i = 1; i < lows.length; i++) {
          expect(lows[i]).toBeGreaterThanOrEqual(lows[i - 1] + blocks[i - 1].size - 1e-9);
        }
      }),
    );
    expect(packBlocks([0, 10, 20].map((center) => ({ center, size: 2 })))).toEqual([-1, 9, 19]);
  });

  it('shares a conflict evenly, or by weight', () => {
    expect(packBlocks([5, 5].map((center) => ({ center, size: 2 })))).toEqual([3, 5]);
    const [first] = packBlocks([
      { center: 5, size: 2, weight: 3 },
      { center: 5, size: 2, weight: 1 },
    ]);
    expect(first).toBeCloseTo(3.5, 9);
  });
});
