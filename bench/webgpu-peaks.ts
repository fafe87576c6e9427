/** What the adapter can do at best, measured on the spot: the 100 % of the shares in the report. */
import type { GpuContext } from '../src/engine/webgpu/gpu-context.ts';
import type { Grid, Kernel } from '../src/engine/webgpu/kernel.ts';
import bandwidthCode from './peak-bandwidth.wgsl?raw';
import computeCode from './peak-compute.wgsl?raw';

export interface Peaks {
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
}

const THREADS = 64;

/** Sizes grow until a dispatch takes this long, so that submission costs vanish. */
const LONG_ENOUGH_MS = 30;

export async function measurePeaks(context: GpuContext): Promise<Peaks> {
  return { gflops: await computePeak(context), gigabytesPerSecond: await bandwidthPeak(context) };
}

async function computePeak(context: GpuContext): Promise<number> {
  const kernel: Kernel = { name: 'compute', code: computeCode, bindings: ['uniform', 'write'] };
  const groups = 2048;
  const out = context.memory.create('out', groups * THREADS * 4, GPUBufferUsage.STORAGE);
  for (let rounds = 1; ; rounds *= 2) {
    const count = uniform(context, rounds);
    const ms = await time(context, kernel, [count, out], [groups, 1]);
    context.memory.release(count);
    if (ms < LONG_ENOUGH_MS && rounds < 4096) continue;
    context.memory.release(out);
    return (2 * 16 * 64 * rounds * groups * THREADS) / ms / 1e6;
  }
}

async function bandwidthPeak(context: GpuContext): Promise<number> {
  const kernel: Kernel = {
    name: 'bandwidth',
    code: bandwidthCode,
    bindings: ['uniform', 'read', 'write'],
  };
  const groups = 1024;
  const { memory } = context;
  const out = memory.create('out', groups * THREADS * 4, GPUBufferUsage.STORAGE);
  for (let bytes = 2 ** 26; ; bytes *= 2) {
    const data = memory.create('data', bytes, GPUBufferUsage.STORAGE);
    const count = uniform(context, bytes / 16);
    const ms = await time(context, kernel, [count, data, out], [groups, 1]);
    memory.release(data);
    memory.release(count);
    if (ms < LONG_ENOUGH_MS && bytes * 2 <= Math.min(2 ** 30, memory.largestBytes)) continue;
    memory.release(out);
    return bytes / ms / 1e6;
  }
}

function uniform(context: GpuContext, value: number): GPUBuffer {
  return context.memory.upload('size', Uint32Array.of(value, 0, 0, 0), GPUBufferUsage.UNIFORM);
}

/** The best of five, in milliseconds. */
async function time(
  { device, pipelines }: GpuContext,
  kernel: Kernel,
  buffers: readonly GPUBuffer[],
  grid: Grid,
): Promise<number> {
  const variant = { kernel, constants: {} };
  await pipelines.compile([variant]);
  const bindGroup = device.createBindGroup({
    layout: pipelines.layout(kernel),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipelines.get(variant));
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...grid);
    pass.end();
    const started = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}
