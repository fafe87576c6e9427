/**
 * The visible symptoms of an over-optimised verifier (Snell et al. 2024, section 5.2 and appendix):
 * low-information steps repeated at the end, and solutions of one or two steps.
 */
import type { EventOf } from '../shared/run-events.ts';

export interface FailureFlag {
  readonly code: 'repeated-steps' | 'short-solution';
  readonly text: string;
}

/** `stepsOf(index)`: the steps of a candidate, first to last. */
export function failureFlags(
  candidates: readonly EventOf<'candidate'>[],
  chosen: number | null,
  stepsOf: (index: number) => readonly string[],
): FailureFlag[] {
  if (chosen === null) return [];
  const steps = stepsOf(chosen);
  const flags: FailureFlag[] = [];
  if (steps.length >= 2 && steps[steps.length - 1] === steps[steps.length - 2]) {
    flags.push({
      code: 'repeated-steps',
      text: 'The chosen solution repeats its last step. Verifiers often overrate such endings.',
    });
  }
  const lengths = candidates
    .filter((candidate) => candidate.finished)
    .map((candidate) => stepsOf(candidate.index).length)
    .sort((a, b) => a - b);
  const median = lengths[lengths.length >> 1] ?? 0;
  // One or two steps are normal for an easy problem; they are a symptom beside longer solutions.
  if (steps.length <= 2 && steps.length * 2 <= median) {
    flags.push({
      code: 'short-solution',
      text: `The chosen solution has ${steps.length} step${steps.length === 1 ? '' : 's'}, where half of the others have ${median} or more. Very short solutions are a sign that the verifier was over-optimised.`,
    });
  }
  return flags;
}
