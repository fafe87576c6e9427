/** Problems from the command line or from a file, ready to be run and graded. */
import type { ReadyProblem } from '../eval/sweep.ts';
import { graderFor } from '../grading/grade.ts';
import { familyOf } from '../problems/families.ts';
import { understand } from '../problems/understand.ts';
import { AppError } from '../shared/errors.ts';
import type { EngineName } from './open-models.ts';

export interface GivenProblem {
  readonly prompt: string;
  readonly answer?: string | undefined;
}

/** Throws AppError `outside-families` for what the shipped models cannot read. */
export type ReadProblem = (problem: GivenProblem) => ReadyProblem;

/** Family of what the shipped models were not trained on; language models get it as it stands. */
const OTHER_FAMILY = 'other';

/** For language models grading is general, and heavy enough to be loaded only for them. */
export async function problemReader(engine: EngineName): Promise<ReadProblem> {
  if (engine !== 'openai') return readFamilyProblem;
  const { generalGrader } = await import('../grading/general/general.ts');
  return ({ prompt, answer }) => {
    const reading = understand(prompt);
    const truth = answer ?? uniqueTruth(reading);
    const grader = generalGrader(truth);
    return {
      prompt,
      family: reading.kind === 'problem' ? reading.family : OTHER_FAMILY,
      level: reading.kind === 'problem' ? reading.level : null,
      truthKnown: truth !== null,
      grade: (steps) => grader.grade(steps.join('\n')),
    };
  };
}

/** The canonical prompt and the family's exact grader. */
function readFamilyProblem({ prompt: text }: GivenProblem): ReadyProblem {
  const reading = understand(text);
  if (reading.kind === 'outside') {
    throw new AppError('outside-families', `${reading.message} ${reading.missing}`, {
      advice: reading.advice,
    });
  }
  const { prompt, family, level } = reading;
  const grader = graderFor(prompt);
  return {
    prompt,
    family,
    level,
    truthKnown: grader !== null,
    grade: (steps) =>
      grader?.grade(steps) ?? { answer: null, answerText: null, correct: null, finished: false },
  };
}

function uniqueTruth(reading: ReturnType<typeof understand>): string | null {
  if (reading.kind === 'outside') return null;
  return familyOf(reading.prompt)?.family.truth(reading.prompt).answer ?? null;
}
