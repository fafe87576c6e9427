/** The generator's way to solve an equation, one move a step (FORMAT.md, "Equations"). */
import { printEquation, totals, type Equation, type Side, type Term } from './sides.ts';

/** Needs a single whole solution; stops early otherwise. */
export function solveEquation(equation: Equation): string[] {
  const steps: string[] = [];
  for (let at = nextMove(equation); at !== null; at = nextMove(at)) {
    steps.push(printEquation(at));
    if (at.left.length === 0) break;
  }
  return steps;
}

/** The equation after the first move that applies; null when it reads `x=…`. */
function nextMove({ left, right }: Equation): Equation | null {
  for (const move of [expanded, collected]) {
    const newLeft = move(left);
    if (newLeft !== null) return { left: newLeft, right };
    const newRight = move(right);
    if (newRight !== null) return { left, right: newRight };
  }
  const [l, r] = [totals(left), totals(right)];
  if (r.x !== 0) return { left: line(l.x - r.x, l.n), right: line(0, r.n) };
  if (l.n !== 0) return { left: line(l.x, 0), right: line(0, r.n - l.n) };
  if (l.x !== 1) return { left: line(1, 0), right: line(0, Math.trunc(r.n / l.x)) };
  return null;
}

/** The side with its first product expanded; null where there is none. */
function expanded(side: Side): Side | null {
  const at = side.findIndex(({ kind }) => kind === 'product');
  const term = side[at];
  if (term === undefined || term.kind !== 'product') return null;
  const parts: Term[] = [
    { kind: 'x', k: term.k * term.a },
    { kind: 'number', k: term.k * term.b },
  ];
  return [...side.slice(0, at), ...parts.filter(({ k }) => k !== 0), ...side.slice(at + 1)];
}

/**
 * One sum: the first two x terms, else the first two constants, become one, and a side of at most
 * one of each stands in order. Null where the side is the x term, then the constant.
 */
function collected(side: Side): Side | null {
  if (side.some(({ kind }) => kind === 'product')) return null;
  const form = side.map(({ kind }) => kind[0]).join('');
  if (['', 'x', 'n', 'xn'].includes(form)) return null;
  const summed = sumOfFirstTwo(side, 'x') ?? sumOfFirstTwo(side, 'number') ?? side;
  const count = (kind: Term['kind']) => summed.filter((term) => term.kind === kind).length;
  if (count('x') > 1 || count('number') > 1) return summed;
  const { x, n } = totals(summed);
  return line(x, n);
}

function sumOfFirstTwo(side: Side, kind: 'x' | 'number'): Side | null {
  const [first, second] = side.flatMap((term, at) => (term.kind === kind ? [at] : []));
  if (second === undefined) return null;
  const sum: Term = { kind, k: side[first].k + side[second].k };
  return side
    .map((term, at) => (at === first ? sum : term))
    .filter(({ k }, at) => at !== second && k !== 0);
}

export function line(x: number, n: number): Side {
  const terms: Term[] = [
    { kind: 'x', k: x },
    { kind: 'number', k: n },
  ];
  return terms.filter(({ k }) => k !== 0);
}
