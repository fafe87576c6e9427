/** Lines of a countdown solution: `17+10=27|14 27 75`. */
import { isOperator, type Operator } from '../expression.ts';
import type { StepVerdict } from '../family.ts';
import { ascending, operate, replacePair, type Countdown } from './rules.ts';

export interface CountdownStep {
  readonly a: number;
  readonly op: Operator;
  readonly b: number;
  readonly result: number;
  /** The list that is left, as written. */
  readonly left: readonly number[];
}

const NUMBER = '(0|[1-9]\\d{0,14})';
const STEP = new RegExp(
  `^${NUMBER}([-+*/])${NUMBER}=${NUMBER}\\|((?:0|[1-9]\\d{0,14})(?: (?:0|[1-9]\\d{0,14}))*)$`,
);

/** null for a line that is not of the format. Says nothing about its truth. */
export function readStep(line: string): CountdownStep | null {
  const match = STEP.exec(line);
  if (match === null || !isOperator(match[2])) return null;
  return {
    a: Number(match[1]),
    op: match[2],
    b: Number(match[3]),
    result: Number(match[4]),
    left: match[5].split(' ').map(Number),
  };
}

/** The text claims to be complete: a readable last line that leaves one number. */
export function isFinished(steps: readonly string[]): boolean {
  const last = steps.length === 0 ? null : readStep(steps[steps.length - 1]);
  return last !== null && last.left.length === 1;
}

/**
 * Each step against the list before it, as the model wrote that list: a slip is charged to the step
 * that makes it. After a line that cannot be read there is no list to judge by.
 */
export function checkSteps(problem: Countdown, steps: readonly string[]): StepVerdict[] {
  let state: readonly number[] | null = ascending(problem.numbers);
  return steps.map((line) => {
    if (state === null) return UNJUDGED;
    const step = readStep(line);
    const verdict = step === null ? UNREADABLE : judge(state, step);
    state = step?.left ?? null;
    return verdict;
  });
}

const UNREADABLE: StepVerdict = {
  legal: false,
  true: false,
  reason: 'Not of the form “a+b=c|numbers left”.',
};
const UNJUDGED: StepVerdict = {
  legal: false,
  true: false,
  reason: 'Follows a line that cannot be read.',
};

function judge(state: readonly number[], step: CountdownStep): StepVerdict {
  const { a, op, b, result, left } = step;
  const holds = operate(a, op, b) === result;
  const bad = (reason: string): StepVerdict => ({ legal: false, true: holds, reason });
  const expected = replacePair(state, a, b, result);
  if (expected === null) {
    const missing = state.includes(a) && a !== b ? b : state.includes(a) ? `a second ${a}` : a;
    return bad(`${missing} is not among the numbers ${state.join(' ')}.`);
  }
  if (expected.join(' ') !== left.join(' ')) {
    return bad(`The numbers left should read ${expected.join(' ')}.`);
  }
  return { legal: true, true: holds, reason: holds ? 'Legal and true.' : fault(step) };
}

function fault({ a, op, b, result }: CountdownStep): string {
  const value = operate(a, op, b);
  const sign = { '+': '+', '-': '−', '*': '×', '/': '÷' }[op];
  if (value !== null) return `${a} ${sign} ${b} is ${value}, not ${result}.`;
  if (op === '-') return `${a} ${sign} ${b} is negative.`;
  return b === 0 ? 'Division by zero.' : `${a} ÷ ${b} is not a whole number.`;
}
