import { describe, expect, test } from 'vitest';
import type { RunEvent } from './run-events.ts';
import { viewAt } from './run-view.ts';
import { EMPTY_LEDGER } from './ledger.ts';
import { DEFAULT_RUN_CONFIG } from './run-config.ts';

const node = (id: number): RunEvent => ({
  type: 'node',
  id,
  parent: 0,
  depth: 1,
  text: `x=${id}`,
  tokens: 3,
  logProb: -1,
  stream: [id, 0],
  end: 'solution',
  role: 'step',
});

const candidate = (index: number, answer: string | null): RunEvent => ({
  type: 'candidate',
  index,
  id: index + 1,
  answer,
  answerText: answer,
  stepScores: [],
  logProb: -1,
  finished: answer !== null,
  correct: null,
  copies: 1,
});

const START: RunEvent = {
  type: 'start',
  version: 1,
  config: DEFAULT_RUN_CONFIG,
  prompt: 'a question',
  family: 'other',
  level: null,
  policy: 'p',
  verifier: null,
  engine: 'e',
};

const REST: readonly RunEvent[] = [
  node(1),
  node(2),
  node(3),
  candidate(0, '17'),
  candidate(1, '18'),
  candidate(2, null),
  { type: 'ledger', ledger: EMPTY_LEDGER },
  {
    type: 'answer',
    selection: 'majority',
    answer: '17',
    answerText: '17',
    candidate: 0,
    correct: null,
    votes: [],
  },
  { type: 'baseline', id: 3, answerText: '18', correct: null },
  { type: 'end', reason: 'done' },
];

const truth = (right: string[], baseline: boolean | null): RunEvent => ({
  type: 'truth',
  known: '17.0',
  right,
  baseline,
});

describe('an answer that the visitor knows', () => {
  test('gives every solution, the answer and the baseline a verdict', () => {
    const view = viewAt([START, truth(['17'], false), ...REST], Infinity);
    expect(view.candidates.map((one) => one.correct)).toEqual([true, false, null]);
    expect(view.nodes.map((one) => one.correct)).toEqual([null, true, false, false]);
    expect(view.answer?.correct).toBe(true);
    expect(view.baseline?.correct).toBe(false);
    expect(view.truth?.known).toBe('17.0');
  });

  test('leaves everything open where it is not given', () => {
    const view = viewAt([START, ...REST], Infinity);
    expect(view.candidates.map((one) => one.correct)).toEqual([null, null, null]);
    expect([view.answer?.correct, view.baseline?.correct, view.truth]).toEqual([null, null, null]);
  });
});
