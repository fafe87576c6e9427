/**
 * Typed sides of an equation: any `+ - * /`, parentheses and unwritten products, read to a tree and
 * turned into the terms of the text format without changing their order.
 */
import {
  add,
  divide,
  isZero,
  multiply,
  negate,
  ONE,
  rational,
  subtract,
  ZERO,
  type Rational,
} from '../rational.ts';
import { MAX_DEPTH } from '../expression.ts';

export type Node =
  | { readonly kind: 'number'; readonly value: Rational }
  | { readonly kind: 'x' }
  | { readonly kind: 'negative'; readonly of: Node }
  | { readonly kind: '+' | '-' | '*' | '/'; readonly left: Node; readonly right: Node };

export type SyntaxTrouble = 'syntax' | 'parentheses' | 'too-deep';

/** Texts of the tokens of one side, `x` for the unknown. */
export function parseTokens(tokens: readonly string[]): Node | SyntaxTrouble {
  return new SideParser(tokens).parse();
}

class SideParser {
  private at = 0;
  private depth = 0;
  private trouble: SyntaxTrouble = 'syntax';

  constructor(private readonly tokens: readonly string[]) {}

  parse(): Node | SyntaxTrouble {
    const node = this.sum();
    if (node !== null && this.at === this.tokens.length) return node;
    return this.tokens[this.at] === ')' && node !== null ? 'parentheses' : this.trouble;
  }

  private sum(): Node | null {
    let node = this.product();
    while (node !== null) {
      const kind = this.tokens[this.at];
      if (kind !== '+' && kind !== '-') break;
      this.at++;
      const right = this.product();
      node = right === null ? null : { kind, left: node, right };
    }
    return node;
  }

  private product(): Node | null {
    let node = this.signed();
    while (node !== null) {
      const token = this.tokens[this.at];
      if (token === undefined || token === '+' || token === '-' || token === ')') break;
      const written = token === '*' || token === '/';
      if (written) this.at++;
      const right = written ? this.signed() : this.atom();
      node = right === null ? null : { kind: token === '/' ? '/' : '*', left: node, right };
    }
    return node;
  }

  private signed(): Node | null {
    let negative = false;
    while (this.tokens[this.at] === '-' || this.tokens[this.at] === '+') {
      if (this.tokens[this.at++] === '-') negative = !negative;
    }
    const node = this.atom();
    return node !== null && negative ? { kind: 'negative', of: node } : node;
  }

  private atom(): Node | null {
    const token = this.tokens[this.at++];
    if (token === 'x') return { kind: 'x' };
    if (token === '(') {
      if (++this.depth > MAX_DEPTH) {
        this.trouble = 'too-deep';
        return null;
      }
      const node = this.sum();
      this.depth--;
      if (node === null) return null;
      if (this.tokens[this.at++] === ')') return node;
      this.trouble = 'parentheses';
      return null;
    }
    if (token === undefined || !/^\d+$/.test(token)) return null;
    return { kind: 'number', value: rational(BigInt(token)) };
  }
}

/** `x*X + n` of a node. */
export interface Linear {
  readonly x: Rational;
  readonly n: Rational;
}

export type MathTrouble = 'non-linear' | 'division-by-zero';

export function linearOf(node: Node): Linear | MathTrouble {
  if (node.kind === 'number') return { x: ZERO, n: node.value };
  if (node.kind === 'x') return { x: ONE, n: ZERO };
  if (node.kind === 'negative') {
    const inner = linearOf(node.of);
    return typeof inner === 'string' ? inner : scale(inner, rational(-1));
  }
  const left = linearOf(node.left);
  if (typeof left === 'string') return left;
  const right = linearOf(node.right);
  if (typeof right === 'string') return right;
  if (node.kind === '+') return { x: add(left.x, right.x), n: add(left.n, right.n) };
  if (node.kind === '-') return { x: subtract(left.x, right.x), n: subtract(left.n, right.n) };
  if (node.kind === '*') {
    if (isZero(left.x)) return scale(right, left.n);
    return isZero(right.x) ? scale(left, right.n) : 'non-linear';
  }
  if (!isZero(right.x)) return 'non-linear';
  const inverse = divide(ONE, right.n);
  return inverse === null ? 'division-by-zero' : scale(left, inverse);
}

function scale({ x, n }: Linear, factor: Rational): Linear {
  return { x: multiply(x, factor), n: multiply(n, factor) };
}

/** A term before it is known to be whole: `k * (x*X + n)`, or a plain x or number term. */
export type RawTerm =
  | { readonly kind: 'x' | 'number'; readonly k: Rational }
  | { readonly kind: 'product'; readonly k: Rational; readonly inner: Linear };

/** The terms of a side in their order; products with a factor of 1 or −1 are opened. */
export function termsOf(node: Node): RawTerm[] | MathTrouble {
  const out: RawTerm[] = [];
  return collect(node, ONE, out) ?? out;
}

function collect(node: Node, factor: Rational, out: RawTerm[]): MathTrouble | null {
  switch (node.kind) {
    case 'number':
      out.push({ kind: 'number', k: multiply(node.value, factor) });
      return null;
    case 'x':
      out.push({ kind: 'x', k: factor });
      return null;
    case 'negative':
      return collect(node.of, negate(factor), out);
    case '+':
    case '-':
      return (
        collect(node.left, factor, out) ??
        collect(node.right, node.kind === '+' ? factor : negate(factor), out)
      );
    default:
      return collectProduct(node, factor, out);
  }
}

function collectProduct(node: Node, factor: Rational, out: RawTerm[]): MathTrouble | null {
  const split = factorsOf(node);
  if (typeof split === 'string') return split;
  const k = multiply(split.constant, factor);
  if (split.rest === null) {
    out.push({ kind: 'number', k });
    return null;
  }
  if (k.den === 1n && (k.num === 1n || k.num === -1n)) return collect(split.rest, k, out);
  const inner = linearOf(split.rest);
  if (typeof inner === 'string') return inner;
  if (isZero(inner.n)) out.push({ kind: 'x', k: multiply(k, inner.x) });
  else out.push({ kind: 'product', k, inner });
  return null;
}

/** A product as a constant times the one factor that holds x. */
function factorsOf(node: Node): { constant: Rational; rest: Node | null } | MathTrouble {
  if (node.kind === 'negative') {
    const of = factorsOf(node.of);
    return typeof of === 'string' ? of : { ...of, constant: negate(of.constant) };
  }
  if (node.kind !== '*' && node.kind !== '/') {
    const linear = linearOf(node);
    if (typeof linear === 'string') return linear;
    return isZero(linear.x) ? { constant: linear.n, rest: null } : { constant: ONE, rest: node };
  }
  const left = factorsOf(node.left);
  if (typeof left === 'string') return left;
  const right = factorsOf(node.right);
  if (typeof right === 'string') return right;
  const constant =
    node.kind === '*'
      ? multiply(left.constant, right.constant)
      : divide(left.constant, right.constant);
  if (constant === null) return 'division-by-zero';
  if (right.rest !== null && (left.rest !== null || node.kind === '/')) return 'non-linear';
  return { constant, rest: left.rest ?? right.rest };
}
