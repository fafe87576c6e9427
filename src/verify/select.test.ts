import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SELECTIONS } from '../shared/run-config.ts';
import { selectAnswer, type ScoredSolution } from './select.ts';

function solution(
  answer: string | null,
  score: number | null,
  more: { copies?: number; chain?: number } = {},
): ScoredSolution {
  return { answer, answerText: answer && `x=${answer}`, score, copies: 1, ...more };
}

describe('selection', () => {
  const solutions = [
    solution('a', 0.9),
    solution('b', 0.5),
    solution('c', 0.3),
    solution('b', 0.5),
    solution('c', 0.1),
    solution('c', 0.2),
    solution(null, 1),
  ];

  test('the three rules disagree where they should, and null never wins', () => {
    expect(selectAnswer(solutions, 'majority').votes[0]).toMatchObject({ answer: 'c', count: 3 });
    expect(selectAnswer(solutions, 'best').candidate).toBe(0);
    expect(selectAnswer(solutions, 'weighted').votes[0]).toEqual({
      answer: 'b',
      answerText: 'x=b',
      weight: 1,
      count: 2,
    });
  });

  test('ties go to the first seen, in answers and in their representatives', () => {
    const tied = [solution('z', 0.4), solution('a', 0.4), solution('a', 0), solution('z', 0)];
    for (const rule of SELECTIONS) {
      const choice = selectAnswer(tied, rule);
      expect(choice.candidate).toBe(0);
      expect(choice.votes.map((vote) => vote.answer)).toEqual(['z', 'a']);
    }
    // 0.1+0.2 and 0.3 are equal sums, whatever their last bits say.
    const sums = [solution('a', 0.3), solution('b', 0.1), solution('b', 0.2)];
    expect(selectAnswer(sums, 'weighted').candidate).toBe(0);
  });

  test('copies vote as if they had been written out', () => {
    const entry = fc.record({
      answer: fc.constantFrom('a', 'b', 'c', null),
      score: fc.constantFrom(0, 0.25, 0.5, 1),
      copies: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(entry), fc.constantFrom(...SELECTIONS), (entries, rule) => {
        const merged = entries.map((one) => solution(one.answer, one.score, one));
        const flat = merged.flatMap((one) =>
          Array.from({ length: one.copies }, () => ({ ...one, copies: 1 })),
        );
        expect(selectAnswer(merged, rule).votes).toEqual(selectAnswer(flat, rule).votes);
      }),
    );
  });

  test('nothing parsed, nothing chosen', () => {
    expect(selectAnswer([], 'weighted')).toMatchObject({ candidate: null, votes: [] });
    expect(selectAnswer([solution(null, 0.9)], 'best').candidate).toBeNull();
  });

  test('without scores every rule counts and says so; a few missing scores weigh nothing', () => {
    const unscored = [solution('a', null), solution('b', null), solution('b', null)];
    expect(selectAnswer(unscored, 'best')).toMatchObject({ rule: 'majority', candidate: 1 });
    const some = [solution('a', null), solution('a', null), solution('b', 0.1)];
    expect(selectAnswer(some, 'weighted')).toMatchObject({ rule: 'weighted', candidate: 2 });
  });

  test('chains: each counts once in the final, while majority pools all attempts', () => {
    const chained = [
      // Chain 0 is sure of a, three times over.
      solution('a', 0.9, { chain: 0 }),
      solution('a', 0.8, { chain: 0 }),
      solution('a', 0.8, { chain: 0 }),
      // Two chains prefer b, each once.
      solution('b', 0.6, { chain: 1 }),
      solution('c', 0.5, { chain: 1 }),
      solution('b', 0.6, { chain: 2 }),
      solution('c', 0.5, { chain: 2 }),
    ];
    expect(selectAnswer(chained, 'weighted').candidate).toBe(3);
    expect(selectAnswer(chained, 'majority').candidate).toBe(0);
    expect(selectAnswer(chained, 'weighted').votes[0].answer).toBe('a');
    expect(selectAnswer(chained, 'best').candidate).toBe(0);
  });
});
