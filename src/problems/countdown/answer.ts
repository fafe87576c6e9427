/**
 * Countdown answers. The canonical form is the expression written out of the original numbers, with
 * sums and products flattened and sorted, so that solutions that differ only by order and
 * grouping are one answer: `8*6-4*6`, `6*8-6*4`; `a-(b-c)`, `a+c-b`, `c+(a-b)`.
 */
import {
  exactValue,
  leavesOf,
  parseTree,
  prettyMath,
  type Operator,
  type Tree,
} from '../expression.ts';
import { compare, equal, rational, show, ZERO, type Rational } from '../rational.ts';
import { ascending, type Countdown } from './rules.ts';
import { readStep } from './steps.ts';

/** A flattened sum or product: members as they stand, members subtracted or divided by. */
interface Group {
  readonly kind: 'sum' | 'product';
  readonly direct: readonly Part[];
  readonly inverse: readonly Part[];
}

interface Part {
  readonly text: string;
  readonly kind: 'number' | Group['kind'];
  /** null where the expression divides by zero. */
  readonly value: Rational | null;
}

/** Of an expression with a value: `a/(b/0)` would become `a*0/b`, which has one. */
export function canonicalExpression(tree: Tree): string {
  return partOf(tree).text;
}

function partOf(tree: Tree): Part {
  if (typeof tree === 'number') {
    return { text: String(tree), kind: 'number', value: rational(tree) };
  }
  const group = flatten(tree);
  const sorted: Group = {
    kind: group.kind,
    direct: [...group.direct].sort(byValue),
    inverse: [...group.inverse].sort(byValue),
  };
  return { text: printGroup(sorted), kind: group.kind, value: exactValue(tree) };
}

const KIND: Record<Operator, Group['kind']> = {
  '+': 'sum',
  '-': 'sum',
  '*': 'product',
  '/': 'product',
};

function flatten(tree: Exclude<Tree, number>): Group {
  const kind = KIND[tree.op];
  const members = (side: Tree): Group =>
    typeof side !== 'number' && KIND[side.op] === kind
      ? flatten(side)
      : { kind, direct: [partOf(side)], inverse: [] };
  const left = members(tree.left);
  const right = members(tree.right);
  const inverted = tree.op === '-' || tree.op === '/';
  const [direct, inverse] = inverted
    ? [right.inverse, right.direct]
    : [right.direct, right.inverse];
  return {
    kind,
    direct: [...left.direct, ...direct],
    inverse: [...left.inverse, ...inverse],
  };
}

/** Largest first, then by text: any fixed order would do. */
function byValue(a: Part, b: Part): number {
  const order = compare(b.value ?? ZERO, a.value ?? ZERO);
  return order !== 0 ? order : a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}

function printGroup({ kind, direct, inverse }: Group): string {
  const wrap = (part: Part) =>
    kind === 'product' && part.kind === 'sum' ? `(${part.text})` : part.text;
  const [join, invert] = kind === 'sum' ? ['+', '-'] : ['*', '/'];
  return direct.map(wrap).join(join) + inverse.map((part) => invert + wrap(part)).join('');
}

/**
 * The expression that the steps write, whatever results they claim: `17+10=28` stands for `17+10`
 * wherever 28 is used later. Of several equal numbers the earliest is used. null when a line cannot
 * be read, uses a number that is not there, or numbers are left over.
 */
export function expressionOf(problem: Countdown, steps: readonly string[]): Tree | null {
  const items = problem.numbers.map((claimed) => ({ claimed, tree: claimed as Tree }));
  const take = (claimed: number): Tree | null => {
    const at = items.findIndex((item) => item.claimed === claimed);
    return at < 0 ? null : items.splice(at, 1)[0].tree;
  };
  for (const line of steps) {
    const step = readStep(line);
    if (step === null) return null;
    const left = take(step.a);
    const right = take(step.b);
    if (left === null || right === null) return null;
    items.push({ claimed: step.result, tree: { op: step.op, left, right } });
  }
  const tree = items.length === 1 ? items[0].tree : null;
  return tree === null || exactValue(tree) === null ? null : tree;
}

/**
 * Whether an expression uses exactly the numbers of the problem and is worth the target, in exact
 * fractions. It judges the answer, not the way to it: two candidates with one answer are both right
 * or both wrong, and `checkSteps` tells false lines apart.
 */
export function reachesTarget(problem: Countdown, answer: string): boolean {
  const tree = parseTree(answer);
  if (tree === null) return false;
  if (ascending(leavesOf(tree)).join(' ') !== ascending(problem.numbers).join(' ')) return false;
  const value = exactValue(tree);
  return value !== null && equal(value, rational(problem.target));
}

/** `7 × 4 − 8 ÷ 2 = 24`, with the true value. */
export function showExpression(answer: string): string {
  const tree = parseTree(answer);
  const value = tree === null ? null : exactValue(tree);
  return value === null ? prettyMath(answer) : `${prettyMath(answer)} = ${show(value)}`;
}
