/**
 * Grading a solution of a shipped family: its canonical answer, the answer for people, and whether
 * it is right. The truth comes from the exact checkers in `problems/`; no search ever sees it.
 *
 * An answer is judged by itself. For countdown it is the expression the steps write out of the
 * original numbers, whatever results they claim: after `17+10=28` the number 28 stands for `17+10`,
 * and the expression counts for what it is really worth. Equal answers are thus always equally
 * right, which voting needs; `checkSteps` is where false lines are told apart.
 */
import { familyOf } from '../problems/families.ts';
import type { StepVerdict } from '../problems/family.ts';

export interface Grade {
  /** Canonical answer; null while there is none to read. */
  readonly answer: string | null;
  /** The answer as people write it; null as above. */
  readonly answerText: string | null;
  /** null where the truth is not known; false for a solution without an answer. */
  readonly correct: boolean | null;
  /** The last line claims to be the end. */
  readonly finished: boolean;
}

/** Grades the solutions of one problem. */
export interface Grader {
  grade(steps: readonly string[]): Grade;
  checkSteps(steps: readonly string[]): StepVerdict[];
}

/** null where the prompt is not a canonical prompt of a shipped family: its truth is unknown. */
export function graderFor(prompt: string): Grader | null {
  const found = familyOf(prompt);
  if (found === null) return null;
  const { family } = found;
  // Many solutions share an answer; countdown answers are parsed and evaluated exactly.
  const known = new Map<string, { text: string; correct: boolean }>();
  const judge = (answer: string) => {
    const judged = known.get(answer) ?? {
      text: family.answerText(prompt, answer),
      correct: family.checkAnswer(prompt, answer),
    };
    known.set(answer, judged);
    return judged;
  };
  return {
    grade(steps) {
      const finished = family.isFinished(prompt, steps);
      const answer = family.canonicalAnswer(prompt, steps);
      if (answer === null) return { answer, answerText: null, correct: false, finished };
      const { text, correct } = judge(answer);
      return { answer, answerText: text, correct, finished };
    },
    checkSteps: (steps) => family.checkSteps(prompt, steps),
  };
}

const UNKNOWN: Grade = { answer: null, answerText: null, correct: null, finished: false };

/** One solution; `graderFor` is quicker for many of one problem. */
export function gradeSolution(prompt: string, steps: readonly string[]): Grade {
  return graderFor(prompt)?.grade(steps) ?? UNKNOWN;
}

/** A verdict for each step; empty where the truth is not known. */
export function checkSteps(prompt: string, steps: readonly string[]): StepVerdict[] {
  return graderFor(prompt)?.checkSteps(steps) ?? [];
}
