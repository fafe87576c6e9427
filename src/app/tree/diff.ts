/**
 * Character differences between two attempts (Myers 1986, "An O(ND) Difference Algorithm", the
 * greedy form). Steps are short; texts too different to be worth it come back replaced whole.
 */
export interface DiffPart {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Beyond so many edits a reader sees two texts, not a change. */
const MOST_EDITS = 400;

/** Parts in reading order; `same` and `removed` spell `before`, `same` and `added` spell `after`. */
export function diffText(before: string, after: string): DiffPart[] {
  if (before === after) return before === '' ? [] : [{ kind: 'same', text: before }];
  const trace = searchEdits(before, after);
  if (trace === null) {
    return join([
      { kind: 'removed', text: before },
      { kind: 'added', text: after },
    ]);
  }
  return join(backtrack(before, after, trace));
}

/** For each number of edits, the furthest x by diagonal; null when there are too many edits. */
function searchEdits(before: string, after: string): Map<number, number>[] | null {
  const furthest = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  const most = Math.min(before.length + after.length, MOST_EDITS);
  for (let edits = 0; edits <= most; edits++) {
    trace.push(new Map(furthest));
    for (let k = -edits; k <= edits; k += 2) {
      let x = startOf(furthest, k, edits);
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x++;
      furthest.set(k, x);
      if (x >= before.length && x - k >= after.length) return trace;
    }
  }
  return null;
}

function startOf(furthest: ReadonlyMap<number, number>, k: number, edits: number): number {
  const down = furthest.get(k + 1) ?? -1;
  const right = furthest.get(k - 1) ?? -1;
  return k === -edits || (k !== edits && right < down) ? down : right + 1;
}

function backtrack(
  before: string,
  after: string,
  trace: readonly ReadonlyMap<number, number>[],
): DiffPart[] {
  const parts: DiffPart[] = [];
  let x = before.length;
  let y = after.length;
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const furthest = trace[edits];
    const k = x - y;
    const right = furthest.get(k - 1) ?? -1;
    const down = furthest.get(k + 1) ?? -1;
    const previous = k === -edits || (k !== edits && right < down) ? k + 1 : k - 1;
    const fromX = edits === 0 ? 0 : (furthest.get(previous) ?? 0);
    const fromY = edits === 0 ? 0 : fromX - previous;
    while (x > fromX && y > fromY) {
      parts.push({ kind: 'same', text: before[--x] });
      y--;
    }
    if (edits === 0) break;
    if (x === fromX) parts.push({ kind: 'added', text: after[--y] });
    else parts.push({ kind: 'removed', text: before[--x] });
  }
  return parts.reverse();
}

/** Neighbours of one kind become one part; empty ones go. */
function join(parts: readonly DiffPart[]): DiffPart[] {
  const joined: DiffPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.text === '') continue;
    if (last?.kind === part.kind) {
      joined[joined.length - 1] = { kind: part.kind, text: last.text + part.text };
    } else joined.push(part);
  }
  return joined;
}
