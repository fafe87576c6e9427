/** What an arithmetic problem is: whole numbers 0 … 9999 all the way, exact division. */
import {
  countOperations,
  parseTree,
  printTree,
  type Operation,
  type Operator,
  type Tree,
} from '../expression.ts';

export const MAXIMUM = 9999;
export const MOST_OPERATIONS = 10;

const PREFIX = 'compute ';

export type OperationFault = 'negative' | 'too-large' | 'inexact' | 'zero-divisor';

/** The result of one operation by the rules of the family, or why there is none. */
export function operate(a: number, op: Operator, b: number): number | OperationFault {
  if (op === '/') return b === 0 ? 'zero-divisor' : a % b === 0 ? a / b : 'inexact';
  const result = op === '+' ? a + b : op === '-' ? a - b : a * b;
  return result < 0 ? 'negative' : result > MAXIMUM ? 'too-large' : result;
}

/** Value of the tree; null where a rule is broken on the way. */
export function valueOf(tree: Tree): number | null {
  if (typeof tree === 'number') return tree <= MAXIMUM ? tree : null;
  const left = valueOf(tree.left);
  const right = valueOf(tree.right);
  if (left === null || right === null) return null;
  const result = operate(left, tree.op, right);
  return typeof result === 'number' ? result : null;
}

/** The canonical tree of a prompt that obeys all rules, else null. */
export function parseArithmetic(prompt: string): Operation | null {
  if (!prompt.startsWith(PREFIX)) return null;
  const text = prompt.slice(PREFIX.length);
  const tree = parseTree(text);
  if (tree === null || typeof tree === 'number' || printTree(tree) !== text) return null;
  return countOperations(tree) <= MOST_OPERATIONS && valueOf(tree) !== null ? tree : null;
}

export function printArithmetic(tree: Tree): string {
  return PREFIX + printTree(tree);
}
