/**
 * Grading of answers to any mathematics problem, for language models: what was answered, whether
 * two answers are one, and whether it agrees with a known answer. Import it lazily (it carries
 * `mathjs`). Every size is bounded, so one answer takes milliseconds whatever it says.
 */
import type { Grade } from '../grade.ts';
import { answerKey, type Answer } from './answer.ts';
import { agrees } from './equal.ts';
import { extractAnswer } from './extract.ts';
import { readAnswer } from './read.ts';

export interface GeneralGrader {
  /** `solution`: the whole text, or its steps joined with line breaks. */
  grade(solution: string): Grade;
}

/** `known`: the right answer as the visitor gives it; null or blank leaves `correct` null. */
export function generalGrader(known: string | null): GeneralGrader {
  const truth = known === null ? null : readKnown(known);
  return {
    grade(solution) {
      const text = extractAnswer(solution);
      const answer = text === null ? null : readAnswer(text);
      if (text === null || answer === null) {
        const correct = truth === null ? null : false;
        return { answer: null, answerText: null, correct, finished: false };
      }
      const correct = truth === null ? null : agrees(answer, truth);
      return { answer: answerKey(answer), answerText: text, correct, finished: true };
    },
  };
}

/** Whether `given` agrees with `known`; both as typed. null where one of them cannot be read. */
export function sameAnswer(given: string, known: string): boolean | null {
  const [answer, truth]: (Answer | null)[] = [readAnswer(given), readKnown(known)];
  return answer === null || truth === null ? null : agrees(answer, truth);
}

/** A whole solution may be given as the known answer. */
function readKnown(known: string): Answer | null {
  return readAnswer(extractAnswer(known) ?? known);
}
