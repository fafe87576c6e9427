import { ceilDiv, type Grid, type Kernel, type Variant } from '../kernel.ts';
import { FORMAT_CODES, type WeightFormat } from '../weight-format.ts';
import { pick, reducingKernel, teamSize, type Subgroups } from './reduction.ts';
import tiledCode from './matmul.wgsl?raw';
import fewRowsCode from './matvec.wgsl?raw';

const bindings = [
  'call',
  'uniform',
  'read',
  'read',
  'read',
  'read',
  'read',
  'read',
  'write',
] as const;

/** Bindings of both: call, shape, x, w, scales, bias, gamma, picks, y. */
export const matmulKernel: Kernel = { name: 'matmul', code: tiledCode, bindings };
const matvecKernel = reducingKernel('matvec', fewRowsCode, bindings);

export const EPILOGUE_CODES = { store: 0, add: 1, swiglu: 2 } as const;

export interface MatmulOptions {
  readonly format: WeightFormat;
  readonly epilogue: keyof typeof EPILOGUE_CODES;
  /** RMSNorm of x in front. */
  readonly normed: boolean;
  readonly biased: boolean;
  /** Row m reads `x[picks[m]]`, and the row count is that of the outputs. */
  readonly gathered: boolean;
  /** For few rows; tiles do not reduce among threads. */
  readonly subgroups: Subgroups;
}

export const MATMUL_SIZES = ['few', 'tile32', 'tile64'] as const;
export type MatmulSize = (typeof MATMUL_SIZES)[number];

const WORKGROUP = 64;

/** Up to two blocks of the small-rows kernel; above it most of a tile is in use. */
const FEW_ROWS = 8;
/** Large tiles reuse more but are fewer: worth it once they fill a GPU's compute units. */
const ENOUGH_TILES = 128;

/** The variant for `rows` rows of a matrix with `outer` rows. */
export function matmulSize(rows: number, outer: number, options: MatmulOptions): MatmulSize {
  if (rows <= FEW_ROWS) return 'few';
  const [x, y] = matmulGrid('tile64', rows, outer, options);
  return x * y >= ENOUGH_TILES ? 'tile64' : 'tile32';
}

/** The sizes that `matmulSize` may choose for 1 … `maxRows` rows. */
export function matmulSizes(maxRows: number, outer: number, options: MatmulOptions): MatmulSize[] {
  // The choice moves up the list as rows are added.
  return MATMUL_SIZES.slice(0, MATMUL_SIZES.indexOf(matmulSize(maxRows, outer, options)) + 1);
}

export function matmulVariant(size: MatmulSize, options: MatmulOptions): Variant {
  const constants = {
    format: FORMAT_CODES[options.format],
    epilogue: EPILOGUE_CODES[options.epilogue],
    normed: Number(options.normed),
    biased: Number(options.biased),
    gathered: Number(options.gathered),
  };
  if (size === 'few') {
    const { subgroups } = options;
    return {
      kernel: pick(matvecKernel, subgroups),
      constants: { ...constants, SPLIT: teamSize(subgroups) },
    };
  }
  const threads = size === 'tile32' ? 8 : 16;
  return {
    kernel: matmulKernel,
    constants: { ...constants, threadsX: threads, threadsY: threads },
  };
}

export function matmulGrid(
  size: MatmulSize,
  rows: number,
  outer: number,
  options: MatmulOptions,
): Grid {
  const width = options.epilogue === 'swiglu' ? outer / 2 : outer;
  if (size === 'few') {
    return [ceilDiv(width, WORKGROUP / teamSize(options.subgroups)), ceilDiv(rows, 4)];
  }
  const tile = size === 'tile32' ? 32 : 64;
  return [ceilDiv(outer, tile), ceilDiv(rows, tile)];
}
