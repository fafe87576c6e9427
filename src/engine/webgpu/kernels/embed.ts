import { ceilDiv, type Grid, type Kernel, type Variant } from '../kernel.ts';
import { FORMAT_CODES, type WeightFormat } from '../weight-format.ts';
import code from './embed.wgsl?raw';

/** Bindings: call, shape, rows, table, scales, x. */
export const embedKernel: Kernel = {
  name: 'embed',
  code,
  bindings: ['call', 'uniform', 'read', 'read', 'read', 'write'],
};

export function embedVariant(format: WeightFormat): Variant {
  return { kernel: embedKernel, constants: { format: FORMAT_CODES[format] } };
}

export function embedGrid(rows: number, dim: number): Grid {
  return [ceilDiv(dim, 64), rows];
}
