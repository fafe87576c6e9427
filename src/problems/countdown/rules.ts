/** What a countdown problem is: its prompt, its levels and one legal operation. */
import type { Operator } from '../expression.ts';

export interface Countdown {
  readonly target: number;
  /** In the order of the prompt. */
  readonly numbers: readonly number[];
}

export const SMALL = { highest: 13, lowTarget: 10, highTarget: 100, limit: 200 } as const;
export const LARGE = { lowTarget: 10, highTarget: 999, limit: 999 } as const;
export const LARGE_NUMBERS: readonly number[] = [
  ...Array.from({ length: 20 }, (_, i) => i + 1),
  25,
  50,
  75,
  100,
];
export const FEWEST = 3;
export const MOST = 6;

const PROMPT = /^make (0|[1-9]\d{0,14}):((?: (?:0|[1-9]\d{0,14})){3,6})$/;

/** null for text that is not a canonical countdown prompt, in range or not. */
export function parseCountdown(prompt: string): Countdown | null {
  const match = PROMPT.exec(prompt);
  if (match === null) return null;
  return { target: Number(match[1]), numbers: match[2].trim().split(' ').map(Number) };
}

export function printCountdown({ target, numbers }: Countdown): string {
  return `make ${target}: ${numbers.join(' ')}`;
}

export type Size = 'small' | 'large';

/** The range the problem belongs to; null outside both. */
export function sizeOf({ target, numbers }: Countdown): Size | null {
  const within = (range: { lowTarget: number; highTarget: number }) =>
    target >= range.lowTarget && target <= range.highTarget;
  if (numbers.every((n) => n >= 1 && n <= SMALL.highest) && within(SMALL)) return 'small';
  if (numbers.every((n) => LARGE_NUMBERS.includes(n)) && within(LARGE)) return 'large';
  return null;
}

/** The result of a legal operation on whole numbers from 0 up; null where there is none. */
export function operate(a: number, op: Operator, b: number): number | null {
  switch (op) {
    case '+':
      return a + b;
    case '*':
      return a * b;
    case '-':
      return a >= b ? a - b : null;
    case '/':
      return b !== 0 && a % b === 0 ? a / b : null;
  }
}

export function ascending(numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b);
}

/** The ascending list after two of its members gave way to `result`; null if they are not there. */
export function replacePair(
  state: readonly number[],
  a: number,
  b: number,
  result: number,
): number[] | null {
  const rest = [...state];
  for (const used of [a, b]) {
    const at = rest.indexOf(used);
    if (at < 0) return null;
    rest.splice(at, 1);
  }
  return ascending([...rest, result]);
}
