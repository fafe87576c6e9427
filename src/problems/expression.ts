/**
 * Expressions of the text format: `+ - * /` over natural numbers and parentheses, left-associative,
 * printed with minimal parentheses (training/FORMAT.md, "Arithmetic"). Shared by arithmetic problems
 * and by countdown answers.
 */
import { add, divide, multiply, rational, subtract, type Rational } from './rational.ts';

export type Operator = '+' | '-' | '*' | '/';

export interface Operation {
  readonly op: Operator;
  readonly left: Tree;
  readonly right: Tree;
}

export type Tree = number | Operation;

/** Parentheses nested deeper than this are refused, so that no input can exhaust the stack. */
export const MAX_DEPTH = 60;
/** Longer texts are refused: a chain of operators is a tree as deep as the chain is long. */
const MAX_TEXT = 2000;

const PRECEDENCE: Record<Operator, number> = { '+': 1, '-': 1, '*': 2, '/': 2 };

export function isOperator(text: string | undefined): text is Operator {
  return text === '+' || text === '-' || text === '*' || text === '/';
}

/** Canonical text. `a+(b+c)` prints `a+b+c`, which is from then on the tree `(a+b)+c`. */
export function printTree(tree: Tree): string {
  if (typeof tree === 'number') return String(tree);
  const own = PRECEDENCE[tree.op];
  const left = printTree(tree.left);
  const right = printTree(tree.right);
  const wrapLeft = typeof tree.left !== 'number' && PRECEDENCE[tree.left.op] < own;
  const inner = typeof tree.right === 'number' ? 3 : PRECEDENCE[tree.right.op];
  const wrapRight = inner < own || (inner === own && (tree.op === '-' || tree.op === '/'));
  return (wrapLeft ? `(${left})` : left) + tree.op + (wrapRight ? `(${right})` : right);
}

/** The tree of a text of the grammar (no spaces, any parentheses); null for any other text. */
export function parseTree(text: string): Tree | null {
  if (text.length > MAX_TEXT) return null;
  const tokens = text.match(/\d+|[-+*/()]/g) ?? [];
  if (tokens.join('') !== text) return null;
  return new TreeParser(tokens).parse();
}

class TreeParser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly string[]) {}

  parse(): Tree | null {
    const tree = this.chain(1);
    return tree !== null && this.at === this.tokens.length ? tree : null;
  }

  private chain(level: 1 | 2): Tree | null {
    const operand = () => (level === 1 ? this.chain(2) : this.atom());
    let tree = operand();
    while (tree !== null) {
      const op = this.tokens[this.at];
      if (!isOperator(op) || PRECEDENCE[op] !== level) break;
      this.at++;
      const right = operand();
      tree = right === null ? null : { op, left: tree, right };
    }
    return tree;
  }

  private atom(): Tree | null {
    const token = this.tokens[this.at++];
    if (token === '(') {
      if (++this.depth > MAX_DEPTH) return null;
      const tree = this.chain(1);
      this.depth--;
      return this.tokens[this.at++] === ')' ? tree : null;
    }
    if (token === undefined || !/^(0|[1-9]\d{0,14})$/.test(token)) return null;
    return Number(token);
  }
}

/** Exact value, whatever the rules of a family say about it; null for a division by zero. */
export function exactValue(tree: Tree): Rational | null {
  if (typeof tree === 'number') return rational(tree);
  const left = exactValue(tree.left);
  const right = exactValue(tree.right);
  if (left === null || right === null) return null;
  switch (tree.op) {
    case '+':
      return add(left, right);
    case '-':
      return subtract(left, right);
    case '*':
      return multiply(left, right);
    case '/':
      return divide(left, right);
  }
}

export function leavesOf(tree: Tree): number[] {
  return typeof tree === 'number' ? [tree] : [...leavesOf(tree.left), ...leavesOf(tree.right)];
}

export function countOperations(tree: Tree): number {
  return typeof tree === 'number'
    ? 0
    : 1 + countOperations(tree.left) + countOperations(tree.right);
}

const PRETTY: Record<string, string> = { '+': ' + ', '-': ' − ', '*': ' × ', '/': ' ÷ ' };

/** Canonical text as people write it: `3*(4+5)` becomes `3 × (4 + 5)`. A leading minus is a sign. */
export function prettyMath(text: string): string {
  return text
    .replace(/(^|[(=])-/g, '$1−')
    .replace(/[-+*/]/g, (sign) => PRETTY[sign] ?? sign)
    .replace(/=/g, ' = ');
}
