/** Linear equations in one unknown, one move a step. */
import { invariant } from '../../shared/errors.ts';
import type { ProblemFamily } from '../family.ts';
import { isWhole, show } from '../rational.ts';
import { generateEquation, ROOTS } from './generate.ts';
import { solveEquation } from './moves.ts';
import { readEquation } from './read.ts';
import { levelOf, parsePrompt, printEquation, solutionOf, type Equation } from './sides.ts';
import { checkSteps, finalValue } from './steps.ts';

export const equation: ProblemFamily = {
  id: 'equation',
  label: 'Equation',
  description: 'Solve a linear equation for x, one move a step.',
  levels: [
    { id: '1', label: 'x + a = b or a·x = b' },
    { id: '2', label: 'a·x + b = c' },
    { id: '3', label: 'a·x + b = c·x + d' },
    { id: '4', label: 'parentheses and several terms' },
  ],
  examples: [
    { text: 'solve for y: 2y + 3 = 11', difficulty: 'easy' },
    { text: '7x − 12 = 3x + 20', difficulty: 'medium' },
    { text: '3(x−4) = 2x + 5, find x', difficulty: 'hard' },
  ],
  read: readEquation,
  levelOf(prompt) {
    const problem = parsePrompt(prompt);
    return problem !== null && wholeSolution(problem) !== null ? levelOf(problem) : null;
  },
  splitKey: (prompt) => prompt,
  truth: (prompt) => ({ answer: wholeSolution(equationOf(prompt)), solvable: true }),
  solve: (prompt) => solveEquation(equationOf(prompt)),
  isFinished: (_, steps) => finalValue(steps) !== null,
  canonicalAnswer: (_, steps) => finalValue(steps),
  answerText: (_, answer) => `x = ${answer.replace('-', '−')}`,
  checkAnswer: (prompt, answer) => answer === wholeSolution(equationOf(prompt)),
  checkSteps: (prompt, steps) => checkSteps(equationOf(prompt), steps),
  generate(level, random) {
    invariant(
      this.levels.some(({ id }) => id === level),
      `equation has no level ${level}`,
    );
    return generateEquation(Number(level), random);
  },
};

/** The solution where it is whole and in range; null also for an equation that is solved already. */
function wholeSolution(problem: Equation): string | null {
  const solution = solutionOf(problem);
  if (typeof solution === 'string' || !isWhole(solution)) return null;
  const inRange = solution.num >= BigInt(ROOTS.low) && solution.num <= BigInt(ROOTS.high);
  const text = show(solution);
  return inRange && printEquation(problem) !== `x=${text}` ? text : null;
}

function equationOf(prompt: string): Equation {
  const problem = parsePrompt(prompt);
  invariant(problem !== null, `not an equation prompt: ${prompt.slice(0, 80)}`);
  return problem;
}
