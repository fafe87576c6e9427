import { expect, test } from 'vitest';
import { aggregate } from './aggregate.ts';

test('each aggregation is what its name says; nothing aggregates to null, not to 0', () => {
  const scores = [0.5, 0.2, 0.8];
  expect(aggregate(scores, 'last')).toBe(0.8);
  expect(aggregate(scores, 'min')).toBe(0.2);
  expect(aggregate(scores, 'product')).toBeCloseTo(0.08, 12);
  expect(aggregate(scores, 'mean')).toBeCloseTo(0.5, 12);
  for (const how of ['last', 'min', 'product', 'mean'] as const) {
    expect(aggregate([], how)).toBeNull();
    expect(aggregate([0.3], how)).toBeCloseTo(0.3, 12);
  }
});
