/** GPU memory: what a thousand searches leave, what forks copy, where growth ends. */
import { afterEach, describe, expect, it } from 'vitest';
import { beam } from '../../search/beam.ts';
import { bestOfN } from '../../search/best-of-n.ts';
import { collect, scriptedContext } from '../../search/testing/scripted-context.ts';
import type { Stream } from '../../shared/random.ts';
import { PrmVerifier } from '../../verify/prm.ts';
import type { RowBatch } from '../device.ts';
import { EnginePolicy } from '../engine-policy.ts';
import { TransformerEngine } from '../transformer-engine.ts';
import type { GpuContext } from './gpu-context.ts';
import { GpuMemory } from './gpu-memory.ts';
import { fixtureModel } from './testing/fixture-model.ts';
import { openSharedContext } from './testing/kernel-harness.ts';
import { randomModel } from './testing/random-model.ts';
import { WebGpuDevice } from './webgpu-device.ts';
import { slotBytes } from './work-memory.ts';

const SIZES = { slots: 1024, maxRows: 8, stepsPerPlan: 3 };
const streams: Stream[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
];
const open: { dispose(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
});

async function tiny(name: string): Promise<{
  device: WebGpuDevice;
  engine: TransformerEngine;
  model: Awaited<ReturnType<typeof fixtureModel>>;
}> {
  const model = await fixtureModel(name);
  const device = await WebGpuDevice.create(await openSharedContext(), { ...model, ...SIZES });
  const engine = new TransformerEngine(device);
  open.push(engine);
  return { device, engine, model };
}

describe('a thousand searches', () => {
  it('leave buffers, bytes and slots where they began', async () => {
    const [writer, judge] = [await tiny('tiny-llama'), await tiny('tiny-prm')];
    const policy = new EnginePolicy(writer.engine, writer.model.tokenizer, { label: 'policy' });
    const verifier = new PrmVerifier(judge.engine, judge.model.tokenizer, { label: 'verifier' });
    const search = async (seed: number): Promise<void> => {
      // The tiny models write noise without end; two tokens of it are enough.
      const context = scriptedContext(
        { budget: 2, seed },
        { policy, verifier, limits: { step: 2, solution: 4 }, baseline: false, prompt: '1+1' },
      );
      await collect(seed % 10 === 0 ? beam : bestOfN, context);
    };
    const held = (): unknown =>
      [writer, judge].map(({ device, engine }) => [device.memory, engine.pool]);
    // Everything that is made when it is first needed, such as room to read eight scores back.
    const [read] = await judge.engine.prefill([[1, 2]]);
    await judge.engine.score([{ sequence: read, tokens: [3, 4, 5, 6, 7, 8, 9, 10] }]);
    judge.engine.free(read);
    for (let seed = 0; seed < 20; seed++) await search(seed);
    const began = held();
    expect(writer.engine.pool).toMatchObject({ slotsUsed: 0, sequences: 0 });
    for (let seed = 0; seed < 1000; seed++) await search(seed);
    expect(held()).toEqual(began);
    expect(writer.device.passes.counts.submits).toBeGreaterThan(1000);
    await writer.engine.dispose();
    expect(writer.device.memory).toEqual({ buffers: 0, bytes: 0 });
  });
});

/** Bytes that copies and uploads bring into KV buffers while `work` runs. */
async function kvBytesMoved({ device }: GpuContext, work: () => Promise<void>): Promise<number> {
  let bytes = 0;
  const isKv = (buffer: GPUBuffer): boolean => /^kv \d/.test(buffer.label);
  const { copyBufferToBuffer } = GPUCommandEncoder.prototype;
  const { writeBuffer } = GPUQueue.prototype;
  GPUCommandEncoder.prototype.copyBufferToBuffer = function (
    this: unknown,
    ...args: unknown[]
  ): undefined {
    if (isKv(args[2] as GPUBuffer)) bytes += args[4] as number;
    Reflect.apply(copyBufferToBuffer, this, args);
  };
  GPUQueue.prototype.writeBuffer = function (this: unknown, ...args: unknown[]): undefined {
    if (isKv(args[0] as GPUBuffer)) bytes += (args[2] as ArrayBufferView).byteLength;
    Reflect.apply(writeBuffer, this, args);
  };
  try {
    await work();
    await device.queue.onSubmittedWorkDone();
  } finally {
    GPUCommandEncoder.prototype.copyBufferToBuffer = copyBufferToBuffer;
    GPUQueue.prototype.writeBuffer = writeBuffer;
  }
  return bytes;
}

describe('forks', () => {
  it('copy no keys and values, and share their slots', async () => {
    const model = randomModel({ layers: 1 });
    const context = await openSharedContext();
    const device = await WebGpuDevice.create(context, { ...model, ...SIZES, slots: 9000 });
    const engine = new TransformerEngine(device);
    open.push(engine);
    const moved = await kvBytesMoved(context, async () => {
      const [root] = await engine.prefill([[1, 2, 3, 4, 5]]);
      const forks = engine.fork(root, 64);
      expect(engine.pool).toMatchObject({ slotsUsed: 5, sequences: 65 });
      const request = { streams, temperature: 1, maxTokens: 2, stopTokens: [] };
      await engine.step(forks.slice(0, 4).map((sequence) => ({ ...request, sequence })));
    });
    expect(moved).toBe(0);
    // The counter does see copies: growth makes them.
    const grown = await kvBytesMoved(context, async () => {
      await device.run(oneRow(8999), new Uint32Array(0));
    });
    expect(grown).toBe(4096 * slotBytes(model.config));
  });
});

/** One token at the first position, in `slot`. */
function oneRow(slot: number): RowBatch {
  return {
    count: 1,
    tokens: Uint32Array.of(1),
    positions: Uint32Array.of(0),
    listStarts: Uint32Array.of(0),
    slotLists: Uint32Array.of(slot),
  };
}

/** A context whose adapter binds no more than `bytes` at once. */
async function smallContext(bytes: () => number): Promise<GpuContext> {
  const context = await openSharedContext();
  Object.defineProperty(context.memory, 'largestBytes', { get: bytes });
  return context;
}

describe('growth', () => {
  const model = randomModel({ layers: 1 });
  const bytesPerSlot = slotBytes(model.config);

  it('goes up to what the adapter binds, and no further', async () => {
    const context = await smallContext(() => 6000 * bytesPerSlot);
    const device = await WebGpuDevice.create(context, { ...model, ...SIZES, slots: 1e9 });
    open.push(device);
    expect(device.slots).toBe(6000);
    await device.run(oneRow(5999), new Uint32Array(0));
    const grown = device.memory;
    await device.run(oneRow(4500), new Uint32Array(0));
    expect(device.memory).toEqual(grown);
  });

  it('that fails is out-of-memory before any work, and the device goes on', async () => {
    let limit = 6000 * bytesPerSlot;
    const context = await smallContext(() => limit);
    const device = await WebGpuDevice.create(context, { ...model, ...SIZES, slots: 6000 });
    open.push(device);
    const want = await device.run(oneRow(3), Uint32Array.of(0));
    limit = 5000 * bytesPerSlot;
    const before = [device.memory, device.passes.counts];
    await expect(device.run(oneRow(5500), Uint32Array.of(0))).rejects.toMatchObject({
      code: 'out-of-memory',
    });
    expect([device.memory, device.passes.counts]).toEqual(before);
    expect(await device.run(oneRow(3), Uint32Array.of(0))).toEqual(want);
  });

  it('of a model that does not fit is out-of-memory, and nothing stays', async () => {
    const context = await smallContext(() => 1000);
    const made = WebGpuDevice.create(context, { ...model, ...SIZES, slots: 8 });
    await expect(made).rejects.toMatchObject({ code: 'out-of-memory' });
    expect(context.memory.status).toEqual({ buffers: 0, bytes: 0 });
  });

  it('lets go of what was made before the failure', async () => {
    const { device } = await openSharedContext();
    const memory = new GpuMemory(device);
    const make = (): GPUBuffer => {
      memory.create('small', 64, GPUBufferUsage.STORAGE);
      return memory.create('huge', memory.largestBytes + 4, GPUBufferUsage.STORAGE);
    };
    await expect(memory.checked(make)).rejects.toMatchObject({ code: 'out-of-memory' });
    expect(memory.status).toEqual({ buffers: 0, bytes: 0 });
  });

  it('beyond the slots is out-of-slots before any work', async () => {
    const device = await WebGpuDevice.create(await openSharedContext(), {
      ...model,
      ...SIZES,
      slots: 8,
    });
    const engine = new TransformerEngine(device);
    open.push(engine);
    const [root] = await engine.prefill([[1, 2, 3, 4]]);
    const { submits } = device.passes.counts;
    const request = { sequence: root, streams, temperature: 1, maxTokens: 5, stopTokens: [] };
    await expect(engine.step([request])).rejects.toMatchObject({ code: 'out-of-slots' });
    expect(engine.pool).toMatchObject({ slotsUsed: 4, sequences: 1 });
    expect(device.passes.counts.submits).toBe(submits);
  });
});
