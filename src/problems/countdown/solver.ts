/**
 * Exact countdown truth by exhaustive search over multisets. Legal results are whole numbers from 0
 * up with exact division; sizes are not limited (training/FORMAT.md). Six numbers up to 100 stay
 * below 1e12, where doubles are exact.
 */
import type { Operator, Tree } from '../expression.ts';
import { canonicalExpression } from './answer.ts';
import { ascending, type Countdown } from './rules.ts';

export interface Move {
  readonly a: number;
  readonly op: Operator;
  readonly b: number;
  readonly result: number;
}

/** Moves on two numbers with `a >= b`; both orders of `+` and `*` are one move. */
function movesOf(a: number, b: number): Move[] {
  const moves: Move[] = [
    { a, op: '+', b, result: a + b },
    { a, op: '*', b, result: a * b },
    { a, op: '-', b, result: a - b },
  ];
  if (b !== 0 && a % b === 0) moves.push({ a, op: '/', b, result: a / b });
  // 0/n is legal as well, and the only division with the smaller number in front.
  if (b === 0 && a !== 0) moves.push({ a: b, op: '/', b: a, result: 0 });
  return moves;
}

/** Calls `visit` for each distinct move of an ascending state; stops when it returns true. */
function someMove(
  state: readonly number[],
  visit: (move: Move, next: readonly number[]) => boolean,
): boolean {
  for (let j = 1; j < state.length; j++) {
    for (let i = 0; i < j; i++) {
      // Equal numbers: only the first pair of each kind.
      if (i > 0 && state[i] === state[i - 1]) continue;
      if (j > i + 1 && state[j] === state[j - 1]) continue;
      const rest = state.filter((_, k) => k !== i && k !== j);
      for (const move of movesOf(state[j], state[i])) {
        if (visit(move, insert(rest, move.result))) return true;
      }
    }
  }
  return false;
}

function insert(sorted: readonly number[], value: number): number[] {
  const at = sorted.findIndex((other) => other > value);
  return at < 0 ? [...sorted, value] : [...sorted.slice(0, at), value, ...sorted.slice(at)];
}

/** One solution as moves with the list left after each, or null when there is none. */
export function findSolution(problem: Countdown): { move: Move; left: readonly number[] }[] | null {
  const dead = new Set<string>();
  const path: { move: Move; left: readonly number[] }[] = [];
  const search = (state: readonly number[]): boolean => {
    if (state.length === 1) return state[0] === problem.target;
    const key = state.join(' ');
    if (dead.has(key)) return false;
    const found = someMove(state, (move, left) => {
      path.push({ move, left });
      if (search(left)) return true;
      path.pop();
      return false;
    });
    if (!found) dead.add(key);
    return found;
  };
  return search(ascending(problem.numbers)) ? path : null;
}

/**
 * All solutions that differ by more than order, as canonical expressions, sorted. `limit` ends the
 * search early: six numbers can have thousands.
 */
export function allSolutions(problem: Countdown, limit = Infinity): string[] {
  const found = new Set<string>();
  const search = (items: readonly Item[]): boolean => {
    if (items.length === 1) {
      if (items[0].value === problem.target) found.add(canonicalExpression(items[0].tree));
      return found.size >= limit;
    }
    for (let j = 1; j < items.length; j++) {
      for (let i = 0; i < j; i++) {
        // As in `someMove`: equal plain numbers stand side by side, combinations are never equal.
        if (i > 0 && items[i].tree === items[i - 1].tree) continue;
        if (j > i + 1 && items[j].tree === items[j - 1].tree) continue;
        const [low, high] =
          items[i].value <= items[j].value ? [items[i], items[j]] : [items[j], items[i]];
        const rest = items.filter((_, k) => k !== i && k !== j);
        if (combine(high, low).some((item) => search([...rest, item]))) return true;
      }
    }
    return false;
  };
  search(ascending(problem.numbers).map((value) => ({ value, tree: value })));
  return [...found].sort();
}

interface Item {
  readonly value: number;
  readonly tree: Tree;
}

function combine(high: Item, low: Item): Item[] {
  const made = movesOf(high.value, low.value).map((move): Item => {
    const swapped = move.a !== high.value;
    const [left, right] = swapped ? [low.tree, high.tree] : [high.tree, low.tree];
    return { value: move.result, tree: { op: move.op, left, right } };
  });
  // With equal values both orders of a difference or quotient are legal and differ as expressions.
  if (high.value !== low.value) return made;
  const mirrored = made
    .filter(({ tree }) => typeof tree !== 'number' && (tree.op === '-' || tree.op === '/'))
    .map((item): Item => {
      return typeof item.tree === 'number'
        ? item
        : { ...item, tree: { ...item.tree, left: item.tree.right, right: item.tree.left } };
    });
  return [...made, ...mirrored];
}
