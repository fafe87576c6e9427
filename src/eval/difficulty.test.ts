import { describe, expect, test } from 'vitest';
import { EMPTY_LEDGER } from '../shared/ledger.ts';
import { StreamRandom } from '../shared/random.ts';
import { binOf } from '../search/compute-optimal-table.ts';
import { computeOptimal, gainOver, savingAt, savingInterval } from './compute-optimal.ts';
import { curvesOf, passAtKCurve } from './curves.ts';
import { binByEase, easeOf } from './difficulty.ts';
import { policyTable } from './policy-table.ts';
import type { SweepResult } from './sweep-result.ts';

interface Row {
  id: string;
  strategy?: string;
  budget?: number;
  seed?: number;
  correct?: boolean;
  samples?: number;
  right?: number;
  meanScore?: number;
}

function result(row: Row): SweepResult {
  const { id, strategy = 'best-of-n', budget = 4, seed = 1, correct = true } = row;
  const { samples = 4, right = 0, meanScore = 0 } = row;
  return {
    id,
    strategy,
    budget,
    seed,
    correct,
    answer: 'x',
    ledger: EMPTY_LEDGER,
    details: { samples, correctSamples: right, meanScore, flags: [] },
  };
}

/** Twenty problems: ease i/20; strategy b is right on hard ones, best-of-n on easy ones. */
function world(budgets: readonly number[] = [4, 16]): SweepResult[] {
  return budgets.flatMap((budget) =>
    Array.from({ length: 100 }, (_, i) => {
      const id = `p${i}`;
      const right = Math.floor(i / 5);
      const shared = { id, budget, samples: 20, right, meanScore: 1 - i / 100 };
      return [
        result({ ...shared, correct: i >= 40 }),
        result({ ...shared, strategy: 'beam:width=0', correct: i < 60 && i % 4 !== 0 }),
      ];
    }).flat(),
  );
}

describe('difficulty', () => {
  test('pools samples of all best-of-n runs of a problem, whatever their size', () => {
    const rows = [
      result({ id: 'a', samples: 4, right: 4, meanScore: 0.5 }),
      result({ id: 'a', samples: 12, right: 0, budget: 12, meanScore: 0.1 }),
      result({ id: 'b', samples: 4, right: 1, meanScore: 0.3 }),
      result({ id: 'b', strategy: 'beam', samples: 4, right: 4, meanScore: 0.9 }),
    ];
    expect(easeOf(rows, 'oracle')).toEqual(
      new Map([
        ['a', 0.25],
        ['b', 0.25],
      ]),
    );
    expect(easeOf(rows, 'predicted').get('a')).toBeCloseTo(0.2, 12);
  });

  test('five equal bins, the easiest first; thresholds put every problem back into its bin', () => {
    const ease = easeOf(world(), 'oracle');
    const binning = binByEase(ease);
    expect(binning.sizes).toEqual([20, 20, 20, 20, 20]);
    expect(binning.bins.get('p99')).toBe(1);
    expect(binning.bins.get('p0')).toBe(5);
    const table = { thresholds: [...binning.thresholds], choices: [] };
    for (const [id, bin] of binning.bins) {
      expect(
        binOf(
          { format: 'overthink-compute-optimal', version: 1, source: '', ...table },
          ease.get(id) ?? 0,
        ),
      ).toBe(bin);
    }
  });
});

describe('the compute-optimal choice', () => {
  const binning = binByEase(easeOf(world(), 'oracle'));

  test('takes the better strategy of each bin and measures it on unseen problems', () => {
    const optimal = computeOptimal(world([4]), binning, ['best-of-n', 'beam:width=0']);
    expect(optimal.choices.map(({ strategy }) => strategy)).toEqual([
      'best-of-n',
      'best-of-n',
      'best-of-n',
      'beam:width=0',
      'beam:width=0',
    ]);
    const [point] = optimal.points;
    expect(point.problems).toBe(100);
    expect(point.mean).toBeCloseTo((60 + 30) / 100, 12);
    const gain = gainOver(optimal, world([4]), { strategy: 'best-of-n', budget: 4 });
    expect(gain.mean).toBeCloseTo(0.3, 12);
    expect(gain.tie).toBe(false);
  });

  test('does not count a choice on the problems it was made with', () => {
    // Two strategies that are right by chance only: whoever peeks would look better than a half.
    const random = new StreamRandom([1, 2]);
    const rows: SweepResult[] = [];
    const strategies = Array.from({ length: 30 }, (_, s) => `beam:width=${s + 1}`);
    for (let i = 0; i < 40; i++) {
      rows.push(result({ id: `p${i}`, samples: 1, right: 1 }));
      strategies.forEach((strategy) => {
        const correct = random.next() < 0.5;
        rows.push(result({ id: `p${i}`, strategy, correct }));
      });
    }
    const one = binByEase(easeOf(rows, 'oracle'), 1);
    const [choice] = computeOptimal(rows, one, strategies).choices;
    const peeking = rows.filter(({ strategy, correct }) => strategy === choice.strategy && correct);
    expect(choice.accuracy).toBeLessThan(peeking.length / 40);
  });

  test('leaves out problems that some strategy lacks', () => {
    const rows = world([4]).filter(({ id, strategy }) => id !== 'p7' || strategy === 'best-of-n');
    expect(computeOptimal(rows, binning, ['best-of-n', 'beam:width=0']).points[0].problems).toBe(
      99,
    );
  });

  test('a saving is read between budgets on a logarithmic scale', () => {
    const curve = [
      { budget: 4, accuracy: 0.4 },
      { budget: 16, accuracy: 0.6 },
      { budget: 64, accuracy: 0.7 },
    ];
    expect(savingAt({ budget: 64, accuracy: 0.6 }, curve)?.ratio).toBeCloseTo(4, 12);
    expect(savingAt({ budget: 64, accuracy: 0.5 }, curve)?.budget).toBeCloseTo(8, 12);
    expect(savingAt({ budget: 64, accuracy: 0.1 }, curve)?.budget).toBe(4);
    expect(savingAt({ budget: 64, accuracy: 0.8 }, curve)).toBeNull();
    const optimal = computeOptimal(world(), binning, ['best-of-n', 'beam:width=0']);
    const baseline = new Map(Array.from({ length: 100 }, (_, i) => [`p${i}`, [i >= 40 ? 1 : 0]]));
    expect(savingInterval(optimal, baseline, 16)).toEqual({ low: 4, high: 4 });
  });
});

test('curves hold points, comparisons, bins and a table that auto can read', () => {
  const meta = { label: 'x', measuredAt: '2026-01-01', revision: 'abc', models: {} };
  const curves = curvesOf(world(), meta);
  expect(curves.points).toHaveLength(4);
  const [comparison] = curves.comparisons;
  expect(comparison).toMatchObject({
    strategy: 'beam:width=0',
    against: 'best-of-n',
    problems: 100,
  });
  expect(comparison.mean).toBeCloseTo(0.45 - 0.6, 12);
  expect(curves.byDifficulty.map(({ kind }) => kind)).toEqual(['oracle', 'predicted']);
  expect(curves.byDifficulty[0].saving?.ratio).toBe(4);
  const table = policyTable(curves.byDifficulty[0], 'test');
  expect(table.choices).toContainEqual(
    expect.objectContaining({ bin: 5, budget: 16, strategy: 'beam', width: 0 }),
  );
});

test('pass@k uses the largest runs of all seeds and never more samples than one run has', () => {
  const rows = [
    result({ id: 'a', budget: 2, samples: 2, right: 2 }),
    result({ id: 'a', budget: 4, samples: 4, right: 1 }),
    result({ id: 'a', budget: 4, samples: 4, right: 1, seed: 2 }),
    result({ id: 'b', budget: 4, samples: 4, right: 0 }),
  ];
  const curve = passAtKCurve(rows);
  expect(curve.map(({ k }) => k)).toEqual([1, 2, 4]);
  expect(curve[0].value).toBeCloseTo((2 / 8 + 0) / 2, 12);
});
