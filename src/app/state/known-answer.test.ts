import { expect, test } from 'vitest';
import type { RunEvent } from '../../shared/run-events.ts';
import { viewAt } from '../../shared/run-view.ts';
import { SAMPLE_EVENTS } from '../../storage/testing/sample-log.ts';
import { summarise } from '../../storage/run-summary.ts';
// Loaded here, so that no test waits for the large grader.
import '../../grading/general/general.ts';
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

test('taking it away leaves the log as it was', async () => {
  expect(await withTruth(await withTruth(open, '18'), null)).toEqual(open);
});

test('a problem with an exact checker needs no visitor', () => {
  expect(truthIsUnknown(SAMPLE_EVENTS)).toBe(false);
});
