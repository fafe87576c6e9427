/**
 * What a reviser reads (training/FORMAT.md): the problem and the latest attempts, oldest first.
 * Both the shipped reviser and the ORM read this text as their prompt, without anything behind it;
 * backends with a template of their own parse it back.
 */

/** The paper's window (Snell et al. 2024, section 6.1). */
export const MAX_ATTEMPTS_SHOWN = 4;

const MARK = '<attempt>';

export interface RevisionPrompt {
  readonly problem: string;
  /** Steps of each attempt, oldest first. */
  readonly attempts: readonly (readonly string[])[];
}

/** Ends with the mark after which the next attempt is written. Keeps the last four attempts. */
export function revisionPrompt({ problem, attempts }: RevisionPrompt): string {
  const shown = attempts.slice(-MAX_ATTEMPTS_SHOWN).map((steps) => MARK + steps.join('\n'));
  return `${problem}\n${shown.join('')}${MARK}`;
}

/** null where the text is an ordinary prompt. */
export function parseRevisionPrompt(text: string): RevisionPrompt | null {
  const start = text.indexOf(`\n${MARK}`);
  if (start < 0 || !text.endsWith(MARK)) return null;
  const attempts = text
    .slice(start + 1 + MARK.length)
    .split(MARK)
    .slice(0, -1);
  return {
    problem: text.slice(0, start),
    attempts: attempts.map((attempt) => attempt.split('\n')),
  };
}
