/**
 * What a problem family is: a kind of problem the shipped models practised, with free-form
 * reading, exact truth and grading. A new family is one folder that implements `ProblemFamily`
 * and one line in `families.ts`. Truth and grading never reach the search: they only mark results.
 */
import type { StreamRandom } from '../shared/random.ts';

export type FamilyId = 'countdown' | 'arithmetic' | 'equation';

export type Difficulty = 'easy' | 'medium' | 'hard';

export interface Example {
  /** As a visitor might type it; always understood. */
  readonly text: string;
  readonly difficulty: Difficulty;
}

export interface Level {
  readonly id: string;
  readonly label: string;
}

/** Something the visitor should know although the problem can be run. */
export interface Warning {
  readonly code: string;
  readonly text: string;
}

/** Typed text that became a problem. */
export interface UnderstoodProblem {
  readonly kind: 'problem';
  readonly family: FamilyId;
  readonly level: string;
  /** Canonical prompt (training/FORMAT.md), the text the models see. */
  readonly prompt: string;
  /** A sentence that says what was understood. */
  readonly shown: string;
  readonly warnings: readonly Warning[];
}

/** Typed text that is no problem of the shipped families, with the way out. */
export interface OutsideProblem {
  readonly kind: 'outside';
  /** Stable, kebab-case, such as `target-range`. */
  readonly code: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** What could be read all the same; null where nothing could. */
  readonly understood: string | null;
  /** What is missing or not possible here. */
  readonly missing: string;
  /** What to do, naming the nearest thing the small models can do. */
  readonly advice: string;
}

export type Understanding = UnderstoodProblem | OutsideProblem;

/** One step of a solution, judged. */
export interface StepVerdict {
  /** Written in the format and allowed at this point. */
  readonly legal: boolean;
  /** Its arithmetic holds; false where it cannot be judged. */
  readonly true: boolean;
  /** For people; names the fault when there is one. */
  readonly reason: string;
}

/** The exact truth about a canonical prompt. */
export interface Truth {
  /** Canonical answer where it is unique (arithmetic, equation), null for countdown. */
  readonly answer: string | null;
  /** false when no right answer exists: every candidate is wrong. */
  readonly solvable: boolean;
}

export interface GeneratedProblem {
  readonly family: FamilyId;
  readonly level: string;
  readonly prompt: string;
  /** As in `Truth`. */
  readonly answer: string | null;
  /** One right solution, a line each. */
  readonly steps: readonly string[];
}

/**
 * Members that take `prompt` expect a canonical prompt of this family (`levelOf(prompt) !== null`)
 * and throw (invariant) otherwise. Members that take `steps` accept any text a model may write.
 */
export interface ProblemFamily {
  readonly id: FamilyId;
  readonly label: string;
  /** A sentence for the page. */
  readonly description: string;
  readonly levels: readonly Level[];
  readonly examples: readonly Example[];

  /** Reads text that `cleanText` has normalised; null when it is not about this family. */
  read(text: string): Understanding | null;
  /** The level of a canonical prompt; null for any other text, however near. */
  levelOf(prompt: string): string | null;
  /** The text whose hash decides the split (training/FORMAT.md, "Problem sets and the split"). */
  splitKey(prompt: string): string;

  truth(prompt: string): Truth;
  /** One right solution in the text format, null when there is none. */
  solve(prompt: string): string[] | null;

  /** Whether the text claims to be complete: its last line leaves one number, or `x = …`. */
  isFinished(prompt: string, steps: readonly string[]): boolean;
  /** Canonical answer, so that equal answers group together; null when there is none to read. */
  canonicalAnswer(prompt: string, steps: readonly string[]): string | null;
  /** A canonical answer as people write it. */
  answerText(prompt: string, answer: string): string;
  /** Whether a canonical answer is right; a function of the answer alone. */
  checkAnswer(prompt: string, answer: string): boolean;
  /** A verdict for each step. After a step that cannot be read the later ones are not judged. */
  checkSteps(prompt: string, steps: readonly string[]): StepVerdict[];

  /** A problem of `level` from the distribution of the training generator. */
  generate(level: string, random: StreamRandom): GeneratedProblem;
}
