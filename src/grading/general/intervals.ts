/** Sets of real numbers: unions, intersections and differences of intervals and points. Pure. */
import type { Answer } from './answer.ts';
import { close } from './value.ts';

/** From `from` to `to`; a point where they are one. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly openFrom: boolean;
  readonly openTo: boolean;
  /** As they were written. */
  readonly low: Answer;
  readonly high: Answer;
}

/** In ascending order, without common points. */
export type RealSet = readonly Piece[];

/** `close` of two ends; an infinite one is close to itself only. */
function same(a: number, b: number): boolean {
  return a === b || (Number.isFinite(a) && Number.isFinite(b) && close(a, b));
}

const INFINITE: Record<string, number> = { inf: Infinity, '-inf': -Infinity };

/** A number, an interval, or a set of such; null for anything else. */
export function realSetOf(answer: Answer): RealSet | null {
  if (answer.kind === 'set') {
    const members = answer.items.map(realSetOf);
    return members.every((member) => member !== null) ? unionOf(members) : null;
  }
  if (answer.kind === 'number') {
    const at = placeOf(answer);
    const ends = { low: answer, high: answer, openFrom: false, openTo: false };
    return at === null ? null : [{ from: at, to: at, ...ends }];
  }
  if (answer.kind !== 'tuple' || answer.items.length !== 2) return null;
  const [low, high] = answer.items;
  const [from, to] = [placeOf(low), placeOf(high)];
  if (from === null || to === null || from > to) return null;
  const openFrom = answer.open === '(' || from === -Infinity;
  const openTo = answer.close === ')' || to === Infinity;
  const piece = { from, to, openFrom, openTo, low, high };
  return isEmpty(piece) ? [] : [piece];
}

function placeOf(answer: Answer): number | null {
  if (answer.kind === 'text') return INFINITE[answer.text] ?? null;
  if (answer.kind !== 'number' || answer.value.unknowns.length > 0) return null;
  const [at] = answer.value.samples;
  return Number.isFinite(at) ? at : null;
}

export function unionOf(sets: readonly RealSet[]): RealSet {
  const pieces = sets
    .flat()
    .sort((a, b) => a.from - b.from || Number(a.openFrom) - Number(b.openFrom));
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (last === undefined || !touches(last, piece)) {
      merged.push(piece);
      continue;
    }
    const further = endOrder(last, piece) >= 0 ? last : piece;
    const { to, openTo, high } = further;
    const openFrom = last.openFrom && (piece.openFrom || !same(last.from, piece.from));
    merged[merged.length - 1] = { ...last, openFrom, to, openTo, high };
  }
  return merged;
}

function touches(a: Piece, b: Piece): boolean {
  return same(a.to, b.from) ? !(a.openTo && b.openFrom) : b.from < a.to;
}

/** Positive where `a` ends behind `b`. */
function endOrder(a: Piece, b: Piece): number {
  return same(a.to, b.to) ? Number(b.openTo) - Number(a.openTo) : a.to - b.to;
}

export function intersectionOf(sets: readonly RealSet[]): RealSet {
  return sets.reduce((a, b) => a.flatMap((one) => b.flatMap((other) => common(one, other))));
}

function common(a: Piece, b: Piece): Piece[] {
  const ends = endOrder(a, b) <= 0 ? a : b;
  const sameStart = same(a.from, b.from);
  const begins = sameStart ? (a.openFrom ? a : b) : a.from > b.from ? a : b;
  const { from, openFrom, low } = begins;
  const { to, openTo, high } = ends;
  const piece = { from, openFrom, low, to, openTo, high };
  return isEmpty(piece) ? [] : [piece];
}

function isEmpty({ from, to, openFrom, openTo }: Piece): boolean {
  return same(from, to) ? openFrom || openTo : from > to;
}

const end = (text: 'inf' | '-inf'): Answer => ({ kind: 'text', text });

/** What is in `a` and not in `b`. */
export function differenceOf(a: RealSet, b: RealSet): RealSet {
  const gaps: Piece[] = [];
  let start = { from: -Infinity, openFrom: true, low: end('-inf') };
  for (const { from, openFrom, low, to, openTo, high } of b) {
    gaps.push({ ...start, to: from, openTo: !openFrom, high: low });
    start = { from: to, openFrom: !openTo, low: high };
  }
  gaps.push({ ...start, to: Infinity, openTo: true, high: end('inf') });
  return intersectionOf([a, gaps.filter((gap) => !isEmpty(gap))]);
}

/** As it would be read where it is written out: one interval, one number, or a set of them. */
export function answerOf(set: RealSet): Answer {
  const items = set.map((piece): Answer => {
    if (same(piece.from, piece.to)) return piece.low;
    const [open, shut] = [piece.openFrom ? '(' : '[', piece.openTo ? ')' : ']'] as const;
    return { kind: 'tuple', open, close: shut, items: [piece.low, piece.high] };
  });
  return items.length === 1 ? items[0] : { kind: 'set', items };
}
