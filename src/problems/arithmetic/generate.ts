/** Arithmetic problems from the distribution of `training/arithmetic.py`. */
import type { StreamRandom } from '../../shared/random.ts';
import {
  countOperations,
  leavesOf,
  parseTree,
  printTree,
  type Operator,
  type Tree,
} from '../expression.ts';
import type { GeneratedProblem } from '../family.ts';
import { MAXIMUM, printArithmetic, valueOf } from './rules.ts';
import { solveTree } from './steps.ts';

/** Longest expression of the training data, in characters. */
const LONGEST = 60;

export function generateArithmetic(count: number, random: StreamRandom): GeneratedProblem {
  for (;;) {
    const tree = draw(count, random);
    const value = valueOf(tree);
    if (value === null || !isFair(tree, count)) continue;
    return {
      family: 'arithmetic',
      level: String(count),
      prompt: printArithmetic(tree),
      answer: String(value),
      steps: solveTree(tree),
    };
  }
}

function draw(count: number, random: StreamRandom): Tree {
  const scale = pick(count <= 3 ? [9, 20, 50, 99] : count <= 6 ? [9, 20, 50] : [9, 12, 20], random);
  const cap = pick(count > 6 ? [20, 60, 200, 999] : [60, 200, 999, 2000], random);
  const tree =
    random.next() < 0.35
      ? grownFreely(count, scale, random)
      : grownToGoal(count, random.integer(1, cap), scale, random);
  // Printing drops parentheses that do not matter, so the canonical tree is the parsed one.
  return parseTree(printTree(tree)) ?? tree;
}

function isFair(tree: Tree, count: number): boolean {
  const leaves = leavesOf(tree);
  const largest = count <= 6 ? 999 : 150;
  const trivial = leaves.filter((leaf) => leaf <= 1).length;
  return (
    countOperations(tree) === count &&
    Math.max(...leaves) <= largest &&
    printTree(tree).length <= LONGEST &&
    trivial <= 1 + Math.floor(count / 4)
  );
}

function grownFreely(count: number, scale: number, random: StreamRandom): Tree {
  if (count === 0) return random.integer(1, scale);
  const left = random.integer(0, count - 1);
  const op = pickOperator({ '+': 4, '-': 3, '*': 3, '/': 1 }, random);
  return {
    op,
    left: grownFreely(left, scale, random),
    right: grownFreely(count - 1 - left, scale, random),
  };
}

/** A tree of `count` operations worth `goal`, built from the top down. */
function grownToGoal(count: number, goal: number, scale: number, random: StreamRandom): Tree {
  if (count === 0) return goal;
  const left = random.next() < 0.4 ? random.integer(0, count - 1) : pick([0, count - 1], random);
  const { op, a, b } = split(goal, scale, random);
  return {
    op,
    left: grownToGoal(left, a, scale, random),
    right: grownToGoal(count - 1 - left, b, scale, random),
  };
}

/** Two numbers and an operator that make `goal`. */
function split(
  goal: number,
  scale: number,
  random: StreamRandom,
): { op: Operator; a: number; b: number } {
  let op = pickOperator({ '+': 4, '-': 4, '*': 4, '/': 2 }, random);
  if (op === '*') {
    const divisors = goal > 3 ? divisorsBelow(goal, Math.min(goal, 100)) : [];
    if (divisors.length > 0) {
      const divisor = pick(divisors, random);
      const [a, b] = random.next() < 0.5 ? [divisor, goal / divisor] : [goal / divisor, divisor];
      return { op, a, b };
    }
    op = random.next() < 0.5 ? '+' : '-';
  }
  if (op === '/') {
    const b = random.integer(2, scale > 12 ? 12 : 9);
    if (goal * b <= Math.min(MAXIMUM, scale * 30)) return { op, a: goal * b, b };
    op = '-';
  }
  if (op === '+' && goal >= 2) {
    const a = random.integer(1, goal - 1);
    return { op, a, b: goal - a };
  }
  const b = random.integer(1, scale);
  return { op: '-', a: goal + b, b };
}

function divisorsBelow(goal: number, end: number): number[] {
  const divisors: number[] = [];
  for (let d = 2; d < end; d++) if (goal % d === 0) divisors.push(d);
  return divisors;
}

function pick<T>(items: readonly T[], random: StreamRandom): T {
  return items[random.integer(0, items.length - 1)];
}

function pickOperator(weights: Record<Operator, number>, random: StreamRandom): Operator {
  const total = weights['+'] + weights['-'] + weights['*'] + weights['/'];
  let rest = random.next() * total;
  for (const op of ['+', '-', '*'] as const) {
    rest -= weights[op];
    if (rest < 0) return op;
  }
  return '/';
}
