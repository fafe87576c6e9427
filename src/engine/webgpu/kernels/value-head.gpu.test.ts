import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuContext } from '../gpu-context.ts';
import { shapeWords } from '../shape.ts';
import { openTestContext, REDUCTIONS, reductionOf, runKernel } from '../testing/kernel-harness.ts';
import { noise, worstDifference } from '../testing/noise.ts';
import { packMatrix } from '../weight-format.ts';
import { valueHeadGrid, valueHeadVariant } from './value-head.ts';

let context: GpuContext;
beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context.close());

describe.each(REDUCTIONS)('value head by %s', (reduction) => {
  it.each([
    [1, 1],
    [2, 63],
    [3, 64],
    [5, 65],
    [1, 200],
  ])('%d outputs of %d', async (count, dim) => {
    const height = count + 2;
    const x = noise(height * dim, 1);
    const w = packMatrix([noise(dim, 2)], dim, 'f32');
    const gamma = noise(dim, 3);
    const picks = Uint32Array.from({ length: count }, (_, o) => height - 1 - o);
    const [result] = await runKernel(
      context,
      valueHeadVariant(reductionOf(context, reduction)),
      { outputs: count },
      [
        shapeWords(w, 1e-5),
        x,
        w.words,
        Float32Array.of(0.25),
        gamma,
        picks,
        new Float32Array(count),
      ],
      valueHeadGrid(count),
    );
    const weights = noise(dim, 2);
    const want = Array.from(picks, (row) => {
      const values = x.subarray(row * dim, (row + 1) * dim);
      const mean = values.reduce((sum, value) => sum + value * value, 0) / dim;
      return values.reduce(
        (sum, value, k) => sum + (value / Math.sqrt(mean + 1e-5)) * gamma[k] * weights[k],
        0.25,
      );
    });
    expect(worstDifference(new Float32Array(result), want)).toBeLessThan(2e-5);
  });
});
