import { ceilDiv, type Grid, type Variant } from '../kernel.ts';
import type { ModelConfig } from '../../weights/model-config.ts';
import code from './attention.wgsl?raw';
import { pick, reducingKernel, teamSize, type Subgroups } from './reduction.ts';

/** Bindings: call, rows, slots, tiles, qkv, kv, out. */
const kernel = reducingKernel('attention', code, [
  'call',
  'read',
  'read',
  'read',
  'read',
  'read',
  'write',
]);

export type HeadShape = Pick<ModelConfig, 'heads' | 'kvHeads' | 'headDim'>;

const WORKGROUP = 64;
/** Sums that a thread keeps in registers. */
const MOST_QUERIES = 16;
/** Queries of a workgroup in workgroup memory: half of the 16 KiB that every GPU has. */
const QUERY_BYTES = 8192;
/** A tile's members are bits of a byte. */
const MOST_TILE_ROWS = 8;

function mostQueries(headDim: number): number {
  return Math.max(1, Math.min(MOST_QUERIES, Math.floor(QUERY_BYTES / 4 / headDim)));
}

function blockHeads({ heads, kvHeads, headDim }: HeadShape): number {
  return Math.min(heads / kvHeads, mostQueries(headDim));
}

/** Rows that one workgroup can serve together; 1 where there are many query heads. */
export function largestTile(shape: HeadShape): number {
  const rows = Math.floor(mostQueries(shape.headDim) / blockHeads(shape));
  return Math.min(MOST_TILE_ROWS, rows);
}

export interface AttentionOptions {
  /** 1: every row by its own slot list. Else `largestTile`, and tiles from `attention-tiles.ts`. */
  readonly tileRows: number;
  readonly subgroups: Subgroups;
}

export function attentionVariant(
  shape: HeadShape,
  { tileRows, subgroups }: AttentionOptions,
): Variant {
  const { heads, kvHeads, headDim } = shape;
  return {
    kernel: pick(kernel, subgroups),
    constants: {
      headDim,
      kvHeads,
      group: heads / kvHeads,
      tileRows,
      blockHeads: blockHeads(shape),
      SPLIT: teamSize(subgroups),
    },
  };
}

/** `tiles`: of them, or of rows where `tileRows` is 1. */
export function attentionGrid(tiles: number, shape: HeadShape): Grid {
  const { heads, kvHeads, headDim } = shape;
  const blocks = ceilDiv(heads / kvHeads, blockHeads(shape));
  return [kvHeads * blocks * ceilDiv(headDim / 2, WORKGROUP), tiles];
}

/** Workgroup memory in bytes, reductions included. */
export function attentionWorkgroupBytes(shape: HeadShape): number {
  const tileRows = largestTile(shape);
  const queries = tileRows * blockHeads(shape);
  const scores = queries * WORKGROUP;
  return 4 * (queries * shape.headDim + scores + 2 * queries + tileRows + 7 * WORKGROUP + 1);
}
