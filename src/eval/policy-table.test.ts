import { expect, test } from 'vitest';
import { halfOf, parseComputeOptimalTable } from '../search/compute-optimal-table.ts';
import { EMPTY_LEDGER } from '../shared/ledger.ts';
import { difficultyOf } from './difficulty.ts';
import { policyTable, type TableQuestion } from './policy-table.ts';
import type { SweepResult } from './sweep-result.ts';

const ORIGIN = { label: '', measuredAt: '', revision: '', models: {} };
const STRATEGIES = ['best-of-n:best', 'lookahead:lookahead=3:width=0:temperature=0.7'];

/** In each half of the problems another strategy is right. */
function questionOf(): TableQuestion {
  const prompts = new Map(Array.from({ length: 200 }, (_, i) => [`p${i}`, `make ${i}: 1 2 3`]));
  const results = [...prompts].flatMap(([id, prompt], i) =>
    [4, 16].flatMap((budget) =>
      STRATEGIES.map((strategy, at): SweepResult => ({
        ...{ id, strategy, budget, seed: 1, answer: 'x', ledger: EMPTY_LEDGER },
        correct: halfOf(prompt) === at,
        details: { samples: budget, correctSamples: 1, meanScore: (i % 50) / 50, flags: [] },
      })),
    ),
  );
  const samples = results.map((one) => ({ ...one, strategy: 'best-of-n', seed: 1001 }));
  return {
    results,
    difficulty: difficultyOf(samples, results, ORIGIN),
    strategies: STRATEGIES,
    base: { keep: 'm', chainLength: 9, temperature: 0.9 },
    prompts,
    source: 'a test',
  };
}

test('no choice was made with the half of the problems that it is for', () => {
  const table = policyTable(questionOf());
  if (table === null) throw new Error('no table');
  expect(parseComputeOptimalTable(JSON.parse(JSON.stringify(table)))).toEqual(table);
  // What is right on half 0 is chosen for half 1, where it is wrong, and the other way round.
  const [first, second] = table.withoutHalf;
  expect(new Set(first.choices.map(({ strategy }) => strategy))).toEqual(new Set(['lookahead']));
  expect(new Set(second.choices.map(({ strategy }) => strategy))).toEqual(new Set(['best-of-n']));
  const problems = [first, second].map(({ choices }) =>
    choices.filter(({ budget }) => budget === 4).reduce((sum, one) => sum + one.problems, 0),
  );
  expect(problems[0] + problems[1]).toBe(200);
  expect(table.choices).toHaveLength(10);
  expect(table.thresholds).toHaveLength(4);
});

test('a choice is what was measured, with every parameter', () => {
  const table = policyTable(questionOf());
  const shared = { keep: 'm', mergeDuplicates: true, chainLength: 9, aggregation: null } as const;
  expect(table?.withoutHalf[0].choices[0]).toMatchObject({
    strategy: 'lookahead',
    selection: 'weighted',
    parameters: { ...shared, width: 0, lookahead: 3, temperature: 0.7 },
  });
  // A temperature that all runs shared stays the visitor's to choose.
  expect(table?.withoutHalf[1].choices[0]).toMatchObject({
    strategy: 'best-of-n',
    selection: 'best',
  });
  expect(table?.withoutHalf[1].choices[0].parameters).toEqual({
    ...shared,
    width: 4,
    lookahead: 1,
  });
});

test('without scores there is no predicted difficulty and no table', () => {
  const question = questionOf();
  const problems = question.difficulty.problems.map((one) => ({
    ...one,
    meanScore: null,
    quickScore: null,
  }));
  expect(policyTable({ ...question, difficulty: { ...question.difficulty, problems } })).toBeNull();
});

test('a budget has choices among what was measured there', () => {
  const question = questionOf();
  const results = question.results.filter(
    ({ strategy, budget }) => budget === 4 || strategy === 'best-of-n:best',
  );
  const table = policyTable({ ...question, results });
  const at16 = table?.choices.filter(({ budget }) => budget === 16) ?? [];
  expect(at16).toHaveLength(5);
  expect(at16.every(({ strategy }) => strategy === 'best-of-n')).toBe(true);
});
