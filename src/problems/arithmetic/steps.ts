/** Lines of an arithmetic solution: `71+52=123|123*11`. */
import { isOperator, parseTree, printTree, type Operator, type Tree } from '../expression.ts';
import type { StepVerdict } from '../family.ts';
import { MAXIMUM, operate } from './rules.ts';

interface ArithmeticStep {
  readonly a: number;
  readonly op: Operator;
  readonly b: number;
  readonly result: number;
  /** The expression that is left, as written. */
  readonly rest: string;
}

const NUMBER = '(0|[1-9]\\d{0,14})';
const STEP = new RegExp(`^${NUMBER}([-+*/])${NUMBER}=${NUMBER}\\|(.+)$`);
const LAST = new RegExp(`\\|${NUMBER}$`);

function readStep(line: string): ArithmeticStep | null {
  const match = STEP.exec(line);
  if (match === null || !isOperator(match[2])) return null;
  const [a, b, result] = [Number(match[1]), Number(match[3]), Number(match[4])];
  return { a, op: match[2], b, result, rest: match[5] };
}

/** The number the last line ends in; null while an expression is left. */
export function finalNumber(steps: readonly string[]): string | null {
  return LAST.exec(steps[steps.length - 1] ?? '')?.[1] ?? null;
}

/** The generator's solution: the leftmost node over two numbers first. */
export function solveTree(tree: Tree): string[] {
  const steps: string[] = [];
  let rest = tree;
  while (typeof rest !== 'number') {
    const [first] = reductions(rest);
    const result = operate(first.a, first.op, first.b);
    if (typeof result !== 'number') break;
    rest = first.replace(result);
    steps.push(`${first.a}${first.op}${first.b}=${result}|${printTree(rest)}`);
  }
  return steps;
}

interface Reduction {
  readonly a: number;
  readonly op: Operator;
  readonly b: number;
  replace(result: number): Tree;
}

/** Every node over two plain numbers, from left to right. */
function reductions(tree: Tree): Reduction[] {
  if (typeof tree === 'number') return [];
  const { op, left, right } = tree;
  if (typeof left === 'number' && typeof right === 'number') {
    return [{ a: left, op, b: right, replace: (result) => result }];
  }
  const inLeft = reductions(left).map((inner): Reduction => ({
    ...inner,
    replace: (result) => ({ op, left: inner.replace(result), right }),
  }));
  const inRight = reductions(right).map((inner): Reduction => ({
    ...inner,
    replace: (result) => ({ op, left, right: inner.replace(result) }),
  }));
  return [...inLeft, ...inRight];
}

/**
 * Each step against the expression before it, as the model wrote that: a slip is charged to the
 * step that makes it. After a line that cannot be read there is nothing to judge by.
 */
export function checkSteps(tree: Tree, steps: readonly string[]): StepVerdict[] {
  let state: Tree | null = tree;
  return steps.map((line) => {
    if (state === null) return verdict(false, false, 'Follows a line that cannot be read.');
    const step = readStep(line);
    const judged =
      step === null ? verdict(false, false, 'Not of the form “a+b=c|rest”.') : judge(state, step);
    state = step === null ? null : parseTree(step.rest);
    return judged;
  });
}

function judge(state: Tree, step: ArithmeticStep): StepVerdict {
  const { a, op, b, result, rest } = step;
  const value = operate(a, op, b);
  const holds = value === result;
  const places = reductions(state).filter((r) => r.a === a && r.op === op && r.b === b);
  if (places.length === 0) {
    return verdict(false, holds, `${a}${op}${b} cannot be reduced in ${printTree(state)}.`);
  }
  const expected = places.map((place) => printTree(place.replace(result)));
  if (!expected.includes(rest)) {
    return verdict(false, holds, `What is left should read ${expected[0]}.`);
  }
  if (holds) return verdict(true, true, 'Legal and true.');
  return verdict(true, false, fault(step, value));
}

function fault({ a, op, b, result }: ArithmeticStep, value: ReturnType<typeof operate>): string {
  const text = `${a} ${{ '+': '+', '-': '−', '*': '×', '/': '÷' }[op]} ${b}`;
  switch (value) {
    case 'negative':
      return `${text} is negative.`;
    case 'too-large':
      return `${text} is above ${MAXIMUM}.`;
    case 'inexact':
      return `${text} is not a whole number.`;
    case 'zero-divisor':
      return 'Division by zero.';
    default:
      return `${text} is ${value}, not ${result}.`;
  }
}

function verdict(legal: boolean, holds: boolean, reason: string): StepVerdict {
  return { legal, true: holds, reason };
}
