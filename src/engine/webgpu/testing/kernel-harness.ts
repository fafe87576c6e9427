/** For GPU tests: one context for a page, and a kernel run once over plain arrays. */
import { callWords, type Call, type Grid, type Variant } from '../kernel.ts';
import { GpuContext } from '../gpu-context.ts';
import { subgroupsOf, type Subgroups } from '../kernels/reduction.ts';

let first: Promise<GpuContext> | undefined;

/** A context with memory of its own on one device of the page, whose compiled pipelines are shared:
 * compilation is most of the time of a test. Closing it releases its buffers only. */
export async function openSharedContext(
  options: { readonly subgroups?: boolean } = {},
): Promise<GpuContext> {
  first ??= openTestContext();
  const { device, label, pipelines, subgroups } = await first;
  const context = new GpuContext(device, label, {
    pipelines,
    subgroups: options.subgroups === false ? 0 : subgroups,
  });
  context.close = () => context.memory.releaseAll();
  return context;
}

export async function openTestContext(): Promise<GpuContext> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('this page has no WebGPU adapter');
  const requiredFeatures: GPUFeatureName[] = adapter.features.has('subgroups') ? ['subgroups'] : [];
  const device = await adapter.requestDevice({ requiredFeatures });
  const subgroups = subgroupsOf(device, navigator.gpu.wgslLanguageFeatures);
  return new GpuContext(device, 'test adapter', { subgroups });
}

/** Both ways to reduce, for `describe.each`; what an adapter without subgroups would run comes first. */
export const REDUCTIONS = ['memory', 'subgroups'] as const;
export type Reduction = (typeof REDUCTIONS)[number];

/** Throws where the adapter has no subgroups: SwiftShader and every recent GPU have them. */
export function reductionOf(context: GpuContext, reduction: Reduction): Subgroups {
  if (reduction === 'memory') return 0;
  if (context.subgroups === 0) throw new Error('this adapter has no subgroups to test');
  return context.subgroups;
}

export type Words = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

export const EMPTY_CALL: Call = {
  rows: 0,
  outputs: 0,
  lanes: 0,
  steps: 0,
  stops: 0,
  finals: 0,
  tiles: 0,
  tilesAt: 0,
};

/**
 * Runs `variant` over `inputs`, one array for each binding behind `call`, in order. Resolves to the
 * contents of every `write` binding, in order, as 32-bit words; all buffers are gone afterwards.
 */
export async function runKernel(
  context: GpuContext,
  variant: Variant,
  call: Partial<Call>,
  inputs: readonly Words[],
  grid: Grid,
): Promise<ArrayBuffer[]> {
  const { device, memory, pipelines } = context;
  await pipelines.compile([variant]);
  const kinds = variant.kernel.bindings;
  const data: Words[] = [callWords({ ...EMPTY_CALL, ...call }), ...inputs];
  const buffers = data.map((words, i) => {
    const uniform = kinds[i] === 'call' || kinds[i] === 'uniform';
    const padded = new Uint32Array(Math.max(uniform ? 8 : 4, words.length));
    padded.set(new Uint32Array(words.buffer, words.byteOffset, words.length));
    const usage = uniform
      ? GPUBufferUsage.UNIFORM
      : GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    return memory.upload(kinds[i], padded, usage);
  });
  const group = device.createBindGroup({
    layout: pipelines.layout(variant.kernel),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipelines.get(variant));
  pass.setBindGroup(0, group, [0]);
  pass.dispatchWorkgroups(...grid);
  pass.end();
  const results = buffers
    .filter((_, i) => kinds[i] === 'write')
    .map((buffer) => {
      const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
      const copy = memory.create('read back', buffer.size, usage);
      encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
      return copy;
    });
  device.queue.submit([encoder.finish()]);
  const contents: ArrayBuffer[] = [];
  for (const copy of results) {
    await context.map(copy, copy.size);
    contents.push(copy.getMappedRange().slice(0));
  }
  memory.releaseAll();
  return contents;
}
