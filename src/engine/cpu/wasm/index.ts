// Exports of the CPU kernels (AssemblyScript, compiled by tools/build-wasm.mjs). All addresses are
// bytes into the one linear memory, which the TypeScript side lays out; nothing here allocates.
// A value never depends on how many rows are computed with it: every output is summed in one order.
export { matmul } from './matmul';
export { rmsNorm } from './norm';
export { rotate } from './rotary';
export { storeKeyValue, attend } from './attention';
export { addBias, siluMultiply } from './activation';
export { sampleRow } from './sampling';
export { peak } from './peak';

/** The first byte that the kernels do not use themselves. */
export function heapBase(): usize {
  return __heap_base;
}
