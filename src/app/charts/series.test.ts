import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SweepResult } from '../../eval/sweep-result.ts';
import { EMPTY_LEDGER } from '../../shared/ledger.ts';
import { AXES, computeOf, curvesOf, logDomain, logTicks, pointsOf } from './series.ts';

const result = (strategy: string, budget: number, correct: boolean | null): SweepResult => ({
  id: 'p',
  strategy,
  budget,
  seed: 1,
  answer: '1',
  correct,
  ledger: {
    ...EMPTY_LEDGER,
    generations: budget,
    policyTokens: budget * 10,
    verifierTokens: budget * 11,
    flopsExecuted: budget * 1e6,
    elapsedMs: budget * 5,
  },
  voteShare: 0.5,
  score: 0.25,
});

describe('points', () => {
  it('are shares with Wilson intervals around them', () => {
    const [point] = pointsOf(
      [true, true, false, true].map((correct) => result('beam', 4, correct)),
      'accuracy',
    );
    expect(point).toMatchObject({ value: 0.75, runs: 4, budget: 4 });
    // Wilson, 3 of 4: computed by hand.
    expect(point.low).toBeCloseTo(0.3006, 3);
    expect(point.high).toBeCloseTo(0.9544, 3);
  });

  it('leave out runs whose truth is not known, and show shares and scores instead', () => {
    const results = [result('beam', 4, null), result('beam', 4, null)];
    expect(pointsOf(results, 'accuracy')).toEqual([]);
    expect(pointsOf(results, 'voteShare')[0]).toMatchObject({ value: 0.5, runs: 2 });
    expect(pointsOf(results, 'score')[0].value).toBe(0.25);
  });

  it('form one curve a strategy, in order of compute, on every axis', () => {
    const results = [64, 1, 16].flatMap((budget) => [
      result('beam', budget, true),
      result('best-of-n:majority', budget, false),
    ]);
    for (const axis of AXES) {
      const curves = curvesOf(pointsOf(results, 'accuracy'), axis);
      expect(curves.map((curve) => curve.strategy)).toEqual(['beam', 'best-of-n:majority']);
      const xs = curves[0].points.map((point) => computeOf(point.ledger, axis));
      expect(xs).toEqual([...xs].sort((a, b) => a - b));
    }
  });

  it('without compute on the axis are left out: a logarithm cannot show them', () => {
    const free = { ...result('greedy', 1, true), ledger: EMPTY_LEDGER };
    expect(curvesOf(pointsOf([free], 'accuracy'), 'seconds')).toEqual([]);
  });
});

describe('the logarithmic axis', () => {
  it('has a positive domain that holds all values, and ticks inside it', () => {
    const value = fc.double({ min: -1, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(fc.array(value), fc.constantFrom(...AXES), (values, axis) => {
        const [low, high] = logDomain(values);
        expect(low).toBeGreaterThan(0);
        expect(high).toBeGreaterThan(low);
        for (const one of values.filter((v) => v > 0)) {
          expect(one).toBeGreaterThanOrEqual(low);
          expect(one).toBeLessThanOrEqual(high);
        }
        const ticks = logTicks([low, high], axis);
        expect(ticks.length).toBeLessThan(1200);
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low * 0.999);
          expect(tick).toBeLessThanOrEqual(high * 1.001);
        }
      }),
      { examples: [[[5e-324], 'generations']] },
    );
  });

  it('marks powers of four for generations and round numbers for tokens', () => {
    expect(logTicks([0.8, 80], 'generations')).toEqual([1, 4, 16, 64]);
    expect(logTicks([40, 3000], 'tokens')).toEqual([50, 100, 200, 500, 1000, 2000]);
  });
});
