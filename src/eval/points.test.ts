import { describe, expect, test } from 'vitest';
import { EMPTY_LEDGER } from '../shared/ledger.ts';
import { wilson95 } from '../shared/statistics.ts';
import { compare, pointsOf } from './points.ts';
import type { SweepResult } from './sweep-result.ts';

function result(
  id: string,
  seed: number,
  correct: boolean | null,
  more: Partial<SweepResult> = {},
): SweepResult {
  const ledger = { ...EMPTY_LEDGER, generations: 4, policyTokens: seed };
  return { id, seed, correct, strategy: 'beam', budget: 4, answer: 'x', ledger, ...more };
}

describe('points', () => {
  test('one seed: the share with its Wilson interval', () => {
    const [point] = pointsOf([result('a', 1, true), result('b', 1, false), result('c', 1, true)]);
    expect(point).toMatchObject({ problems: 3, seeds: 1, accuracy: 2 / 3, ...wilson95(2, 3) });
    expect(point.ledger).toMatchObject({ generations: 4, policyTokens: 1 });
  });

  test('several seeds: the mean of problem means, with the mean ledger', () => {
    const [point] = pointsOf([
      result('a', 1, true),
      result('a', 2, true),
      result('b', 1, true),
      result('b', 2, false),
    ]);
    expect(point).toMatchObject({ problems: 2, seeds: 2, accuracy: 0.75 });
    expect(point.low).toBeLessThan(0.75);
    expect(point.high).toBeGreaterThan(0.75);
    expect(point.ledger.policyTokens).toBe(1.5);
  });

  test('without truth there is no accuracy', () => {
    const [point] = pointsOf([result('a', 1, null), result('b', 1, null)]);
    expect(point).toMatchObject({ problems: 2, accuracy: null, low: null, high: null });
  });

  test('strategies keep their order, budgets ascend', () => {
    const rows = [16, 4].flatMap((budget) =>
      ['beam', 'best-of-n'].map((strategy) => result('a', 1, true, { budget, strategy })),
    );
    expect(pointsOf(rows).map(({ strategy, budget }) => `${strategy} ${budget}`)).toEqual([
      'beam 4',
      'beam 16',
      'best-of-n 4',
      'best-of-n 16',
    ]);
  });

  test('comparisons pair problems and seeds, whatever the order of the rows', () => {
    const rows: SweepResult[] = [];
    for (let i = 0; i < 40; i++) {
      for (const seed of [2, 1]) {
        const easy = (i + seed) % 2 === 0;
        rows.push(result(`p${i}`, seed, easy));
        rows.unshift(result(`p${i}`, seed, easy || i % 4 === 0, { strategy: 'dvts' }));
      }
    }
    const a = { strategy: 'beam', budget: 4 };
    const difference = compare(rows, a, { strategy: 'dvts', budget: 4 });
    expect(difference).toMatchObject({ problems: 40, tie: false });
    expect(difference.mean).toBeCloseTo(0.125, 12);
    expect(compare(rows, a, a)).toMatchObject({ mean: 0, low: 0, high: 0, tie: true });
  });
});
