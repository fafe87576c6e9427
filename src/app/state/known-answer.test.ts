import { expect, test } from 'vitest';
import type { RunEvent } from '../../shared/run-events.ts';
import { viewAt } from '../../shared/run-view.ts';
import { SAMPLE_EVENTS } from '../../storage/testing/sample-log.ts';
import { summarise } from '../../storage/run-summary.ts';
// Loaded here, so that no test waits for the large grader.
import { generalGrader } from '../../grading/general/general.ts';
import { truthIsUnknown, withTruth } from './known-answer.ts';

const open = SAMPLE_EVENTS.map((event): RunEvent =>
  event.type === 'candidate' || event.type === 'answer' ? { ...event, correct: null } : event,
);

test('a given answer marks what agrees with it, however it is written', async () => {
  expect(truthIsUnknown(open)).toBe(true);
  const marked = await withTruth(open, '18.0');
  const view = viewAt(marked, Infinity);
  expect(view.candidates.map((one) => one.correct)).toEqual([false, true]);
  expect(view.answer?.correct).toBe(true);
  expect(summarise(marked).correct).toBe(true);
  const wrong = await withTruth(marked, '17');
  expect(viewAt(wrong, Infinity).answer?.correct).toBe(false);
  expect(summarise(wrong).correct).toBe(false);
  expect(wrong).toHaveLength(open.length + 1);
});

/** A run of a language model on a word problem: one solution for each answer, the first one chosen. */
function answering(...answers: string[]): RunEvent[] {
  const grader = generalGrader(null);
  const [start] = open;
  const candidate = open.find((event) => event.type === 'candidate');
  const answer = open.find((event) => event.type === 'answer');
  if (candidate?.type !== 'candidate' || answer?.type !== 'answer') throw new Error('no sample');
  const read = answers.map((text) => grader.grade(`The answer is $\\boxed{${text}}$.`));
  const nodes = open.filter((event) => event.type === 'node').slice(0, 2);
  return [
    start,
    ...nodes,
    ...read.map((grade, index): RunEvent => ({ ...candidate, ...grade, id: 1, index })),
    { ...answer, ...read[0], candidate: 0 },
  ];
}

/** Not symmetric: the known answer sets the standard. Several of these are one answer in a vote. */
test.each<[known: string, right: string[], wrong: string[]]>([
  ['0.5', ['50%', '1/2', '\\frac{1}{2}'], ['50', '0.05']],
  ['50\\%', ['50', '0.5', '1/2'], ['0.05', '5']],
  ['5 cm', ['5', '5 \\text{ cm}', '50 mm'], ['5 \\text{ kg}', '50']],
  ['5', ['5 cm', '5.0'], ['50 mm']],
  ['1/3', ['0.3333', '\\frac{2}{6}'], ['0.333', '0.3']],
  ['(1,2)', ['1, 2', '(1, 2)'], ['2, 1', '(2,1)']],
  ['1, 2', ['2, 1', '1, 2', '(1,2)'], ['(2,1)']],
  ['The answer is \\boxed{12}.', ['12', '12.0'], ['21']],
])('a known %s is met by %j and not by %j, in one run', async (known, right, wrong) => {
  for (const order of [
    [...right, ...wrong],
    [...wrong, ...right].reverse(),
    [...wrong, ...right],
  ]) {
    const run = answering(...order);
    const marked = await withTruth(run, known);
    const view = viewAt(marked, Infinity);
    expect(view.candidates.map((one) => one.correct)).toEqual(
      order.map((text) => right.includes(text)),
    );
    expect(view.answer?.correct).toBe(right.includes(order[0]));
    expect(summarise(marked).correct).toBe(right.includes(order[0]));
    // As it would have been graded had the answer been known before.
    const grader = generalGrader(known);
    const before = order.map((text) => grader.grade(`The answer is $\\boxed{${text}}$.`).correct);
    expect(view.candidates.map((one) => one.correct)).toEqual(before);
  }
});

test('a log that was marked before answers were kept as written is read as before', async () => {
  const marked = await withTruth(answering('0.50', '1/2', '3'), '0.5');
  const older = marked.map((event): RunEvent => {
    if (event.type !== 'truth') return event;
    const { texts, ...rest } = event;
    expect(texts).toEqual(['0.50', '1/2']);
    return rest;
  });
  const view = viewAt(older, Infinity);
  expect(view.candidates.map((one) => one.correct)).toEqual([true, true, false]);
  expect(summarise(older).correct).toBe(true);
});

test('words that are no mathematics are compared as they are', async () => {
  const view = viewAt(await withTruth(answering('Friday', 'Monday'), ' friday '), Infinity);
  expect(view.candidates.map((one) => one.correct)).toEqual([true, false]);
});

test('taking it away leaves the log as it was', async () => {
  expect(await withTruth(await withTruth(open, '18'), null)).toEqual(open);
});

test('a problem with an exact checker needs no visitor', () => {
  expect(truthIsUnknown(SAMPLE_EVENTS)).toBe(false);
});
