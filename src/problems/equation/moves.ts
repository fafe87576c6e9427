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

/** The x term, then the constant; null where the side reads so already. */
function collected(side: Side): Side | null {
  if (side.some(({ kind }) => kind === 'product')) return null;
  const { x, n } = totals(side);
  const form = side.map(({ kind }) => kind[0]).join('');
  return ['', 'x', 'n', 'xn'].includes(form) ? null : line(x, n);
}

export function line(x: number, n: number): Side {
  const terms: Term[] = [
    { kind: 'x', k: x },
    { kind: 'number', k: n },
  ];
  return terms.filter(({ k }) => k !== 0);
}
