import { describe, expect, test } from 'vitest';
import { EMPTY_LEDGER } from '../shared/ledger.ts';
import { StreamRandom } from '../shared/random.ts';
import { binOf } from '../search/compute-optimal-table.ts';
import { computeOptimal, gainOver, optimalSavings } from './compute-optimal.ts';
import { curvesOf, passAtKCurve } from './curves.ts';
import { readCurves } from './curves-file.ts';
import { binByEase, difficultyFor, difficultyOf, easeOf } from './difficulty.ts';
import { budgetFor, savingsOf } from './saving.ts';
import type { SweepResult } from './sweep-result.ts';

const ORIGIN = { label: '', measuredAt: '', revision: '', models: {} };

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
  test('of each seed the largest run counts once: smaller ones are its beginning', () => {
    const rows = [
      result({ id: 'a', samples: 4, right: 4, meanScore: 0.5 }),
      result({ id: 'a', samples: 12, right: 3, budget: 12, meanScore: 0.1 }),
      result({ id: 'a', samples: 12, right: 3, budget: 12, strategy: 'best-of-n:majority' }),
      result({ id: 'a', samples: 4, right: 1, seed: 2, meanScore: 0.5 }),
      result({ id: 'b', samples: 4, right: 1, meanScore: 0.3 }),
      result({ id: 'b', strategy: 'beam', samples: 4, right: 4, meanScore: 0.9 }),
    ];
    const own = difficultyOf(rows, rows, ORIGIN);
    expect(easeOf(own, 'oracle')).toEqual(
      new Map([
        ['a', 0.25],
        ['b', 0.25],
      ]),
    );
    expect(easeOf(own, 'predicted').get('a')).toBeCloseTo((12 * 0.1 + 4 * 0.5) / 16, 12);
    expect(easeOf(own, 'quick').get('a')).toBe(0.5);
    expect(own).toMatchObject({ seeds: [1, 2], independent: false });
    const others = rows.map((row) => ({ ...row, seed: row.seed + 1000 }));
    expect(difficultyOf(others, rows, ORIGIN).independent).toBe(true);
  });

  test('is found again by the text of a problem, for seeds that were not used for it', () => {
    const own = difficultyOf([result({ id: 'a', seed: 1001, samples: 4, right: 1 })], [], ORIGIN);
    const named = {
      ...own,
      problems: own.problems.map((one) => ({ ...one, prompt: 'make 5: 2 3' })),
    };
    const asked = [{ id: 'other', prompt: 'make 5: 2 3' }];
    const found = difficultyFor(named, asked, [result({ id: 'other' })]);
    expect(found && easeOf(found, 'oracle')).toEqual(new Map([['other', 0.25]]));
    expect(difficultyFor(named, asked, [result({ id: 'other', seed: 1001 })])).toBeNull();
    const more = [...asked, { id: 'b', prompt: 'make 6: 2 3' }];
    expect(difficultyFor(named, more, [])).toBeNull();
  });

  test('five equal bins, the easiest first; thresholds put every problem back into its bin', () => {
    const ease = easeOf(difficultyOf(world(), world(), ORIGIN), 'oracle');
    const binning = binByEase(ease);
    expect(binning.sizes).toEqual([20, 20, 20, 20, 20]);
    expect(binning.bins.get('p99')).toBe(1);
    expect(binning.bins.get('p0')).toBe(5);
    const thresholds = [...binning.thresholds];
    for (const [id, bin] of binning.bins) {
      expect(binOf({ thresholds }, ease.get(id) ?? 0)).toBe(bin);
    }
  });
});

describe('the compute-optimal choice', () => {
  const binning = binByEase(easeOf(difficultyOf(world(), world(), ORIGIN), 'oracle'));

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
    const one = binByEase(easeOf(difficultyOf(rows, rows, ORIGIN), 'oracle'), 1);
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
    expect(budgetFor(0.6, curve)).toBe(16);
    expect(budgetFor(0.5, curve)).toBeCloseTo(8, 12);
    expect(budgetFor(0.1, curve)).toBe(4);
    expect(budgetFor(0.8, curve)).toBeNull();
  });

  test('the saving is what the choice brings, and its cost is paid', () => {
    const names = ['best-of-n', 'beam:width=0'];
    const baseline = { strategy: 'best-of-n', budget: 16 };
    const savings = optimalSavings(world(), binning, names, baseline, 12);
    // The choice is right on 90 of 100 at the smallest budget already, best-of-n on 60.
    expect(savings?.free).toMatchObject({ ratio: 4, low: 4, high: 4, most: 4, reached: 1 });
    expect(savings?.free.baselineAccuracy).toBeCloseTo(0.6, 12);
    expect(savings?.charged).toMatchObject({ ratio: 1, budget: 16, most: 1 });
  });

  test('strategies that are equal by chance save nothing for certain, and a bad curve never', () => {
    const random = new StreamRandom([3, 4]);
    const noise = (strategy: string, budget: number, right: number) =>
      Array.from({ length: 60 }, (_, i) =>
        result({ id: `p${i}`, strategy, budget, correct: random.next() < right, right: i % 5 }),
      );
    const rows = [
      ...[1, 4, 16].flatMap((budget) => noise('best-of-n', budget, 0.2 + budget / 50)),
      ...[1, 4, 16].flatMap((budget) => noise('beam', budget, 0.2 + budget / 50)),
    ];
    const bins = binByEase(easeOf(difficultyOf(rows, rows, ORIGIN), 'oracle'));
    const baseline = { strategy: 'best-of-n', budget: 16 };
    const saving = optimalSavings(rows, bins, ['best-of-n', 'beam'], baseline, 0)?.free;
    expect(saving?.low ?? 0).toBeLessThanOrEqual(1);
    expect(saving?.reached).toBeGreaterThan(0);
    expect(saving?.reached).toBeLessThan(1);
    const last = savingsOf({
      pairs: [{ bin: 1, folds: [['p0'], ['p1']] }],
      budgets: [1],
      columns: [
        [
          new Map([
            ['p0', [0]],
            ['p1', [0]],
          ]),
        ],
      ],
      baseline: new Map([
        ['p0', [1]],
        ['p1', [1]],
      ]),
      baselineBudget: 16,
      extra: [0],
    })[0];
    expect(last).toMatchObject({ ratio: null, budget: null, low: null, high: null, reached: 0 });
  });
});

test('curves hold points, comparisons and bins', () => {
  const meta = { label: 'x', measuredAt: '2026-01-01', revision: 'abc', models: {} };
  const separate = world().map((one) => ({ ...one, seed: 2001, correct: one.id !== 'p99' }));
  const difficulty = difficultyOf(world(), world(), meta);
  const families = new Map(world().map(({ id }) => [id, Number(id.slice(1)) < 50 ? 'a' : 'b']));
  const curves = curvesOf(world(), difficulty, meta, { separate, families });
  expect(curves.points).toHaveLength(4);
  for (const { family, points, comparisons } of curves.byFamily) {
    expect(comparisons.map(({ against, problems }) => [against, problems])).toEqual([
      ['best-of-n', 50],
      ['best-of-n', 50],
    ]);
    const accuracy = (strategy: string, budget: number): number =>
      points.find((one) => one.strategy === strategy && one.budget === budget)?.accuracy ?? NaN;
    for (const { strategy, budget, mean } of comparisons) {
      const expected = accuracy(strategy, budget) - accuracy('best-of-n', budget);
      expect(mean, `${family} ${strategy} ${budget}`).toBeCloseTo(expected, 12);
    }
  }
  expect(curves.byFamily.map(({ comparisons }) => comparisons[0].mean)[0]).not.toBe(
    curves.byFamily.map(({ comparisons }) => comparisons[0].mean)[1],
  );
  const [comparison] = curves.comparisons;
  expect(comparison).toMatchObject({
    strategy: 'beam:width=0',
    against: 'best-of-n',
    problems: 100,
  });
  expect(comparison.mean).toBeCloseTo(0.45 - 0.6, 12);
  expect(curves.byDifficulty.map(({ kind }) => kind)).toEqual(['oracle', 'predicted', 'quick']);
  expect(curves.byDifficulty[0].saving?.free.ratio).toBe(4);
  // Best-of-n has as much at 4 as at 16; beam search never gets there.
  expect(curves.savings.map(({ strategy, saving }) => [strategy, saving.ratio])).toEqual([
    ['best-of-n', 4],
    ['beam:width=0', null],
  ]);
  expect(curves.separate[0]).toMatchObject({ strategy: 'best-of-n', budget: 4, problems: 100 });
  expect(curves.separate[0].mean).toBeCloseTo(0.99 - 0.6, 12);
  expect(readCurves(JSON.parse(JSON.stringify(curves)))).toEqual(curves);
  expect(() => readCurves({ ...curves, version: 1 })).toThrow('curves');
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
