/** Countdown problems from the distribution of `training/countdown.py`: random play, kept if fair. */
import type { Operator } from '../expression.ts';
import type { GeneratedProblem } from '../family.ts';
import type { StreamRandom } from '../../shared/random.ts';
import type { Move } from './solver.ts';
import {
  ascending,
  LARGE,
  LARGE_NUMBERS,
  operate,
  printCountdown,
  replacePair,
  SMALL,
  type Size,
} from './rules.ts';

const OPERATORS: readonly Operator[] = ['+', '-', '*', '/'];
/** Draws for one move before a play counts as stuck. */
const DRAWS = 40;

interface Play {
  readonly steps: readonly string[];
  readonly target: number;
}

export function generateCountdown(
  size: Size,
  count: number,
  random: StreamRandom,
): GeneratedProblem {
  for (;;) {
    const numbers = Array.from({ length: count }, () =>
      size === 'small'
        ? random.integer(1, SMALL.highest)
        : LARGE_NUMBERS[random.integer(0, LARGE_NUMBERS.length - 1)],
    );
    const play = randomPlay(numbers, size === 'small' ? SMALL.limit : LARGE.limit, random);
    if (play === null || !isFair(size, numbers, play.target, random)) continue;
    const prompt = printCountdown({ target: play.target, numbers });
    const level = `${size}-${count}`;
    return { family: 'countdown', level, prompt, answer: null, steps: play.steps };
  }
}

function isFair(
  size: Size,
  numbers: readonly number[],
  target: number,
  random: StreamRandom,
): boolean {
  const range = size === 'small' ? SMALL : LARGE;
  if (target < range.lowTarget || target > range.highTarget) return false;
  if (size === 'small') return true;
  // Low targets are the commonest results of play; half of them go. Small problems are not large.
  if (target < 100 && random.next() < 0.5) return false;
  return !(target <= SMALL.highTarget && Math.max(...numbers) <= SMALL.highest);
}

function randomPlay(numbers: readonly number[], limit: number, random: StreamRandom): Play | null {
  let state = ascending(numbers);
  const steps: string[] = [];
  while (state.length > 1) {
    const move = randomMove(state, limit, random);
    const next = move === null ? null : replacePair(state, move.a, move.b, move.result);
    if (move === null || next === null) return null;
    steps.push(writeStep(move, next));
    state = next;
  }
  return { steps, target: state[0] };
}

function randomMove(state: readonly number[], limit: number, random: StreamRandom): Move | null {
  for (let draw = 0; draw < DRAWS; draw++) {
    const i = random.integer(0, state.length - 1);
    const other = random.integer(0, state.length - 2);
    const j = other >= i ? other + 1 : other;
    const [a, b] = [Math.max(state[i], state[j]), Math.min(state[i], state[j])];
    const op = OPERATORS[random.integer(0, 3)];
    const result = operate(a, op, b);
    if (result !== null && result >= 1 && result <= limit) return { a, op, b, result };
  }
  return null;
}

export function writeStep(move: Move, left: readonly number[]): string {
  return `${move.a}${move.op}${move.b}=${move.result}|${left.join(' ')}`;
}
