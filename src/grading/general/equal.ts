/**
 * Whether an answer agrees with the known one. Not symmetric: the known answer sets the standard,
 * and an answer may leave out its unit, name a solution with `x =`, or round an irrational number.
 */
import {
  equal as sameFraction,
  multiply,
  rational,
  type Rational,
} from '../../problems/rational.ts';
import { answerKey, ratios, type Answer } from './answer.ts';
import { isMeasure } from './units.ts';
import { close } from './value.ts';

type NumberAnswer = Extract<Answer, { kind: 'number' }>;
type SetAnswer = Extract<Answer, { kind: 'set' }>;
type TupleAnswer = Extract<Answer, { kind: 'tuple' }>;

/** Digits that a rounded number must show to stand for one that never ends. */
const ROUNDED_DIGITS = 4;

export function agrees(answer: Answer, known: Answer): boolean {
  if (answer.kind === 'number' && known.kind === 'number') return numbersAgree(answer, known);
  if (known.kind === 'set') return setAgrees(answer, known);
  if (known.kind === 'tuple') return tupleAgrees(answer, known);
  if (answer.kind === 'set' && answer.items.length === 1) return agrees(answer.items[0], known);
  if (known.kind === 'text') return textAgrees(answer, known.text);
  if (answer.kind === 'expression' && known.kind === 'expression') {
    return samplesAgree(answer.value.samples, known.value.samples) && sameUnknowns(answer, known);
  }
  if (answer.kind === 'equation' && known.kind === 'equation') {
    const [a, b] = [ratios(answer.value.samples), ratios(known.value.samples)];
    return sameUnknowns(answer, known) && a.join() === b.join();
  }
  if (answer.kind === 'matrix' && known.kind === 'matrix') {
    return (
      answer.rows.length === known.rows.length &&
      answer.rows.every((row, i) => allAgree(row, known.rows[i]))
    );
  }
  return false;
}

function sameUnknowns(
  a: Extract<Answer, { kind: 'expression' | 'equation' }>,
  b: Extract<Answer, { kind: 'expression' | 'equation' }>,
): boolean {
  return a.value.unknowns.join() === b.value.unknowns.join();
}

function samplesAgree(a: readonly number[], b: readonly number[]): boolean {
  // Where one is not defined the other must not be either, and somewhere both are.
  return (
    a.length === b.length &&
    a.some((sample) => Number.isFinite(sample)) &&
    a.every((sample, i) => (Number.isNaN(sample) ? Number.isNaN(b[i]) : close(sample, b[i])))
  );
}

function numbersAgree(answer: NumberAnswer, known: NumberAnswer): boolean {
  const [a, k] = [answer.unit, known.unit];
  const measures = a !== null && k !== null && isMeasure(a) && isMeasure(k);
  const percent = (a === '%') !== (k === '%');
  if (measures && !percent && a !== k) return false;
  if (sameNumber(answer, known)) return true;
  // 50 % is 0.5 as well as 50.
  if (!percent) return false;
  return a === '%' ? sameNumber(hundredth(answer), known) : sameNumber(answer, hundredth(known));
}

function hundredth(number: NumberAnswer): NumberAnswer {
  const { exact, samples, unknowns } = number.value;
  return {
    ...number,
    value: {
      exact: exact === null ? null : multiply(exact, rational(1, 100)),
      samples: samples.map((sample) => sample / 100),
      unknowns,
    },
  };
}

function sameNumber(answer: NumberAnswer, known: NumberAnswer): boolean {
  const [a, k] = [answer.value.exact, known.value.exact];
  if (a !== null && k !== null && sameFraction(a, k)) return true;
  if ((a === null || k === null) && samplesAgree(answer.value.samples, known.value.samples)) {
    return true;
  }
  return isRounding(answer, known) || isRounding(known, answer);
}

/** `short` is a decimal, and what `full`, a number without end, rounds to at its digits. */
function isRounding(short: NumberAnswer, full: NumberAnswer): boolean {
  if (short.digits === null || short.digits < ROUNDED_DIGITS || full.digits !== null) return false;
  if (full.value.exact !== null && isTerminating(full.value.exact)) return false;
  const [value] = full.value.samples;
  const [decimal] = short.value.samples;
  return Number.isFinite(value) && close(Number(value.toPrecision(short.digits)), decimal);
}

function isTerminating({ den }: Rational): boolean {
  let rest = den;
  for (const prime of [2n, 5n]) while (rest % prime === 0n) rest /= prime;
  return rest === 1n;
}

function allAgree(answers: readonly Answer[], known: readonly Answer[]): boolean {
  return answers.length === known.length && answers.every((answer, i) => agrees(answer, known[i]));
}

/** Any order; `±` and repeated members count once. */
function setAgrees(answer: Answer, known: SetAnswer): boolean {
  const given = answer.kind === 'set' ? distinct(answer.items) : [answer];
  const wanted = distinct(known.items);
  if (given.length !== wanted.length) {
    return wanted.length === 1 && answer.kind !== 'set' && agrees(answer, wanted[0]);
  }
  const free = [...wanted];
  return given.every((item) => {
    const at = free.findIndex((other) => agrees(item, other));
    if (at >= 0) free.splice(at, 1);
    return at >= 0;
  });
}

function distinct(items: readonly Answer[]): Answer[] {
  return [...new Map(items.map((item) => [answerKey(item), item])).values()];
}

/** Order and brackets count; a list without brackets may stand for a known tuple. */
function tupleAgrees(answer: Answer, known: TupleAnswer): boolean {
  if (answer.kind === 'set') return known.open === '(' && allAgree(answer.items, known.items);
  if (answer.kind === 'matrix') {
    const column = answer.rows.every((row) => row.length === 1);
    const items = column
      ? answer.rows.map(([cell]) => cell)
      : answer.rows.length === 1
        ? answer.rows[0]
        : [];
    return allAgree(items, known.items);
  }
  return (
    answer.kind === 'tuple' &&
    answer.open === known.open &&
    answer.close === known.close &&
    allAgree(answer.items, known.items)
  );
}

function textAgrees(answer: Answer, known: string): boolean {
  if (answer.kind !== 'text') return false;
  if (answer.text === known) return true;
  // A known choice is met by "(B)" and by "B. Paris" alike.
  return /^[a-z]$/.test(known) && new RegExp(`^\\(?${known}[).:]`).test(answer.text);
}
