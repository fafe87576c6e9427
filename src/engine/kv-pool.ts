/**
 * Bookkeeping of the KV memory at token granularity: every sequence is a list of slot numbers, every
 * slot counts its lists. Pure integers; the memory itself belongs to the device. A fork copies the
 * list and no KV data.
 */
import { AppError, invariant } from '../shared/errors.ts';

/** The slots of one sequence, in the order of its tokens. Changed by the pool only. */
export interface SlotList {
  readonly length: number;
  /** At least `length` entries. Valid until the list next grows. */
  readonly slots: Uint32Array;
}

class OwnedList implements SlotList {
  freed = false;
  constructor(
    public slots: Uint32Array,
    public length: number,
  ) {}
}

export class KvPool {
  /** Free slots as a stack; the first `freeCount` entries count. */
  private readonly freeSlots: Uint32Array;
  private readonly references: Uint32Array;
  private freeCount: number;
  private openLists = 0;

  constructor(readonly total: number) {
    this.references = new Uint32Array(total);
    // Popped from the end, so that a fresh pool hands out 0, 1, 2 …
    this.freeSlots = Uint32Array.from({ length: total }, (_, i) => total - 1 - i);
    this.freeCount = total;
  }

  get used(): number {
    return this.total - this.freeCount;
  }

  get available(): number {
    return this.freeCount;
  }

  /** Lists that are open. */
  get lists(): number {
    return this.openLists;
  }

  open(): SlotList {
    this.openLists++;
    return new OwnedList(new Uint32Array(16), 0);
  }

  /** Throws AppError `out-of-slots` unless `count` slots are free. */
  require(count: number): void {
    if (count <= this.freeCount) return;
    throw new AppError(
      'out-of-slots',
      `This needs ${count} KV slots; ${this.freeCount} of ${this.total} are free.`,
      { advice: 'Lower the budget, or stop other runs.', retryable: true },
    );
  }

  /** Appends `count` fresh slots. Throws `out-of-slots` and changes nothing when too few are left. */
  grow(list: SlotList, count: number): void {
    const owned = this.owned(list);
    this.require(count);
    const length = owned.length + count;
    if (length > owned.slots.length) {
      const larger = new Uint32Array(Math.max(length, owned.slots.length * 2));
      larger.set(owned.slots.subarray(0, owned.length));
      owned.slots = larger;
    }
    for (let i = owned.length; i < length; i++) {
      const slot = this.freeSlots[--this.freeCount];
      this.references[slot] = 1;
      owned.slots[i] = slot;
    }
    owned.length = length;
  }

  /** A new list that shares every slot. */
  fork(list: SlotList): SlotList {
    const { length, slots } = this.owned(list);
    for (let i = 0; i < length; i++) this.references[slots[i]]++;
    this.openLists++;
    return new OwnedList(slots.slice(0, Math.max(length, 16)), length);
  }

  /** Lets go of the slots behind the first `length`. */
  truncate(list: SlotList, length: number): void {
    const owned = this.owned(list);
    invariant(length >= 0 && length <= owned.length, 'truncate to a length the list has');
    for (let i = owned.length - 1; i >= length; i--) {
      const slot = owned.slots[i];
      if (--this.references[slot] === 0) this.freeSlots[this.freeCount++] = slot;
    }
    owned.length = length;
  }

  /** Makes `list` hold the slots of `other`, which keeps them as well. */
  adopt(list: SlotList, other: SlotList): void {
    const copy = this.owned(this.fork(other));
    this.openLists--;
    this.truncate(list, 0);
    const owned = this.owned(list);
    owned.slots = copy.slots;
    owned.length = copy.length;
  }

  free(list: SlotList): void {
    this.truncate(list, 0);
    this.owned(list).freed = true;
    this.openLists--;
  }

  private owned(list: SlotList): OwnedList {
    invariant(list instanceof OwnedList && !list.freed, 'a slot list that is open');
    return list;
  }
}
