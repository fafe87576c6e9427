/** The verdict on an answer by the truth that the visitor gave. */
import type { EventOf } from './run-events.ts';

interface Said {
  /** Canonical; null where nothing was read. */
  readonly answer: string | null;
  readonly answerText: string | null;
}

/** null where there is no answer to judge. */
export function isRight(truth: EventOf<'truth'>, { answer, answerText }: Said): boolean | null {
  if (answer === null) return null;
  const { texts, right } = truth;
  return texts === undefined || answerText === null
    ? right.includes(answer)
    : texts.includes(answerText);
}
