/** A problem from the command line or from a file, ready to be run and graded. */
import type { ReadyProblem } from '../eval/sweep.ts';
import { statedAnswerGrader } from '../eval/stated-answer.ts';
import { graderFor } from '../grading/grade.ts';
import { familyOf } from '../problems/families.ts';
import { understand } from '../problems/understand.ts';
import { AppError } from '../shared/errors.ts';
import type { EngineName } from './open-models.ts';

/** Family of what the shipped models were not trained on; language models get it as it stands. */
export const OTHER_FAMILY = 'other';

/**
 * For the shipped models: the canonical prompt and the family's exact grader. For a language model:
 * the text as it stands, graded by the answer it states. Throws AppError `outside-families`.
 */
export function readyProblem(
  problem: { prompt: string; answer?: string | undefined },
  engine: EngineName,
): ReadyProblem {
  const reading = understand(problem.prompt);
  if (engine === 'openai') {
    const truth = problem.answer ?? uniqueTruth(reading);
    return {
      prompt: problem.prompt,
      family: reading.kind === 'problem' ? reading.family : OTHER_FAMILY,
      level: reading.kind === 'problem' ? reading.level : null,
      truthKnown: truth !== null,
      grade: statedAnswerGrader(truth),
    };
  }
  if (reading.kind === 'outside') {
    throw new AppError('outside-families', `${reading.message} ${reading.missing}`, {
      advice: reading.advice,
    });
  }
  const grader = graderFor(reading.prompt);
  return {
    prompt: reading.prompt,
    family: reading.family,
    level: reading.level,
    truthKnown: grader !== null,
    grade: (steps) =>
      grader?.grade(steps) ?? { answer: null, answerText: null, correct: null, finished: false },
  };
}

function uniqueTruth(reading: ReturnType<typeof understand>): string | null {
  if (reading.kind === 'outside') return null;
  return familyOf(reading.prompt)?.family.truth(reading.prompt).answer ?? null;
}
