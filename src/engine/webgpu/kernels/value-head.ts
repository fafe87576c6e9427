import type { Grid, Variant } from '../kernel.ts';
import { pick, reducingKernel, type Subgroups } from './reduction.ts';
import code from './value-head.wgsl?raw';

/** Bindings: call, shape, x, w, bias, gamma, picks, values. */
const kernel = reducingKernel('value-head', code, [
  'call',
  'uniform',
  'read',
  'read',
  'read',
  'read',
  'read',
  'write',
]);

export function valueHeadVariant(subgroups: Subgroups): Variant {
  return { kernel: pick(kernel, subgroups), constants: {} };
}

export function valueHeadGrid(outputs: number): Grid {
  return [outputs, 1];
}
