import { ceilDiv, type Grid, type Kernel, type Variant } from '../kernel.ts';
import type { ModelConfig } from '../../weights/model-config.ts';
import code from './rotary.wgsl?raw';

/** Bindings: call, heads, rows, slots, angles, qkv, kv. */
export const rotaryKernel: Kernel = {
  name: 'rotary',
  code,
  bindings: ['call', 'uniform', 'read', 'read', 'read', 'write', 'write'],
};

export const rotaryVariant: Variant = { kernel: rotaryKernel, constants: {} };

type HeadShape = Pick<ModelConfig, 'heads' | 'kvHeads' | 'headDim'>;

export function rotaryGrid(rows: number, { heads, kvHeads, headDim }: HeadShape): Grid {
  return [ceilDiv(((heads + 2 * kvHeads) * headDim) / 2, 64), rows];
}

/** cos and sin of `position * theta^(-2i / headDim)`, `[positions, headDim / 2, 2]`. */
export function rotaryAngles(
  positions: number,
  headDim: number,
  theta: number,
): Float32Array<ArrayBuffer> {
  const half = headDim / 2;
  const angles = new Float32Array(positions * headDim);
  for (let i = 0; i < half; i++) {
    const frequency = theta ** (-i / half);
    for (let position = 0; position < positions; position++) {
      const at = (position * half + i) * 2;
      angles[at] = Math.cos(position * frequency);
      angles[at + 1] = Math.sin(position * frequency);
    }
  }
  return angles;
}
