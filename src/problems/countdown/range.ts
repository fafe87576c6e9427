/** Whether a countdown problem lies within what the models practised, and what to say of it. */
import type { OutsideProblem, Understanding, Warning } from '../family.ts';
import { LARGER, listOf, outside } from '../text/outside.ts';
import { LARGE, LARGE_NUMBERS, printCountdown, sizeOf, SMALL, type Countdown } from './rules.ts';
import { findSolution } from './solver.ts';

/** `targetAssumed`: only its place marked the target; the visitor is told. */
export function judgeRange(problem: Countdown, targetAssumed: boolean): Understanding {
  const size = sizeOf(problem);
  if (size === null) return outOfRange(problem);
  const warnings: Warning[] = [];
  if (targetAssumed) {
    warnings.push({
      code: 'target-assumed',
      text: `${problem.target} was taken for the target because it comes first.`,
    });
  }
  if (findSolution(problem) === null) {
    warnings.push({
      code: 'no-solution',
      text: `There is no way to reach ${problem.target} with these numbers using each once and whole numbers only. The search can be run, but every answer will be wrong.`,
    });
  }
  return {
    kind: 'problem',
    family: 'countdown',
    level: `${size}-${problem.numbers.length}`,
    prompt: printCountdown(problem),
    shown: `Countdown: reach ${problem.target} with ${listOf(problem.numbers)}, each used once.`,
    warnings,
  };
}

const PRACTISED = `1 to ${SMALL.highest} with targets ${SMALL.lowTarget} to ${SMALL.highTarget}, or 1 to 20, 25, 50, 75 and 100 with targets ${LARGE.lowTarget} to ${LARGE.highTarget}`;

function outOfRange(problem: Countdown): OutsideProblem {
  const { target, numbers } = problem;
  const nearest: Countdown = {
    target: Math.min(LARGE.highTarget, Math.max(LARGE.lowTarget, target)),
    numbers: numbers.map(nearestNumber),
  };
  const bad = numbers.filter((n) => !LARGE_NUMBERS.includes(n));
  const understood = `Countdown: reach ${inWords(target)} with ${listOf(numbers.map(inWords))}.`;
  const advice = `The nearest problem the small models can do is ${printCountdown(nearest)}. Try it, ${LARGER}.`;
  if (bad.length > 0) {
    const one = bad.length === 1;
    return outside(
      'number-range',
      `${listOf([...new Set(bad.map(inWords))])} ${one ? 'is' : 'are'} not among the numbers the small models practised.`,
      { understood, missing: `They practised with ${PRACTISED}.`, advice },
    );
  }
  const low = target < LARGE.lowTarget;
  return outside(
    'target-range',
    `The target ${inWords(target)} is too ${low ? 'small' : 'large'}.`,
    {
      understood,
      missing: `Targets go from ${LARGE.lowTarget} to ${LARGE.highTarget}: the small models practised with ${PRACTISED}.`,
      advice,
    },
  );
}

function nearestNumber(n: number): number {
  const within = Math.min(n, LARGE_NUMBERS[LARGE_NUMBERS.length - 1]);
  return LARGE_NUMBERS.reduce((best, m) =>
    Math.abs(m - within) < Math.abs(best - within) ? m : best,
  );
}

function inWords(n: number): string {
  return Number.isFinite(n) ? String(n) : 'a number of more than 15 digits';
}
