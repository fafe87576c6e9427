/** Linear equations from the distribution of `training/equations.py`. */
import type { StreamRandom } from '../../shared/random.ts';
import type { GeneratedProblem } from '../family.ts';
import { solveEquation } from './moves.ts';
import { printPrompt, totals, type Equation, type Side, type Term } from './sides.ts';

/** Solutions of shipped problems lie here, ends included. */
export const ROOTS = { low: -20, high: 30 } as const;
/** Largest constant that stands on the right or arises there. */
const LARGEST = 999;

export function generateEquation(level: number, random: StreamRandom): GeneratedProblem {
  for (;;) {
    const root = random.integer(ROOTS.low, ROOTS.high);
    const big = pick([10, 30, 99], random);
    const open = level === 4 ? manyTerms(big, random) : fewTerms(level, big, random);
    const equation = open === null ? null : closed(open, root, level, random);
    if (equation === null) continue;
    return {
      family: 'equation',
      level: String(level),
      prompt: printPrompt(equation),
      answer: String(root),
      steps: solveEquation(equation),
    };
  }
}

/** Adds the constant that makes `root` the solution; null where it does not fit. */
function closed(
  { left, right }: Equation,
  root: number,
  level: number,
  random: StreamRandom,
): Equation | null {
  const [l, r] = [totals(left), totals(right)];
  const constant = l.x * root + l.n - r.x * root - r.n;
  const tooLarge = Math.abs(constant) > LARGEST || Math.abs(l.x * root) > LARGEST;
  if (l.x === r.x || tooLarge) return null;
  const full: Side = constant === 0 ? right : [...right, { kind: 'number', k: constant }];
  if (level === 3 && full.length < 2) return null;
  const swap = level === 4 && random.next() < 0.3;
  return swap ? { left: full, right: left } : { left, right: full };
}

function fewTerms(level: number, big: number, random: StreamRandom): Equation {
  const constant = (): Term => ({
    kind: 'number',
    k: random.integer(1, big) * pick([1, -1], random),
  });
  if (level === 1 && random.next() < 0.55) {
    return { left: [{ kind: 'x', k: 1 }, constant()], right: [] };
  }
  const most = pick([5, 9, 9, 12, 20], random);
  if (level === 3) {
    const left: Side = [{ kind: 'x', k: random.integer(2, most) }, constant()];
    return { left, right: [{ kind: 'x', k: random.integer(1, Math.min(most, 12)) }] };
  }
  const x: Term = { kind: 'x', k: pick([1, 1, 1, -1], random) * random.integer(2, most) };
  return { left: level === 1 ? [x] : [x, constant()], right: [] };
}

function manyTerms(big: number, random: StreamRandom): Equation | null {
  const left = terms(pick([1, 1, 2, 2, 3], random), big, random);
  const right = terms(pick([0, 1, 1, 2], random), big, random);
  return [...left, ...right].some(({ kind }) => kind === 'product') ? { left, right } : null;
}

function terms(count: number, big: number, random: StreamRandom): Side {
  return Array.from({ length: count }, (_, i): Term => {
    const sign = random.next() < (i === 0 ? 0.1 : 0.35) ? -1 : 1;
    const kind = random.next();
    if (kind < 0.55) {
      const b = random.integer(1, 12) * pick([1, -1], random);
      const k = sign * random.integer(2, 9);
      return { kind: 'product', k, a: pick([1, 1, 1, 2, 3, 4, 5], random), b };
    }
    if (kind < 0.8) return { kind: 'x', k: sign * random.integer(1, 12) };
    return { kind: 'number', k: sign * random.integer(1, big) };
  });
}

function pick<T>(items: readonly T[], random: StreamRandom): T {
  return items[random.integer(0, items.length - 1)];
}
