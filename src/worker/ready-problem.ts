/** Text of a visitor, or of a problem set, as a problem that can be run and graded. */
import type { ReadyProblem } from '../eval/sweep.ts';
import { graderFor } from '../grading/grade.ts';
import { familyOf } from '../problems/families.ts';
import { understand } from '../problems/understand.ts';
import { AppError, invariant } from '../shared/errors.ts';

/** Throws AppError `outside-families` with what to do. */
export function readyProblem(text: string): ReadyProblem {
  const prompt = familyOf(text) === null ? readTyped(text) : text;
  const found = familyOf(prompt);
  const grader = graderFor(prompt);
  invariant(found !== null && grader !== null, `understood text is canonical: ${prompt}`);
  return {
    prompt,
    family: found.family.id,
    level: found.level,
    truthKnown: true,
    grade: (steps) => grader.grade(steps),
  };
}

function readTyped(text: string): string {
  const understanding = understand(text);
  if (understanding.kind === 'problem') return understanding.prompt;
  throw new AppError('outside-families', understanding.message, { advice: understanding.advice });
}
