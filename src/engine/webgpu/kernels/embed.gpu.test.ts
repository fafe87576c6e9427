import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuContext } from '../gpu-context.ts';
import { shapeWords } from '../shape.ts';
import { openTestContext, runKernel } from '../testing/kernel-harness.ts';
import { noise, worstDifference } from '../testing/noise.ts';
import { packMatrix, unpackValue, type WeightFormat } from '../weight-format.ts';
import { embedGrid, embedVariant } from './embed.ts';

let context: GpuContext;
beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context.close());

const VOCAB = 7;

describe('embed', () => {
  it.each([
    ['f32' as WeightFormat, 1, 1],
    ['f32' as WeightFormat, 3, 65],
    ['f16' as WeightFormat, 5, 63],
    ['int8' as WeightFormat, 4, 64],
    ['q4' as WeightFormat, 9, 33],
  ])('%s, %d rows of %d', async (format, count, dim) => {
    const table = packMatrix([noise(VOCAB * dim, 1)], dim, format);
    const tokens = Array.from({ length: count }, (_, row) => (row * 5 + VOCAB - 1) % VOCAB);
    const rows = Uint32Array.from(tokens.flatMap((token) => [token, 0, 0, 1]));
    // One row more than is in use: it must stay as it is.
    const before = new Float32Array((count + 1) * dim).fill(9);
    const [result] = await runKernel(
      context,
      embedVariant(format),
      { rows: count },
      [shapeWords(table, 0), rows, table.words, table.scales, before],
      embedGrid(count + 1, dim),
    );
    const want = tokens.flatMap((token) =>
      Array.from({ length: dim }, (_, k) => unpackValue(table, token, k)),
    );
    want.push(...new Array<number>(dim).fill(9));
    expect(worstDifference(new Float32Array(result), want)).toBeLessThan(1e-6);
  });
});
