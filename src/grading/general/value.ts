/**
 * The value of a plain mathematical expression: exact where it is rational, else numbers at fixed
 * points. `mathjs` parses and evaluates; only the operators and functions named here are let
 * through, and all sizes are bounded, so no input takes long.
 */
import {
  absDependencies,
  acosDependencies,
  addDependencies,
  asinDependencies,
  atanDependencies,
  ceilDependencies,
  cosDependencies,
  coshDependencies,
  cotDependencies,
  create,
  cscDependencies,
  divideDependencies,
  expDependencies,
  factorialDependencies,
  floorDependencies,
  log10Dependencies,
  logDependencies,
  multiplyDependencies,
  nthRootDependencies,
  parseDependencies,
  powDependencies,
  secDependencies,
  sinDependencies,
  sinhDependencies,
  sqrtDependencies,
  subtractDependencies,
  tanDependencies,
  tanhDependencies,
  unaryMinusDependencies,
  unaryPlusDependencies,
  type MathNode,
} from 'mathjs/number';
import {
  add,
  divide,
  multiply,
  rational,
  subtract,
  type Rational,
} from '../../problems/rational.ts';
import { hashText, pcg4d, toUniform } from '../../shared/random.ts';
import { cleaned, complexOf } from './complex.ts';

const math = create({
  ...parseDependencies,
  ...addDependencies,
  ...subtractDependencies,
  ...multiplyDependencies,
  ...divideDependencies,
  ...powDependencies,
  ...unaryMinusDependencies,
  ...unaryPlusDependencies,
  ...factorialDependencies,
  ...sqrtDependencies,
  ...nthRootDependencies,
  ...absDependencies,
  ...floorDependencies,
  ...ceilDependencies,
  ...expDependencies,
  ...logDependencies,
  ...log10Dependencies,
  ...sinDependencies,
  ...cosDependencies,
  ...tanDependencies,
  ...cotDependencies,
  ...secDependencies,
  ...cscDependencies,
  ...asinDependencies,
  ...acosDependencies,
  ...atanDependencies,
  ...sinhDependencies,
  ...coshDependencies,
  ...tanhDependencies,
});

/** Names of functions that may be called; everything else before a parenthesis is a factor. */
export const FUNCTION_NAMES = [
  ...['floor', 'ceil'],
  ...['sqrt', 'nthRoot', 'abs', 'exp', 'log', 'log10', 'combinations', 'sin', 'cos', 'tan', 'cot'],
  ...['sec', 'csc', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh'],
] as const;

const FUNCTIONS = new Set<string>(FUNCTION_NAMES);
const OPERATORS = new Set(['+', '-', '*', '/', '^', '!']);
const MAX_TEXT = 400;
const MAX_NODES = 200;
const MAX_PARENTHESES = 30;
/** Points at which expressions with unknowns are compared. */
const POINTS = 4;
/** Largest exact exponent, factorial and binomial; beyond it numbers must do. */
const MAX_EXPONENT = 256;
const MAX_DIGITS = 400;

export interface Value {
  /** Exact value; null with unknowns or where it is not rational. */
  readonly exact: Rational | null;
  /** Values at fixed points, one only without unknowns. Not all are NaN. With the imaginary unit (`i`
   * among the unknowns, without `j` and `k`) each is two numbers: real and imaginary part. */
  readonly samples: readonly number[];
  /** Unknowns in alphabetical order. */
  readonly unknowns: readonly string[];
}

/** null where the text is no expression of the allowed kind, or is nowhere defined. */
export function evaluate(text: string): Value | null {
  const node = parseExpression(text);
  if (node === null) return null;
  const unknowns = [...unknownsOf(node)].sort();
  const exact = unknowns.length === 0 ? exactOf(node) : null;
  const samples = samplesOf(node, unknowns);
  const nowhere = samples.every((sample) => !Number.isFinite(sample));
  // i beside j or k is a direction, not the imaginary unit.
  const imaginary = unknowns.includes('i') && !unknowns.includes('j') && !unknowns.includes('k');
  if (exact === null && (imaginary || nowhere)) return complexValue(node, unknowns);
  return { exact: exact ?? nearbyFraction(samples, unknowns), samples, unknowns };
}

/** Real and imaginary part of every sample one after the other; real where all are. */
function complexValue(node: MathNode, symbols: readonly string[]): Value | null {
  const unknowns = symbols.filter((name) => name !== 'i');
  const points = unknowns.length === 0 ? 1 : POINTS;
  const values = Array.from({ length: points }, (_, i) => {
    const scope = Object.fromEntries(unknowns.map((name) => [name, coordinate(name, i)]));
    return cleaned(complexOf(node, { ...CONSTANTS, ...scope }, realFunction));
  });
  if (values.every(({ re, im }) => !Number.isFinite(re) || !Number.isFinite(im))) return null;
  if (values.some(({ im }) => im !== 0)) {
    const samples = values.flatMap(({ re, im }) => [re, im]);
    return { exact: null, samples, unknowns: ['i', ...unknowns].sort() };
  }
  const samples = values.map(({ re }) => re);
  return { exact: nearbyFraction(samples, unknowns), samples, unknowns };
}

function realFunction(name: string, args: readonly number[]): number {
  try {
    const value: unknown = math.parse(`${name}(${args.join(',')})`).evaluate({ combinations });
    return typeof value === 'number' ? value : NaN;
  } catch {
    return NaN;
  }
}

function parseExpression(text: string): MathNode | null {
  if (text.length > MAX_TEXT || !/^[\w\s+\-*/^().,!]+$/.test(text)) return null;
  let depth = 0;
  for (const char of text) {
    if (char === '(' && ++depth > MAX_PARENTHESES) return null;
    if (char === ')' && --depth < 0) return null;
  }
  try {
    const node = math.parse(text);
    return isAllowed(node) ? node : null;
  } catch {
    // mathjs throws on whatever is no expression.
    return null;
  }
}

function isAllowed(root: MathNode): boolean {
  let [count, allowed] = [0, true];
  root.traverse((node, _, parent) => {
    count++;
    const kind = node.type;
    if (kind === 'OperatorNode') allowed &&= OPERATORS.has((node as unknown as Operation).op);
    else if (kind === 'FunctionNode') allowed &&= FUNCTIONS.has(nameOf(node));
    else if (kind === 'ConstantNode') allowed &&= typeof valueOf(node) === 'number';
    else if (kind === 'SymbolNode') {
      // A function's own name is a symbol below its call.
      allowed &&= !FUNCTIONS.has(nameOf(node)) || parent?.type === 'FunctionNode';
    } else allowed &&= kind === 'ParenthesisNode';
  });
  return allowed && count <= MAX_NODES;
}

interface Operation {
  readonly op: string;
  readonly args: readonly MathNode[];
}

/** `fn.name` of a call or `name` of a symbol. */
function nameOf(node: MathNode): string {
  const { fn, name } = node as unknown as { fn?: { name?: string }; name?: string };
  return fn?.name ?? name ?? '';
}

function valueOf(node: MathNode): unknown {
  return (node as unknown as { value: unknown }).value;
}

const CONSTANTS: Record<string, number> = { pi: Math.PI, e: Math.E, inf: Infinity };

function unknownsOf(root: MathNode): Set<string> {
  const names = new Set<string>();
  root.traverse((node) => {
    const name = nameOf(node);
    if (node.type !== 'SymbolNode' || FUNCTIONS.has(name)) return;
    if (!Object.hasOwn(CONSTANTS, name)) names.add(name);
  });
  return names;
}

/** Exact rational arithmetic over + − × ÷, whole powers, factorials; null where it does not hold. */
function exactOf(node: MathNode): Rational | null {
  if (node.type === 'ConstantNode') return decimal(String(valueOf(node)));
  if (node.type === 'ParenthesisNode') {
    return exactOf((node as unknown as { content: MathNode }).content);
  }
  if (node.type !== 'OperatorNode') return null;
  const { op, args } = node as unknown as Operation;
  const a = exactOf(args[0]);
  if (a === null) return null;
  if (args.length === 1) {
    if (op === '!') return factorial(a);
    return op === '-' ? subtract(rational(0), a) : op === '+' ? a : null;
  }
  const b = exactOf(args[1]);
  return b === null ? null : combine(op, a, b);
}

function combine(op: string, a: Rational, b: Rational): Rational | null {
  if (op === '+') return add(a, b);
  if (op === '-') return subtract(a, b);
  if (op === '*') return multiply(a, b);
  return op === '/' ? divide(a, b) : op === '^' ? power(a, b) : null;
}

function power(base: Rational, exponent: Rational): Rational | null {
  const n = Number(exponent.num);
  const digits = `${base.num}${base.den}`.length * Math.abs(n);
  if (exponent.den !== 1n || Math.abs(n) > MAX_EXPONENT || digits > MAX_DIGITS) return null;
  if (n < 0) {
    const inverse = divide(rational(1), base);
    return inverse === null ? null : power(inverse, rational(-n));
  }
  return rational(base.num ** BigInt(n), base.den ** BigInt(n));
}

function factorial(of: Rational): Rational | null {
  if (of.den !== 1n || of.num < 0n || of.num > MAX_EXPONENT) return null;
  let product = 1n;
  for (let i = 2n; i <= of.num; i++) product *= i;
  return rational(product);
}

/** A decimal literal, exponent allowed, as an exact fraction; null for any other text. */
export function decimal(text: string): Rational | null {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text);
  if (match === null) return null;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  if (whole + fraction === '' || text.length > MAX_DIGITS) return null;
  const digits = BigInt(sign + (whole + fraction));
  const shift = Number(exponent) - fraction.length;
  return shift >= 0
    ? rational(digits * 10n ** BigInt(shift))
    : rational(digits, 10n ** BigInt(-shift));
}

function samplesOf(node: MathNode, unknowns: readonly string[]): number[] {
  const points = unknowns.length === 0 ? 1 : POINTS;
  try {
    const code = node.compile();
    return Array.from({ length: points }, (_, i) => {
      const scope = Object.fromEntries(unknowns.map((name) => [name, coordinate(name, i)]));
      const value: unknown = code.evaluate({ ...CONSTANTS, combinations, ...scope });
      return typeof value === 'number' ? value : NaN;
    });
  } catch {
    // A function outside its domain, or called with too few arguments.
    return [];
  }
}

/** Between 0.4 and 1.9, fixed for each unknown and point, so that equal expressions agree. */
function coordinate(name: string, point: number): number {
  const words = new Uint32Array(4);
  pcg4d(hashText(name), point, 0x9e3779b9, 1, words);
  return 0.4 + 1.5 * toUniform(words[0]);
}

/** n(n − 1) … (n − k + 1) / k!, also between whole n, where formulas in n are compared. */
function combinations(n: number, k: number): number {
  if (!Number.isInteger(k) || k < 0 || Math.abs(n) > MAX_EXPONENT || k > MAX_EXPONENT) return NaN;
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return Number.isInteger(n) ? Math.round(product) : product;
}

/** `sqrt(4)` or `log_2 8`: a value within rounding of a simple fraction is that fraction. */
function nearbyFraction(samples: readonly number[], unknowns: readonly string[]): Rational | null {
  const [value] = samples;
  const constant = samples.length > 0 && samples.every((sample) => close(sample, value));
  const size = Math.abs(value);
  // A tiny number is not zero, and a huge one has no digits left behind the point.
  const readable = value === 0 || (size > 1e-6 && size < 1e9);
  if (!constant || !readable || (unknowns.length > 0 && samples.length < POINTS)) return null;
  for (let den = 1; den <= 60; den++) {
    const num = Math.round(value * den);
    if (Math.abs(value * den - num) < 1e-12 * Math.max(1, Math.abs(num))) return rational(num, den);
  }
  return null;
}

/** Equal but for the rounding of doubles. */
export function close(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= 1e-9 * Math.max(1e-3, Math.abs(a), Math.abs(b));
}
