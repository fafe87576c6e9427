import { describe, expect, test } from 'vitest';
import { computeOptimal } from '../../eval/compute-optimal.ts';
import { binByEase, difficultyOf, easeOf } from '../../eval/difficulty.ts';
import type { SweepResult } from '../../eval/sweep-result.ts';
import { EMPTY_LEDGER } from '../../shared/ledger.ts';
import { analyse, curvePoints } from './analysis.ts';
import { matchedBins, verdictOf } from './matched.ts';

interface Row {
  id: string;
  strategy?: string;
  budget?: number;
  seed?: number;
  correct?: boolean;
  right?: number;
  score?: number;
  verifierTokens?: number;
  detailed?: boolean;
}

function result(row: Row): SweepResult {
  const { id, strategy = 'best-of-n', budget = 4, seed = 1, correct = true, right = 0 } = row;
  const { score = 0.5, verifierTokens = 0, detailed = true } = row;
  const ledger = {
    ...EMPTY_LEDGER,
    generations: budget,
    policyTokens: budget * 10,
    verifierTokens,
  };
  const details = { samples: budget, correctSamples: right, meanScore: score, flags: [] };
  return {
    ...{ id, strategy, budget, seed, answer: 'x', correct, ledger, score },
    ...(detailed ? { details } : {}),
  };
}

/** Fifty problems, the first the easiest; Best-of-N solves easy ones, beam search hard ones. */
function world(): SweepResult[] {
  return [4, 16].flatMap((budget) =>
    Array.from({ length: 50 }, (_, i) => {
      const shared = { id: `p${i}`, budget };
      const right = Math.round((budget * (49 - i)) / 49);
      return [
        result({ ...shared, right, correct: i < 30, score: 1 - i / 50 }),
        result({ ...shared, strategy: 'beam', correct: i >= 25 }),
      ];
    }).flat(),
  );
}

const ORIGIN = { label: '', measuredAt: '', revision: '', models: {} };

describe('estimating difficulty', () => {
  test('is charged at every budget alike', () => {
    const { difficulty } = analyse(world(), 'test', null);
    const [oracle] = difficulty;
    // The largest run of the seed; the run at 4 is its beginning.
    expect(oracle.curves.cost.generations).toBe(16);
    expect(oracle.charged.map((point) => point.ledger.generations)).toEqual(
      oracle.optimal.map((point) => point.ledger.generations + 16),
    );
    expect(oracle.charged.map(({ value }) => value)).toEqual(
      oracle.optimal.map(({ value }) => value),
    );
    expect(difficulty.every(({ curves }) => !curves.independent)).toBe(true);
  });

  test('samples of their own decide the bins, whatever the compared ones say', () => {
    // The other way round: the last problem is the easiest.
    const samples = world().map((one) => ({
      ...one,
      id: `p${49 - Number(one.id.slice(1))}`,
      seed: 1001,
    }));
    const own = difficultyOf(samples, world(), ORIGIN);
    const [{ curves }] = analyse(world(), 'test', own).difficulty;
    expect(curves.independent).toBe(true);
    expect(curves.members[0]).toContain('p49');
    expect(curves.members[4]).toContain('p0');
  });
});

describe('analysis', () => {
  test('bins hold every problem once, and their points are those of their problems', () => {
    const { difficulty } = analyse(world(), 'test', null);
    expect(difficulty.map(({ curves }) => curves.kind)).toEqual(['oracle', 'predicted', 'quick']);
    const [{ bins, curves }] = difficulty;
    const { members } = curves;
    expect(members.flat().sort()).toEqual(Array.from({ length: 50 }, (_, i) => `p${i}`).sort());
    const easiest = bins[0].find((point) => point.strategy === 'beam' && point.budget === 4);
    expect(members[0]).toContain('p0');
    expect(easiest).toMatchObject({ value: 0, runs: 10 });
  });

  test('the compute-optimal points are those of the cross-validation', () => {
    const results = world();
    const [{ optimal }] = analyse(results, 'test', null).difficulty;
    const binning = binByEase(easeOf(difficultyOf(results, results, ORIGIN), 'oracle'));
    const { points } = computeOptimal(results, binning, ['best-of-n', 'beam']);
    expect(optimal.map(({ budget, value }) => [budget, value])).toEqual(
      points.map((point) => [point.budget, point.mean]),
    );
    expect(optimal[0].value, 'better than either alone').toBeGreaterThan(0.9);
  });

  test('a rising score with falling accuracy is found; the other way round is not', () => {
    const rows = Array.from({ length: 40 }, (_, i) => [
      result({ id: `p${i}`, strategy: 'beam', budget: 4, correct: i < 30, score: 0.5 }),
      result({ id: `p${i}`, strategy: 'beam', budget: 16, correct: i < 10, score: 0.9 }),
      result({ id: `p${i}`, strategy: 'dvts', budget: 4, correct: i < 10, score: 0.5 }),
      result({ id: `p${i}`, strategy: 'dvts', budget: 16, correct: i < 30, score: 0.9 }),
    ]).flat();
    const { trends: overOptimised } = analyse(rows, 'test', null).curves;
    expect(overOptimised).toHaveLength(1);
    expect(overOptimised[0]).toMatchObject({ strategy: 'beam', from: 4, to: 16 });
    expect(overOptimised[0].accuracy.mean).toBeCloseTo(-0.5);
    expect(overOptimised[0].accuracy.tie).toBe(false);
  });

  test('results without details or truth are shown for what they hold', () => {
    const plain = world().map(({ details: _details, ...rest }) => rest);
    const analysis = analyse(plain, 'test', null);
    expect(analysis.difficulty).toEqual([]);
    expect(analysis.passAtK).toEqual([]);
    expect(analysis.curves.detailed).toBe(0);
    expect(curvePoints(analysis.curves.points)).toHaveLength(4);
    const unknown = plain.map((one) => ({ ...one, correct: null }));
    expect(curvePoints(analyse(unknown, 'test', null).curves.points)).toEqual([]);
  });
});

describe('matched FLOPs', () => {
  const [own] = analyse(world(), 'test', null).difficulty;

  test('only budgets below the allowance are affordable', () => {
    const rows = matchedBins(own, { modelRatio: 2, tokenRatio: 1, version: 'v1' }, []);
    expect(rows.map(({ small }) => small?.point.budget)).toEqual([4, 4, 4, 4, 4]);
    const tight = matchedBins(own, { modelRatio: 1.25, tokenRatio: 100, version: 'v1' }, []);
    expect(tight.every(({ small }) => small === null)).toBe(true);
    expect(rows.every((row) => verdictOf(row) === '–')).toBe(true);
  });

  test('the larger model is read by the bins of the small one', () => {
    const larger = Array.from({ length: 50 }, (_, i) =>
      result({ id: `p${i}`, strategy: 'greedy', budget: 1, correct: i >= 40, detailed: false }),
    );
    const rows = matchedBins(own, { modelRatio: 14, tokenRatio: 0.16, version: 'v1' }, larger);
    expect(rows.map((row) => row.larger?.value)).toEqual([0, 0, 0, 0, 1]);
    expect(rows[0].larger?.ledger.generations).toBeCloseTo(257.75);
    expect(verdictOf(rows[0])).toBe('thinking longer');
    expect(verdictOf(rows[4])).toBe('not told apart');
  });
});
