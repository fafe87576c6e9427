import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedClock } from './shared-clock.ts';

describe('shared clock', () => {
  it('charges a call that is alone all of its time', () => {
    let now = 100;
    const clock = new SharedClock(() => now);
    const call = clock.start();
    now = 130;
    expect(call.stop()).toBe(30);
    now = 200;
    expect(call.stop()).toBe(30);
  });

  it('halves the time that two calls share', () => {
    let now = 0;
    const clock = new SharedClock(() => now);
    const first = clock.start();
    now = 10;
    const second = clock.start();
    now = 30;
    expect(first.stop()).toBe(20);
    now = 35;
    expect(second.stop()).toBe(15);
  });

  it('charges in all the time in which something ran', () => {
    const moves = fc.array(fc.record({ slot: fc.nat(3), wait: fc.nat(50) }), { maxLength: 40 });
    fc.assert(
      fc.property(moves, (list) => {
        let now = 0;
        let busy = 0;
        let charged = 0;
        const clock = new SharedClock(() => now);
        const open = new Map<number, ReturnType<SharedClock['start']>>();
        const pass = (ms: number): void => {
          now += ms;
          if (open.size > 0) busy += ms;
        };
        for (const { slot, wait } of list) {
          pass(wait);
          const call = open.get(slot);
          if (call === undefined) open.set(slot, clock.start());
          else charged += call.stop();
          if (call !== undefined) open.delete(slot);
        }
        for (const call of open.values()) charged += call.stop();
        expect(charged).toBeCloseTo(busy, 6);
      }),
    );
  });
});
