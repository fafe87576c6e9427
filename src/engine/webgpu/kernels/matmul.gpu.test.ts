import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GpuContext } from '../gpu-context.ts';
import { shapeWords } from '../shape.ts';
import { openTestContext, reductionOf, runKernel } from '../testing/kernel-harness.ts';
import { noise, worstDifference } from '../testing/noise.ts';
import { packMatrix, unpackValue, type PackedMatrix, type WeightFormat } from '../weight-format.ts';
import {
  MATMUL_SIZES,
  matmulGrid,
  matmulVariant,
  type MatmulOptions,
  type MatmulSize,
} from './matmul.ts';

const EPS = 1e-5;
const PLAIN: MatmulOptions = {
  format: 'f32',
  epilogue: 'store',
  normed: false,
  biased: false,
  gathered: false,
  subgroups: 0,
};

let context: GpuContext;
beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context.close());

interface Case {
  readonly rows: number;
  readonly inner: number;
  readonly outer: number;
  readonly options: MatmulOptions;
}

interface Operands {
  readonly x: Float32Array<ArrayBuffer>;
  readonly w: PackedMatrix;
  readonly bias: Float32Array<ArrayBuffer>;
  readonly gamma: Float32Array<ArrayBuffer>;
  readonly picks: Uint32Array<ArrayBuffer>;
  readonly y: Float32Array<ArrayBuffer>;
}

function operandsOf({ rows, inner, outer, options }: Case): Operands {
  // Gathered rows come from a taller x, backwards.
  const height = options.gathered ? rows + 3 : rows;
  return {
    x: noise(height * inner, 1),
    w: packMatrix([noise(outer * inner, 2)], inner, options.format),
    bias: noise(outer, 3),
    gamma: noise(inner, 4),
    picks: Uint32Array.from({ length: rows }, (_, m) => height - 1 - m),
    y: noise(rows * outer, 5),
  };
}

/** The float64 twin. */
function expected({ rows, inner, outer, options }: Case, operands: Operands): Float64Array {
  const { x, w, bias, gamma, picks, y } = operands;
  const width = options.epilogue === 'swiglu' ? outer / 2 : outer;
  const out = new Float64Array(rows * width);
  for (let m = 0; m < rows; m++) {
    const start = (options.gathered ? picks[m] : m) * inner;
    const row = Float64Array.from(x.subarray(start, start + inner));
    if (options.normed) {
      const mean = row.reduce((sum, value) => sum + value * value, 0) / inner;
      row.forEach((value, k) => (row[k] = (value / Math.sqrt(mean + EPS)) * gamma[k]));
    }
    const product = (n: number): number =>
      row.reduce((sum, value, k) => sum + value * unpackValue(w, n, k), 0);
    for (let n = 0; n < width; n++) {
      const at = m * width + n;
      if (options.epilogue === 'swiglu') {
        const gate = product(n);
        out[at] = (gate / (1 + Math.exp(-gate))) * product(n + width);
        continue;
      }
      out[at] = product(n) + (options.biased ? bias[n] : 0);
      if (options.epilogue === 'add') out[at] += y[at];
    }
  }
  return out;
}

/** The kernel for few rows reduces by subgroups as well, where that is asked for. */
type Kind = MatmulSize | 'few by subgroups';

function chosen(kind: Kind, options: MatmulOptions): [MatmulSize, MatmulOptions] {
  if (kind !== 'few by subgroups') return [kind, options];
  return ['few', { ...options, subgroups: reductionOf(context, 'subgroups') }];
}

async function check(kind: Kind, { rows, inner, outer, options: wanted }: Case): Promise<void> {
  const [size, options] = chosen(kind, wanted);
  const test = { rows, inner, outer, options };
  const operands = operandsOf(test);
  const { x, w, bias, gamma, picks, y } = operands;
  const call = test.options.gathered ? { outputs: test.rows } : { rows: test.rows };
  const [result] = await runKernel(
    context,
    matmulVariant(size, test.options),
    call,
    [shapeWords(w, EPS), x, w.words, w.scales, bias, gamma, picks, y],
    matmulGrid(size, test.rows, test.outer, test.options),
  );
  const want = expected(test, operands);
  expect(worstDifference(new Float32Array(result), want)).toBeLessThan(2e-5);
}

const KINDS: Kind[] = [...MATMUL_SIZES, 'few by subgroups'];

describe.each(KINDS)('matmul, %s', (kind) => {
  it.each([
    [1, 1, 1],
    [1, 32, 80],
    [3, 7, 5],
    [4, 16, 8],
    [5, 17, 9],
    [31, 15, 33],
    [32, 16, 32],
    [33, 64, 31],
    [63, 48, 65],
    [65, 130, 64],
  ])('%d rows, %d inner, %d outer', (rows, inner, outer) =>
    check(kind, { rows, inner, outer, options: PLAIN }),
  );

  it.each([
    { format: 'f16' as WeightFormat },
    { format: 'int8' as WeightFormat },
    { format: 'q4' as WeightFormat },
  ])('weights as $format', async ({ format }) => {
    for (const inner of [32, 45, 96]) {
      await check(kind, { rows: 5, inner, outer: 37, options: { ...PLAIN, format } });
    }
  });

  it('adds to the residual, with a bias', () =>
    check(kind, {
      rows: 34,
      inner: 20,
      outer: 35,
      options: { ...PLAIN, epilogue: 'add', biased: true },
    }));

  it('norms its input, also with rows picked out of it', async () => {
    await check(kind, { rows: 6, inner: 50, outer: 40, options: { ...PLAIN, normed: true } });
    const options = { ...PLAIN, normed: true, gathered: true };
    await check(kind, { rows: 33, inner: 24, outer: 7, options });
  });

  it.each([[2], [30], [32], [34], [62], [66], [130]])('SwiGLU of %d columns', (outer) =>
    check(kind, {
      rows: 9,
      inner: 21,
      outer,
      options: { ...PLAIN, normed: true, epilogue: 'swiglu', format: 'f16' },
    }),
  );

  it('leaves everything alone without rows', async () => {
    const y = noise(8, 5);
    const w = packMatrix([noise(8 * 4, 2)], 4, 'f32');
    const nothing = new Float32Array(8);
    const [result] = await runKernel(
      context,
      matmulVariant(...chosen(kind, PLAIN)),
      { rows: 0 },
      [shapeWords(w, EPS), noise(4, 1), w.words, w.scales, nothing, nothing, new Uint32Array(1), y],
      [1, 1],
    );
    expect([...new Float32Array(result)]).toEqual([...y]);
  });
});
