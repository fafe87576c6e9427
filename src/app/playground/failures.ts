/** Signs of an over-optimised verifier in the answer on screen, whoever judged it last. Pure. */
import { failureFlags, type FailureFlag } from '../../search/failure-flags.ts';
import { stepsTo, type RunView } from '../../shared/run-view.ts';

const TITLES: Readonly<Record<FailureFlag['code'], string>> = {
  'repeated-steps': 'Repeated last step',
  'short-solution': 'Very short solution',
};

export interface Failure extends FailureFlag {
  readonly title: string;
}

/** Notes of the run with these codes are about the answer that it chose first. */
export function isFailure(code: string): boolean {
  return code in TITLES;
}

export function failuresOf(view: RunView): Failure[] {
  if (view.answer === null) return [];
  const stepsOf = (index: number): string[] => stepsTo(view, view.candidates[index].id);
  const flags = failureFlags(view.candidates, view.answer.candidate, stepsOf);
  return flags.map((flag) => ({ ...flag, title: TITLES[flag.code] }));
}
