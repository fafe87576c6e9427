import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rootStream, StreamRandom } from './random.ts';
import {
  bootstrapMean,
  meanPassAtK,
  pairedDifference,
  passAtK,
  quantile,
  quantileBins,
  wilson95,
} from './statistics.ts';

describe('Wilson interval', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i', (successes, trials, low, high) => {
    const interval = wilson95(successes, trials);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test('contains the share, stays in [0, 1], mirrors, and solves the score equation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), (trials, some) => {
        const successes = some % (trials + 1);
        const share = successes / trials;
        const { low, high } = wilson95(successes, trials);
        const mirrored = wilson95(trials - successes, trials);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(share);
        expect(high).toBeGreaterThanOrEqual(share);
        expect(mirrored.low).toBeCloseTo(1 - high, 12);
        // |share - p| = z * sqrt(p(1-p)/n) at both ends.
        for (const p of [low, high]) {
          const z2 = (share - p) ** 2 * trials - 1.959963984540054 ** 2 * p * (1 - p);
          expect(z2).toBeCloseTo(0, 9);
        }
      }),
    );
  });

  test('without trials nothing is known', () => {
    expect(wilson95(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

/** Chance that a drawn subset of size k contains a correct one, by enumerating all subsets. */
function bruteForcePassAtK(samples: number, correct: number, k: number): number {
  let hits = 0;
  let all = 0;
  for (let set = 0; set < 1 << samples; set++) {
    let size = 0;
    for (let i = 0; i < samples; i++) size += (set >> i) & 1;
    if (size !== k) continue;
    all++;
    if ((set & ((1 << correct) - 1)) !== 0) hits++;
  }
  return hits / all;
}

describe('pass@k', () => {
  test('equals the enumeration of all subsets', () => {
    for (let n = 1; n <= 8; n++) {
      for (let c = 0; c <= n; c++) {
        for (let k = 1; k <= n; k++) {
          expect(passAtK(n, c, k)).toBeCloseTo(bruteForcePassAtK(n, c, k), 12);
        }
      }
    }
  });

  test('is the plain share at k = 1 and does not overflow for many samples', () => {
    expect(passAtK(2048, 512, 1)).toBeCloseTo(0.25, 12);
    expect(passAtK(2048, 1, 1024)).toBeCloseTo(0.5, 12);
  });

  test('averages over problems and leaves out those with too few samples', () => {
    const problems = [
      { samples: 4, correct: 0 },
      { samples: 4, correct: 4 },
      { samples: 1, correct: 1 },
    ];
    expect(meanPassAtK(problems, 2)).toBe(0.5);
    expect(meanPassAtK(problems, 1)).toBeCloseTo(2 / 3, 12);
    expect(meanPassAtK(problems, 5)).toBeNull();
  });
});

describe('bootstrap', () => {
  const random = new StreamRandom(rootStream(5, 'data'));
  const sample = (count: number, seeds: number, chance: number) =>
    Array.from({ length: count }, () =>
      Array.from({ length: seeds }, () => (random.next() < chance ? 1 : 0)),
    );

  test('is near the normal interval for one value a problem', () => {
    const data = sample(400, 1, 0.3);
    const share = data.filter(([value]) => value === 1).length / 400;
    const half = 1.96 * Math.sqrt((share * (1 - share)) / 400);
    const estimate = bootstrapMean(data, 1);
    expect(estimate.mean).toBeCloseTo(share, 12);
    expect(estimate.low).toBeCloseTo(share - half, 1.7);
    expect(estimate.high).toBeCloseTo(share + half, 1.7);
    expect(bootstrapMean(data, 1)).toEqual(estimate);
  });

  test('weighs problems alike, however many seeds they have', () => {
    expect(bootstrapMean([[1], [0, 0, 0, 0], []], 1).mean).toBe(0.5);
  });

  test('covers the truth about as often as it says', () => {
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const { low, high } = bootstrapMean(sample(60, 2, 0.4), trial, 200);
      if (low <= 0.4 && 0.4 <= high) covered++;
    }
    expect(covered).toBeGreaterThan(175);
    expect(covered).toBeLessThanOrEqual(200);
  });

  test('a paired difference sees what the unpaired spread would hide', () => {
    const a = new Map<string, number[]>();
    const b = new Map<string, number[]>();
    for (let i = 0; i < 100; i++) {
      const easy = i % 2;
      a.set(`p${i}`, [easy, easy]);
      // b solves every tenth problem more.
      b.set(`p${i}`, [i % 10 === 0 ? 1 : easy, easy]);
    }
    b.set('only in b', [1]);
    const difference = pairedDifference(a, b, 1);
    expect(difference.mean).toBeCloseTo(0.05, 12);
    expect(difference.problems).toBe(100);
    expect(difference.tie).toBe(false);
    expect(difference.low).toBeGreaterThan(0);
    expect(pairedDifference(b, a, 1).mean).toBeCloseTo(-0.05, 12);
    expect(pairedDifference(a, a, 1)).toMatchObject({ mean: 0, tie: true });
    expect(pairedDifference(a, new Map(), 1)).toMatchObject({ problems: 0, tie: true });
  });
});

test('quantiles interpolate between order statistics', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3, 4], 0)).toBe(1);
  expect(quantile([1, 2, 3, 4], 1)).toBe(4);
  expect(quantile([7], 0.3)).toBe(7);
});

test('bins are equal in size, easiest first, and never mix the order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      (ease, bins) => {
        const assigned = quantileBins(ease, bins);
        const sizes = Array.from({ length: bins }, (_, b) => assigned.filter((x) => x === b + 1));
        const lengths = sizes.map((own) => own.length);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
        for (let i = 0; i < ease.length; i++) {
          for (let j = 0; j < ease.length; j++) {
            if (ease[i] > ease[j]) expect(assigned[i]).toBeLessThanOrEqual(assigned[j]);
          }
        }
      },
    ),
  );
});
