import type { RowBatch } from './device.ts';
import type { SlotList } from './kv-pool.ts';

/** Collects rows and slot lists into the flat arrays of a `RowBatch`. */
export class RowBatchBuilder {
  count = 0;
  private readonly tokens: Uint32Array;
  private readonly positions: Uint32Array;
  private readonly listStarts: Uint32Array;
  private lists = new Uint32Array(1024);
  private listsLength = 0;

  constructor(maxRows: number) {
    this.tokens = new Uint32Array(maxRows);
    this.positions = new Uint32Array(maxRows);
    this.listStarts = new Uint32Array(maxRows);
  }

  /** Adds the first `length` slots of a list; returns where they start. */
  addList(list: SlotList, length: number): number {
    const start = this.listsLength;
    this.listsLength += length;
    if (this.listsLength > this.lists.length) {
      const larger = new Uint32Array(Math.max(this.listsLength, this.lists.length * 2));
      larger.set(this.lists.subarray(0, start));
      this.lists = larger;
    }
    this.lists.set(list.slots.subarray(0, length), start);
    return start;
  }

  /** Adds a row; returns its index. */
  addRow(token: number, position: number, listStart: number): number {
    const row = this.count++;
    this.tokens[row] = token;
    this.positions[row] = position;
    this.listStarts[row] = listStart;
    return row;
  }

  build(): RowBatch {
    const { count, tokens, positions, listStarts } = this;
    return {
      count,
      tokens,
      positions,
      listStarts,
      slotLists: this.lists.subarray(0, this.listsLength),
    };
  }
}
