/** Lines of an equation's solution: whole equivalent equations, the last one `x=17`. */
import type { StepVerdict } from '../family.ts';
import { equal, show } from '../rational.ts';
import { parseEquation, solutionOf, type Equation } from './sides.ts';

const LAST = /^x=(-?(?:0|[1-9]\d{0,14}))$/;

/** The value of x in the last line; null while it is not alone. */
export function finalValue(steps: readonly string[]): string | null {
  const value = LAST.exec(steps[steps.length - 1] ?? '')?.[1];
  return value === undefined ? null : value === '-0' ? '0' : value;
}

/** A step is right when it has the solution of the problem, whatever move led to it. */
export function checkSteps(problem: Equation, steps: readonly string[]): StepVerdict[] {
  const truth = solutionOf(problem);
  return steps.map((line) => {
    const equation = parseEquation(line.replace('=-0', '=0'));
    if (equation === null) return { legal: false, true: false, reason: 'Not an equation in x.' };
    const solution = solutionOf(equation);
    if (typeof solution === 'string') {
      const what = solution === 'none' ? 'no solution' : 'every number as a solution';
      return { legal: true, true: false, reason: `This equation has ${what}.` };
    }
    const holds = typeof truth !== 'string' && equal(solution, truth);
    const reason = holds
      ? 'Has the same solution.'
      : `This equation gives x = ${show(solution)}: another solution than the line it started from.`;
    return { legal: true, true: holds, reason };
  });
}
