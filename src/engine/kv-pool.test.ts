import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KvPool, type SlotList } from './kv-pool.ts';

const TOTAL = 24;
const slotsOf = (list: SlotList): number[] => [...list.slots.subarray(0, list.length)];

/** A pool beside a plain model of it: each list as an array of slot numbers. */
class Model {
  readonly pool = new KvPool(TOTAL);
  readonly lists: { list: SlotList; slots: number[] }[] = [];

  check(): void {
    const live = new Set<number>();
    for (const { list, slots } of this.lists) {
      expect(slotsOf(list)).toEqual(slots);
      for (const slot of slots) live.add(slot);
    }
    expect(this.pool.used).toBe(live.size);
    expect(this.pool.available).toBe(TOTAL - live.size);
    expect(this.pool.lists).toBe(this.lists.length);
  }
}

type Action = readonly ['open' | 'grow' | 'fork' | 'truncate' | 'free' | 'adopt', number, number];

function apply(model: Model, [kind, which, amount]: Action): void {
  if (kind === 'open') {
    model.lists.push({ list: model.pool.open(), slots: [] });
    return;
  }
  if (model.lists.length === 0) return;
  const index = which % model.lists.length;
  const entry = model.lists[index];
  if (kind === 'grow') grow(model, entry, amount);
  else if (kind === 'fork') {
    model.lists.push({ list: model.pool.fork(entry.list), slots: [...entry.slots] });
  } else if (kind === 'truncate') {
    const length = amount % (entry.slots.length + 1);
    model.pool.truncate(entry.list, length);
    entry.slots.length = length;
  } else if (kind === 'adopt') {
    const other = model.lists[amount % model.lists.length];
    model.pool.adopt(entry.list, other.list);
    entry.slots = [...other.slots];
  } else {
    model.pool.free(entry.list);
    model.lists.splice(index, 1);
  }
}

function grow(model: Model, entry: Model['lists'][number], amount: number): void {
  const taken = new Set(model.lists.flatMap(({ slots }) => slots));
  if (amount > TOTAL - taken.size) {
    expect(() => model.pool.grow(entry.list, amount)).toThrow(
      expect.objectContaining({ code: 'out-of-slots' }),
    );
    return;
  }
  model.pool.grow(entry.list, amount);
  const fresh = slotsOf(entry.list).slice(entry.slots.length);
  expect(fresh).toHaveLength(amount);
  expect(new Set(fresh).size).toBe(amount);
  for (const slot of fresh) {
    expect(taken.has(slot)).toBe(false);
    expect(slot).toBeLessThan(TOTAL);
  }
  entry.slots.push(...fresh);
}

const actions = fc.array(
  fc.tuple(
    fc.constantFrom<Action[0]>('open', 'grow', 'grow', 'fork', 'truncate', 'free', 'adopt'),
    fc.nat(50),
    fc.nat(10),
  ),
  { maxLength: 60 },
);

describe('KvPool', () => {
  it('agrees with a plain model, never hands a slot out twice, and empties', () => {
    fc.assert(
      fc.property(actions, (list) => {
        const model = new Model();
        for (const action of list) {
          apply(model, action);
          model.check();
        }
        for (const { list: open } of model.lists) model.pool.free(open);
        expect(model.pool.used).toBe(0);
        expect(model.pool.lists).toBe(0);
      }),
    );
  });

  it('leaves a sibling intact when a shared prefix is truncated and written anew', () => {
    const pool = new KvPool(8);
    const parent = pool.open();
    pool.grow(parent, 4);
    const sibling = pool.fork(parent);
    const before = slotsOf(sibling);
    pool.truncate(parent, 1);
    pool.grow(parent, 3);
    expect(slotsOf(sibling)).toEqual(before);
    expect(
      slotsOf(parent)
        .slice(1)
        .some((slot) => before.includes(slot)),
    ).toBe(false);
  });

  it('forks without using a slot', () => {
    const pool = new KvPool(8);
    const parent = pool.open();
    pool.grow(parent, 8);
    for (let i = 0; i < 100; i++) pool.fork(parent);
    expect(pool.used).toBe(8);
  });

  it('calls a list used after free a bug', () => {
    const pool = new KvPool(8);
    const list = pool.open();
    pool.free(list);
    expect(() => pool.free(list)).toThrow('invariant');
    expect(() => pool.grow(list, 1)).toThrow('invariant');
  });
});
