import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuContext } from '../gpu-context.ts';
import { openTestContext, runKernel } from '../testing/kernel-harness.ts';
import { noise, worstDifference } from '../testing/noise.ts';
import { rotaryAngles, rotaryGrid, rotaryVariant } from './rotary.ts';

let context: GpuContext;
beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context.close());

const THETA = 10000;

interface Row {
  readonly position: number;
  readonly listStart: number;
  readonly alive: number;
}

interface Case {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly rows: readonly Row[];
  readonly slots: readonly number[];
}

const SLOTS = 12;

/** The float64 twin: queries rotated in place, keys and values in their slots. */
function expected(test: Case, qkv: Float32Array, kv: Float32Array): [number[], number[]] {
  const { heads, kvHeads, headDim } = test;
  const [newQkv, newKv] = [[...qkv], [...kv]];
  const half = headDim / 2;
  test.rows.forEach(({ position, listStart, alive }, r) => {
    if (alive === 0) return;
    for (let head = 0; head < heads + 2 * kvHeads; head++) {
      const at = (r * (heads + 2 * kvHeads) + head) * headDim;
      const slot = test.slots[listStart + position];
      for (let i = 0; i < half; i++) {
        const angle = head < heads + kvHeads ? position * THETA ** (-i / half) : 0;
        const [a, b] = [qkv[at + i], qkv[at + i + half]];
        const first = a * Math.cos(angle) - b * Math.sin(angle);
        const second = b * Math.cos(angle) + a * Math.sin(angle);
        const [target, place] =
          head < heads ? [newQkv, at] : [newKv, (slot * 2 * kvHeads + head - heads) * headDim];
        target[place + i] = first;
        target[place + i + half] = second;
      }
    }
  });
  return [newQkv, newKv];
}

async function check(test: Case): Promise<void> {
  const { heads, kvHeads, headDim, rows } = test;
  const qkv = noise(Math.max(1, rows.length) * (heads + 2 * kvHeads) * headDim, 1);
  const kv = noise(SLOTS * 2 * kvHeads * headDim, 2);
  const [newQkv, newKv] = await runKernel(
    context,
    rotaryVariant,
    { rows: rows.length },
    [
      Uint32Array.of(heads, kvHeads, headDim, 0),
      Uint32Array.from(rows.flatMap((row) => [0, row.position, row.listStart, row.alive])),
      Uint32Array.from(test.slots),
      rotaryAngles(1024, headDim, THETA),
      qkv,
      kv,
    ],
    rotaryGrid(Math.max(1, rows.length), test),
  );
  const [wantQkv, wantKv] = expected(test, qkv, kv);
  expect(worstDifference(new Float32Array(newQkv), wantQkv)).toBeLessThan(1e-6);
  expect(worstDifference(new Float32Array(newKv), wantKv)).toBeLessThan(1e-6);
}

describe('rotary', () => {
  const one = { position: 0, listStart: 0, alive: 1 };

  it('one row of the smallest head', () =>
    check({ heads: 1, kvHeads: 1, headDim: 2, rows: [one], slots: [3] }));

  it('ragged rows, grouped queries, slots out of order', () =>
    check({
      heads: 6,
      kvHeads: 2,
      headDim: 10,
      rows: [one, { position: 2, listStart: 0, alive: 1 }, { position: 1, listStart: 3, alive: 1 }],
      slots: [11, 5, 0, 2, 7],
    }));

  it('more pairs than one workgroup holds', () =>
    check({
      heads: 4,
      kvHeads: 4,
      headDim: 66,
      rows: [one, { ...one, listStart: 1 }],
      slots: [1, 9],
    }));

  it('the longest position', () => {
    const slots = new Array<number>(1024).fill(4);
    const rows = [{ position: 1023, listStart: 0, alive: 1 }];
    return check({ heads: 2, kvHeads: 1, headDim: 32, rows, slots });
  });

  it('dead rows and no rows touch nothing', async () => {
    const dead = { ...one, alive: 0 };
    await check({ heads: 2, kvHeads: 2, headDim: 4, rows: [dead, one], slots: [2] });
    await check({ heads: 2, kvHeads: 2, headDim: 4, rows: [], slots: [2] });
  });
});
