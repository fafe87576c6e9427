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
import { numberOfWords } from './number-words.ts';
import { conversion, isMeasure } from './units.ts';
import { close, type Value } from './value.ts';

type NumberAnswer = Extract<Answer, { kind: 'number' }>;
type SetAnswer = Extract<Answer, { kind: 'set' }>;
type MatrixAnswer = Extract<Answer, { kind: 'matrix' }>;
type TupleAnswer = Extract<Answer, { kind: 'tuple' }>;

/** Digits that a rounded number must show to stand for one that never ends. */
const ROUNDED_DIGITS = 4;

export function agrees(answer: Answer, known: Answer): boolean {
  if (answer.kind === 'number' && known.kind === 'number') return numbersAgree(answer, known);
  if (known.kind === 'number' && answer.kind === 'text') {
    const number = numberOfWords(answer.text);
    return number !== null && agrees(number, known);
  }
  if (known.kind === 'set') return setAgrees(answer, known);
  if (known.kind === 'tuple') return tupleAgrees(answer, known);
  if (answer.kind === 'set' && answer.items.length === 1) return agrees(answer.items[0], known);
  if (known.kind === 'text') return textAgrees(answer, known.text);
  if (known.kind === 'expression' || known.kind === 'equation') return formulaAgrees(answer, known);
  return known.kind === 'matrix' && matrixAgrees(answer, known);
}

type Formula = Extract<Answer, { kind: 'expression' | 'equation' }>;

/** An expression that was written as `y = …` is met by any form of that equation, and the reverse. */
function formulaAgrees(answer: Answer, known: Formula): boolean {
  if (answer.kind !== 'expression' && answer.kind !== 'equation') return false;
  if (answer.kind === 'expression' && known.kind === 'expression') {
    return samplesAgree(answer.value.samples, known.value.samples) && sameUnknowns(answer, known);
  }
  const [a, k] = [asEquation(answer), asEquation(known)];
  if (a === null || k === null) return false;
  return (
    a.unknowns.join() === k.unknowns.join() && ratios(a.samples).join() === ratios(k.samples).join()
  );
}

function asEquation(formula: Formula): Value | null {
  return formula.kind === 'equation' ? formula.value : (formula.named ?? null);
}

function matrixAgrees(answer: Answer, known: MatrixAnswer): boolean {
  // A vector may be written as a point.
  if (answer.kind === 'tuple') return answer.open === '(' && allAgree(answer.items, vector(known));
  return (
    answer.kind === 'matrix' &&
    answer.rows.length === known.rows.length &&
    answer.rows.every((row, i) => allAgree(row, known.rows[i]))
  );
}

/** The entries of a matrix of one row or one column; none of any other. */
function vector({ rows }: MatrixAnswer): readonly Answer[] {
  if (rows.every((row) => row.length === 1)) return rows.map(([cell]) => cell);
  return rows.length === 1 ? rows[0] : [];
}

function sameUnknowns(a: Formula, b: Formula): boolean {
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
  const percent = (a === '%') !== (k === '%');
  if (a !== null && k !== null && a !== k && isMeasure(a) && isMeasure(k)) {
    const factor = conversion(a, k);
    return factor !== null && sameNumber(scaled(answer, factor), known);
  }
  if (sameNumber(answer, known)) return true;
  // 50 % is 0.5 as well as 50.
  if (!percent) return false;
  const hundredth = rational(1, 100);
  return a === '%'
    ? sameNumber(scaled(answer, hundredth), known)
    : sameNumber(answer, scaled(known, hundredth));
}

function scaled(number: NumberAnswer, factor: Rational): NumberAnswer {
  const { exact, samples, unknowns } = number.value;
  const by = Number(factor.num) / Number(factor.den);
  return {
    ...number,
    value: {
      exact: exact === null ? null : multiply(exact, factor),
      samples: samples.map((sample) => sample * by),
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
  // Brackets that nobody asked for do no harm, as long as the order is that of the known list.
  if (answer.kind === 'tuple' && answer.open === '(' && answer.close === ')') {
    if (allAgree(answer.items, known.items)) return true;
  }
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
  if (answer.kind === 'matrix') return allAgree(vector(answer), known.items);
  return (
    answer.kind === 'tuple' &&
    answer.open === known.open &&
    answer.close === known.close &&
    allAgree(answer.items, known.items)
  );
}

function textAgrees(answer: Answer, known: string): boolean {
  // The base of a number may be left out like a unit.
  if (answer.kind === 'number') return known.startsWith(`${answerKey(answer)}_`);
  if (answer.kind !== 'text') return false;
  if (answer.text === known) return true;
  // A known choice is met by "(B)" and by "B. Paris" alike, a known "(B) Paris" by its letter.
  if (/^[a-z]$/.test(answer.text) && known.startsWith(`(${answer.text})`)) return true;
  return /^[a-z]$/.test(known) && new RegExp(`^\\(?${known}[).:]`).test(answer.text);
}
