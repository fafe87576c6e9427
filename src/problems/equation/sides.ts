/** Sides of a linear equation in x, as the text format writes them, and their exact solution. */
import { rational, type Rational } from '../rational.ts';

/** `k`, `k*x` or `k*(a*x+b)`; `k` carries the sign, `a` is positive. */
export type Term =
  | { readonly kind: 'number'; readonly k: number }
  | { readonly kind: 'x'; readonly k: number }
  | { readonly kind: 'product'; readonly k: number; readonly a: number; readonly b: number };

export type Side = readonly Term[];

export interface Equation {
  readonly left: Side;
  readonly right: Side;
}

const PREFIX = 'solve ';
const xTerm = (k: number) => (k === 1 ? 'x' : `${k}*x`);

function printSide(side: Side): string {
  if (side.length === 0) return '0';
  return side.map((term, i) => (term.k < 0 ? '-' : i > 0 ? '+' : '') + printBody(term)).join('');
}

function printBody(term: Term): string {
  const size = Math.abs(term.k);
  if (term.kind === 'number') return String(size);
  if (term.kind === 'x') return xTerm(size);
  return `${size}*(${xTerm(term.a)}${term.b < 0 ? '-' : '+'}${Math.abs(term.b)})`;
}

export function printEquation({ left, right }: Equation): string {
  return `${printSide(left)}=${printSide(right)}`;
}

// Seven digits keep every sum and product below 2^53; models and problems stay far under it.
const NUM = '(?:0|[1-9]\\d{0,6})';
const INNER = `(${NUM}\\*x|x|${NUM})`;
const TERM = new RegExp(`([-+]?)(?:(${NUM})\\*\\(${INNER}([-+])${INNER}\\)|${INNER})`, 'y');
const MOST_TERMS = 40;

/** A side of the grammar of FORMAT.md (in a product the number may stand first); null otherwise. */
function parseSide(text: string): Side | null {
  const side: Term[] = [];
  TERM.lastIndex = 0;
  for (let count = 0; TERM.lastIndex < text.length; count++) {
    const match = TERM.exec(text);
    if (match === null || count === MOST_TERMS) return null;
    if ((count === 0 && match[1] === '+') || (count > 0 && match[1] === '')) return null;
    const term = readTerm(match);
    if (term.k !== 0) side.push(term);
  }
  return text === '' ? null : side;
}

function readTerm([, sign, factor, first, joint, second, single]: RegExpExecArray): Term {
  const signed = sign === '-' ? -1 : 1;
  if (factor === undefined) return readInner(single, signed);
  const k = signed * Number(factor);
  const parts = [readInner(first, 1), readInner(second, joint === '-' ? -1 : 1)];
  const sum = (kind: Term['kind']) =>
    parts.reduce((total, part) => (part.kind === kind ? total + part.k : total), 0);
  const [a, b] = [sum('x'), sum('number')];
  if (a === 0) return { kind: 'number', k: k * b };
  if (a < 0) return { kind: 'product', k: -k, a: -a, b: -b };
  return { kind: 'product', k, a, b };
}

function readInner(text: string, sign: number): Term {
  if (text === 'x') return { kind: 'x', k: sign };
  if (text.endsWith('*x')) return { kind: 'x', k: sign * Number(text.slice(0, -2)) };
  return { kind: 'number', k: sign * Number(text) };
}

export function parseEquation(text: string): Equation | null {
  const sides = text.split('=');
  if (sides.length !== 2) return null;
  const left = parseSide(sides[0]);
  const right = parseSide(sides[1]);
  return left === null || right === null ? null : { left, right };
}

/** The equation of a canonical prompt; null for any other text. */
export function parsePrompt(prompt: string): Equation | null {
  if (!prompt.startsWith(PREFIX)) return null;
  const text = prompt.slice(PREFIX.length);
  const equation = parseEquation(text);
  return equation !== null && printEquation(equation) === text ? equation : null;
}

export function printPrompt(equation: Equation): string {
  return PREFIX + printEquation(equation);
}

/** Coefficient of x and constant of a side with everything expanded. */
export function totals(side: Side): { x: number; n: number } {
  let [x, n] = [0, 0];
  for (const term of side) {
    if (term.kind !== 'number') x += term.k * (term.kind === 'product' ? term.a : 1);
    if (term.kind !== 'x') n += term.k * (term.kind === 'product' ? term.b : 1);
  }
  return { x, n };
}

/** The only solution; `none` or `every` where x drops out. */
export function solutionOf({ left, right }: Equation): Rational | 'none' | 'every' {
  const [l, r] = [totals(left), totals(right)];
  if (l.x === r.x) return l.n === r.n ? 'every' : 'none';
  return rational(r.n - l.n, l.x - r.x);
}

/** The level whose form the equation has (FORMAT.md). */
export function levelOf({ left, right }: Equation): '1' | '2' | '3' | '4' {
  const form = (side: Side) => side.map(({ kind }) => kind[0]).join('');
  const constant = form(right) === 'n' || right.length === 0;
  if (constant && form(left) === 'x') return '1';
  if (constant && form(left) === 'xn') return left[0].k === 1 ? '1' : '2';
  return form(left) === 'xn' && form(right) === 'xn' ? '3' : '4';
}
