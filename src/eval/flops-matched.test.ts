import { describe, expect, test } from 'vitest';
import {
  affordableBudget,
  FLOPS_VERSIONS,
  matchedGenerations,
  PAPER_MODEL_RATIO,
  PAPER_RATIOS,
} from './flops-matched.ts';

describe('FLOPs matching', () => {
  test('both versions give about 256, 64 and 16 generations at M = 14', () => {
    for (const version of FLOPS_VERSIONS) {
      const allowed = PAPER_RATIOS[version].map((ratio) =>
        Math.round(matchedGenerations(PAPER_MODEL_RATIO, ratio, version)),
      );
      expect(allowed[0]).toBeGreaterThan(240);
      expect(allowed[0]).toBeLessThan(270);
      expect(Math.abs(allowed[1] - 64)).toBeLessThan(2);
      expect(Math.abs(allowed[2] - 16)).toBeLessThan(1);
    }
  });

  test('the totals are equal: M (X + Y) = X + k Y', () => {
    for (const version of FLOPS_VERSIONS) {
      for (const m of [4, 14]) {
        for (const ratio of [0.1, 1, 20]) {
          const x = 6;
          const y = (version === 'v1' ? 2 : 4) * ratio;
          const k = matchedGenerations(m, ratio, version);
          expect(x + k * y).toBeCloseTo(m * (x + y), 9);
        }
      }
    }
  });

  test('a budget is never above what is allowed', () => {
    expect(affordableBudget(63.9, [1, 4, 16, 64])).toBe(16);
    expect(affordableBudget(64, [64, 4, 1])).toBe(64);
    expect(affordableBudget(0.5, [1])).toBeNull();
  });
});
