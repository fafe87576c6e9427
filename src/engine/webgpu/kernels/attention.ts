import type { Grid, Kernel, Variant } from '../kernel.ts';
import type { ModelConfig } from '../../weights/model-config.ts';
import code from './attention.wgsl?raw';

/** Bindings: call, rows, slots, qkv, kv, out. */
export const attentionKernel: Kernel = {
  name: 'attention',
  code,
  bindings: ['call', 'read', 'read', 'read', 'read', 'write'],
};

type HeadShape = Pick<ModelConfig, 'heads' | 'kvHeads' | 'headDim'>;

export function attentionVariant({ heads, kvHeads, headDim }: HeadShape): Variant {
  return { kernel: attentionKernel, constants: { headDim, kvHeads, group: heads / kvHeads } };
}

export function attentionGrid(rows: number, { kvHeads }: HeadShape): Grid {
  return [kvHeads, rows];
}

/** Workgroup memory in bytes: queries, sums and scores of a group, places, three numbers a head. */
export function attentionWorkgroupBytes({ heads, kvHeads, headDim }: HeadShape): number {
  const group = heads / kvHeads;
  return 4 * (2 * group * headDim + 64 * group + 64 + 3 * group + 1);
}
