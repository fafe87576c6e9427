/** Says where an expression breaks the rules, and names the nearest one that does not. */
import type { OutsideProblem } from '../family.ts';
import { prettyMath, parseTree, printTree, type Operation, type Tree } from '../expression.ts';
import { outside } from '../text/outside.ts';
import { MAXIMUM, operate, printArithmetic, valueOf, type OperationFault } from './rules.ts';

interface Fault {
  readonly kind: OperationFault;
  /** The two values that meet there. */
  readonly a: number;
  readonly b: number;
  readonly node: Operation;
}

/** `tree` must break a rule (`valueOf(tree) === null`) and hold numbers up to the maximum only. */
export function explainFault(tree: Tree): OutsideProblem {
  const understood = `The expression ${prettyMath(printTree(tree))}.`;
  const fault = firstFault(tree);
  if (fault === null) {
    return outside('result-range', 'A number is too large.', {
      understood,
      missing: `Numbers and results go from 0 to ${MAXIMUM}.`,
    });
  }
  const near = nearest(tree, fault);
  const advice = near === null ? 'Change the numbers there' : `Try ${printArithmetic(near)}`;
  const { a, b } = fault;
  switch (fault.kind) {
    case 'negative':
      return outside('negative-on-the-way', `${a} − ${b} is negative.`, {
        understood,
        missing: `Every result on the way lies between 0 and ${MAXIMUM}.`,
        advice: `${advice}; equations may hold negative numbers.`,
      });
    case 'too-large':
      return outside('result-range', `A result on the way is above ${MAXIMUM}.`, {
        understood,
        missing: `Every result on the way lies between 0 and ${MAXIMUM}.`,
        advice: `${advice}, or use smaller numbers.`,
      });
    case 'inexact':
      return outside('inexact-division', `${a} ÷ ${b} is not a whole number.`, {
        understood,
        missing: 'Every division must come out exactly; there are no fractions.',
        advice: `${advice}, or let the dividend there be ${a - (a % b)} or ${a - (a % b) + b}.`,
      });
    case 'zero-divisor':
      return outside('division-by-zero', 'The expression divides by zero.', {
        understood,
        missing: 'Division by zero has no result.',
        advice: `${advice}, with another divisor.`,
      });
  }
}

/** The first operation, left to right, that breaks a rule while its operands do not. */
function firstFault(tree: Tree): Fault | null {
  if (typeof tree === 'number') return null;
  const inner = firstFault(tree.left) ?? firstFault(tree.right);
  if (inner !== null) return inner;
  const a = valueOf(tree.left);
  const b = valueOf(tree.right);
  if (a === null || b === null) return null;
  const result = operate(a, tree.op, b);
  return typeof result === 'number' ? null : { kind: result, a, b, node: tree };
}

/** A legal expression close to `tree`: terms in another order, or one number changed; else null. */
function nearest(tree: Tree, fault: Fault): Tree | null {
  const tries = [
    ...(fault.kind === 'negative' ? [positiveFirst(tree)] : []),
    ...replacements(fault).map((node) => replaceNode(tree, fault.node, node)),
  ];
  for (const candidate of tries) {
    const canonical = parseTree(printTree(candidate));
    if (canonical !== null && typeof canonical !== 'number' && valueOf(canonical) !== null) {
      return canonical;
    }
  }
  return null;
}

function replacements({ kind, a, b, node }: Fault): Operation[] {
  if (kind === 'negative') return [{ op: '-', left: node.right, right: node.left }];
  if (kind === 'zero-divisor') return [{ ...node, right: 1 }];
  if (kind === 'inexact' && typeof node.left === 'number') {
    return [a - (a % b), a - (a % b) + b]
      .filter((left) => left > 0)
      .map((left) => ({ ...node, left }));
  }
  if (kind === 'inexact' && typeof node.right === 'number') {
    for (let right = b - 1; right > 1; right--) if (a % right === 0) return [{ ...node, right }];
  }
  return [];
}

function replaceNode(tree: Tree, node: Operation, replacement: Operation): Tree {
  if (tree === node) return replacement;
  if (typeof tree === 'number') return tree;
  return {
    op: tree.op,
    left: replaceNode(tree.left, node, replacement),
    right: replaceNode(tree.right, node, replacement),
  };
}

/** The terms of the outermost sum with the added ones in front: `3-5+4` becomes `3+4-5`. */
function positiveFirst(tree: Tree): Tree {
  const added: Tree[] = [];
  const subtracted: Tree[] = [];
  let at = tree;
  while (typeof at !== 'number' && (at.op === '+' || at.op === '-')) {
    (at.op === '+' ? added : subtracted).unshift(at.right);
    at = at.left;
  }
  const sum = added.reduce<Tree>((left, right) => ({ op: '+', left, right }), at);
  return subtracted.reduce<Tree>((left, right) => ({ op: '-', left, right }), sum);
}
