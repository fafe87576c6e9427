/**
 * Which rows of a pass attend together, so that keys and values that they share are read once. A tile
 * is a few rows in a row; its entries are all slots that any of them attends to, each with its
 * members. Any sharing is found: a common prompt, a tree of branches, rows of one sequence.
 */

/** The rows of a pass: row r attends to the first `ends[r]` entries of its slot list. */
export interface AttendingRows {
  readonly count: number;
  readonly listStarts: ArrayLike<number>;
  readonly ends: ArrayLike<number>;
  readonly slotLists: Uint32Array;
}

export interface AttentionTiles {
  readonly tiles: number;
  /** Slots read, by one KV head in one layer. */
  readonly entries: number;
  /** As the kernel reads it: tables of tiles, then entries. */
  readonly words: Uint32Array<ArrayBuffer>;
}

const TILE_WORDS = 4;
const ENTRY_WORDS = 2;
/** Entries that the kernel takes at once. */
const CHUNK = 64;

/** Slots that the rows read one by one, by one KV head in one layer. */
export function listedSlots({ count, ends }: AttendingRows): number {
  let sum = 0;
  for (let row = 0; row < count; row++) sum += ends[row];
  return sum;
}

/** Tiles of up to `tileRows` rows; `offset` is where the words will lie in the buffer. */
export function buildTiles(rows: AttendingRows, tileRows: number, offset = 0): AttentionTiles {
  const tiles = Math.ceil(rows.count / tileRows);
  const table = new Uint32Array(tiles * TILE_WORDS);
  const entries: number[] = [];
  for (let tile = 0; tile < tiles; tile++) {
    const first = tile * tileRows;
    const size = Math.min(tileRows, rows.count - first);
    const before = entries.length;
    addEntries(rows, first, size, entries);
    const count = (entries.length - before) / ENTRY_WORDS;
    table.set([first, size, count, offset + table.length + before], tile * TILE_WORDS);
  }
  const words = new Uint32Array(table.length + entries.length);
  words.set(table);
  words.set(entries, table.length);
  return { tiles, entries: entries.length / ENTRY_WORDS, words };
}

/**
 * Tiles where they pay, else null: at most half of the reads are left, and no tile walks more than
 * twice as many chunks as the longest row would alone, since a GPU that is not full waits for its
 * longest workgroup.
 */
export function tilesThatPay(
  rows: AttendingRows,
  tileRows: number,
  offset = 0,
): AttentionTiles | null {
  if (tileRows < 2 || rows.count < 2) return null;
  const built = buildTiles(rows, tileRows, offset);
  if (built.entries * 2 > listedSlots(rows)) return null;
  let longest = 0;
  for (let row = 0; row < rows.count; row++) longest = Math.max(longest, rows.ends[row]);
  for (let tile = 0; tile < built.tiles; tile++) {
    const entries = built.words[tile * TILE_WORDS + 2];
    if (Math.ceil(entries / CHUNK) > 2 * Math.ceil(longest / CHUNK)) return null;
  }
  return built;
}

/** Appends what the tile attends to: row by row, without what an earlier row has brought. */
function addEntries(rows: AttendingRows, first: number, size: number, entries: number[]): void {
  const { listStarts, ends, slotLists } = rows;
  for (let r = 0; r < size; r++) {
    for (let position = 0; position < ends[first + r]; position++) {
      const slot = slotLists[listStarts[first + r] + position];
      let members = 0;
      for (let other = 0; other < size; other++) {
        const row = first + other;
        if (position < ends[row] && slotLists[listStarts[row] + position] === slot) {
          members |= 1 << other;
        }
      }
      // The lowest member brings the entry.
      if (members & ((1 << r) - 1)) continue;
      entries.push(slot, position * 256 + members);
    }
  }
}
