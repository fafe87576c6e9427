/** Arithmetic: compute the value of an expression, one operation a step. */
import { invariant } from '../../shared/errors.ts';
import type { Operation } from '../expression.ts';
import { countOperations } from '../expression.ts';
import type { ProblemFamily } from '../family.ts';
import { generateArithmetic } from './generate.ts';
import { readArithmetic } from './read.ts';
import { MOST_OPERATIONS, parseArithmetic, valueOf } from './rules.ts';
import { checkSteps, finalNumber, solveTree } from './steps.ts';

export const arithmetic: ProblemFamily = {
  id: 'arithmetic',
  label: 'Arithmetic',
  description: 'Compute an expression of + − × ÷ and parentheses, one operation a step.',
  levels: Array.from({ length: MOST_OPERATIONS }, (_, i) => ({
    id: String(i + 1),
    label: i === 0 ? '1 operation' : `${i + 1} operations`,
  })),
  examples: [
    { text: '(71+52)×11 = ?', difficulty: 'easy' },
    { text: 'what is 96 ÷ (4 + 8) × 7 − 19?', difficulty: 'medium' },
    { text: 'compute (38-6*5+14)*9-(84-63)/7+55', difficulty: 'hard' },
  ],
  read: readArithmetic,
  levelOf(prompt) {
    const tree = parseArithmetic(prompt);
    return tree === null ? null : String(countOperations(tree));
  },
  splitKey: (prompt) => prompt,
  truth: (prompt) => ({ answer: String(valueOf(treeOf(prompt))), solvable: true }),
  solve: (prompt) => solveTree(treeOf(prompt)),
  isFinished: (_, steps) => finalNumber(steps) !== null,
  canonicalAnswer: (_, steps) => finalNumber(steps),
  answerText: (_, answer) => answer,
  checkAnswer: (prompt, answer) => answer === String(valueOf(treeOf(prompt))),
  checkSteps: (prompt, steps) => checkSteps(treeOf(prompt), steps),
  generate(level, random) {
    invariant(
      this.levels.some(({ id }) => id === level),
      `arithmetic has no level ${level}`,
    );
    return generateArithmetic(Number(level), random);
  },
};

function treeOf(prompt: string): Operation {
  const tree = parseArithmetic(prompt);
  invariant(tree !== null, `not an arithmetic prompt: ${prompt.slice(0, 80)}`);
  return tree;
}
