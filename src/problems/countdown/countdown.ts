/** Countdown: reach a target with + − × ÷, using each number exactly once. */
import { invariant } from '../../shared/errors.ts';
import type { ProblemFamily } from '../family.ts';
import { canonicalExpression, expressionOf, reachesTarget, showExpression } from './answer.ts';
import { generateCountdown, writeStep } from './generate.ts';
import { readCountdown } from './read.ts';
import {
  ascending,
  FEWEST,
  MOST,
  parseCountdown,
  printCountdown,
  sizeOf,
  type Countdown,
  type Size,
} from './rules.ts';
import { findSolution } from './solver.ts';
import { checkSteps, isFinished } from './steps.ts';

const SIZES: readonly { size: Size; label: string }[] = [
  { size: 'small', label: 'numbers 1–13, target 10–100' },
  { size: 'large', label: 'numbers 1–20, 25, 50, 75, 100, target 10–999' },
];

export const countdown: ProblemFamily = {
  id: 'countdown',
  label: 'Countdown',
  description: 'Reach the target with + − × ÷, using every number exactly once.',
  levels: SIZES.flatMap(({ size, label }) =>
    Array.from({ length: MOST - FEWEST + 1 }, (_, i) => ({
      id: `${size}-${FEWEST + i}`,
      label: `${FEWEST + i} ${label}`,
    })),
  ),
  examples: [
    { text: 'make 24: 4 6 8', difficulty: 'easy' },
    { text: 'make 24: 4 6 7 8', difficulty: 'medium' },
    { text: 'Use 14, 17, 10 and 75 to reach 453', difficulty: 'hard' },
  ],
  read: readCountdown,
  levelOf(prompt) {
    const problem = parseCountdown(prompt);
    const size = problem === null ? null : sizeOf(problem);
    return problem === null || size === null ? null : `${size}-${problem.numbers.length}`;
  },
  splitKey(prompt) {
    const { target, numbers } = problemOf(prompt);
    return printCountdown({ target, numbers: ascending(numbers) });
  },
  truth: (prompt) => ({ answer: null, solvable: findSolution(problemOf(prompt)) !== null }),
  solve(prompt) {
    const path = findSolution(problemOf(prompt));
    return path === null ? null : path.map(({ move, left }) => writeStep(move, left));
  },
  isFinished: (_, steps) => isFinished(steps),
  canonicalAnswer(prompt, steps) {
    const tree = isFinished(steps) ? expressionOf(problemOf(prompt), steps) : null;
    return tree === null ? null : canonicalExpression(tree);
  },
  answerText: (_, answer) => showExpression(answer),
  checkAnswer: (prompt, answer) => reachesTarget(problemOf(prompt), answer),
  checkSteps: (prompt, steps) => checkSteps(problemOf(prompt), steps),
  generate(level, random) {
    const [size, count] = level.split('-');
    invariant(
      this.levels.some(({ id }) => id === level) && (size === 'small' || size === 'large'),
      `countdown has no level ${level}`,
    );
    return generateCountdown(size, Number(count), random);
  },
};

function problemOf(prompt: string): Countdown {
  const problem = parseCountdown(prompt);
  invariant(problem !== null, `not a countdown prompt: ${prompt.slice(0, 80)}`);
  return problem;
}
