/**
 * What an answer is, once read: a number, an expression, several of them in some order, or words.
 * `answerKey` is its canonical text: answers with one key are one answer in a vote.
 */
import { show, type Rational } from '../../problems/rational.ts';
import type { Value } from './value.ts';

export type Answer =
  | {
      readonly kind: 'number';
      /** Exact, without its unit; a percentage as it stands before the sign. */
      readonly value: Value;
      /** Canonical unit, `%` included; null for none. */
      readonly unit: string | null;
      /** Significant digits where it was written as a decimal, else null. */
      readonly digits: number | null;
    }
  | {
      readonly kind: 'expression';
      readonly value: Value;
      /** Where it was written as `y = …`: both sides brought to one, as of an equation. */
      readonly named?: Value;
    }
  /** Both sides brought to one: zero where the equation holds; known up to a factor. */
  | { readonly kind: 'equation'; readonly value: Value }
  /** Ordered, with its brackets: points, vectors, intervals. */
  | {
      readonly kind: 'tuple';
      readonly open: '(' | '[';
      readonly close: ')' | ']';
      readonly items: readonly Answer[];
    }
  /** Unordered: sets, several solutions, unions of intervals. */
  | { readonly kind: 'set'; readonly items: readonly Answer[] }
  | { readonly kind: 'matrix'; readonly rows: readonly (readonly Answer[])[] }
  | { readonly kind: 'text'; readonly text: string };

/** Units do not count in a key: "5 cm" and "5" are one answer. */
export function answerKey(answer: Answer): string {
  switch (answer.kind) {
    case 'number':
      return valueKey(answer.value);
    case 'expression':
      return `${answer.value.unknowns.join(' ')}: ${valueKey(answer.value)}`;
    case 'equation':
      return `${answer.value.unknowns.join(' ')}: ${ratios(answer.value.samples).join(' ')} = 0`;
    case 'tuple':
      return answer.open + answer.items.map(answerKey).join(', ') + answer.close;
    case 'set':
      return `{${[...new Set(answer.items.map(answerKey))].sort().join('; ')}}`;
    case 'matrix':
      return `[${answer.rows.map((row) => row.map(answerKey).join(', ')).join('; ')}]`;
    case 'text':
      return `"${answer.text}"`;
  }
}

function valueKey({ exact, samples }: Value): string {
  return exact === null ? samples.map(rounded).join(' ') : exactKey(exact);
}

function exactKey(exact: Rational): string {
  return show(exact);
}

/** Nine digits: far above the rounding of doubles, far below what tells answers apart. */
function rounded(value: number): string {
  return Number.isFinite(value) ? `≈${Number(value.toPrecision(9))}` : '?';
}

/** Samples over the first one: an equation may be multiplied by any number. */
export function ratios(samples: readonly number[]): string[] {
  const [first] = samples;
  return samples.map((sample) => rounded(sample / first));
}
