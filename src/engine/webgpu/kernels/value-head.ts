import type { Grid, Kernel, Variant } from '../kernel.ts';
import code from './value-head.wgsl?raw';

/** Bindings: call, shape, x, w, bias, gamma, picks, values. */
export const valueHeadKernel: Kernel = {
  name: 'value-head',
  code,
  bindings: ['call', 'uniform', 'read', 'read', 'read', 'read', 'read', 'write'],
};

export const valueHeadVariant: Variant = { kernel: valueHeadKernel, constants: {} };

export function valueHeadGrid(outputs: number): Grid {
  return [outputs, 1];
}
