/** The engine on the GPU from the outside: choice of adapter, loss, disposal, memory. */
import { describe, expect, it } from 'vitest';
import type { Stream } from '../../shared/random.ts';
import type { Engine } from '../engine.ts';
import { ReferenceDevice } from '../reference/reference-device.ts';
import { TransformerEngine } from '../transformer-engine.ts';
import { openGpu, type AdapterReport } from './adapter.ts';
import { chooseEngine } from './choose-engine.ts';
import { createWebGpuEngine, type WebGpuEngineOptions } from './create-engine.ts';
import { losableGpu } from './testing/losable-gpu.ts';
import { randomModel } from './testing/random-model.ts';

const model = randomModel();
// Eight rows need the kernels for few rows only: half the compilation.
const SIZES = { slots: 1024, maxRows: 8, stepsPerPlan: 3, allowSoftware: true };
const streams: Stream[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
];

const create = (options: WebGpuEngineOptions = {}): Promise<Engine> =>
  createWebGpuEngine(model, { ...SIZES, ...options });

const twin = (): Engine => new TransformerEngine(new ReferenceDevice(model.config, model.tensors));

/** Twelve tokens for each of four branches, in four calls; `between` runs before each. */
async function run(
  engine: Engine,
  between: (round: number) => void = () => {},
): Promise<number[][]> {
  const [root] = await engine.prefill([[1, 5, 6, 7]]);
  let beams = engine.fork(root, streams.length);
  const texts: number[][] = streams.map(() => []);
  for (let round = 0; round < 4; round++) {
    between(round);
    const rows = await engine.step(
      beams.map((sequence, b) => ({
        sequence,
        streams: [streams[b]],
        temperature: 1,
        maxTokens: 3,
        stopTokens: [],
      })),
    );
    for (const beam of beams) engine.free(beam);
    beams = rows.map(([result], b) => {
      texts[b].push(...result.tokens);
      return result.sequence;
    });
  }
  for (const sequence of [root, ...beams]) engine.free(sequence);
  expect(engine.pool).toMatchObject({ sequences: 0, slotsUsed: 0, copiedBytes: 0 });
  return texts;
}

/** Makes a device add up wrongly by subgroups, as a driver might. */
function spoilSubgroups(device: GPUDevice): void {
  const make = device.createShaderModule.bind(device);
  device.createShaderModule = ({ code, ...rest }) =>
    make({ ...rest, code: code.replaceAll('subgroupShuffleXor(', '1.5 * subgroupShuffleXor(') });
}

describe('choice of adapter', () => {
  it('refuses a software adapter by name, unless it is asked for', async () => {
    const seen: AdapterReport[] = [];
    const opening = openGpu({ onAdapter: (report) => seen.push(report) });
    await expect(opening).rejects.toMatchObject({ code: 'no-webgpu' });
    await expect(openGpu()).rejects.toThrow(/swiftshader is a software adapter/i);
    expect(seen).toHaveLength(1);
    expect(seen[0].software).toBe(true);
    expect(seen[0].limits.maxStorageBuffersPerShaderStage).toBeGreaterThanOrEqual(8);
    await expect(create({ allowSoftware: false })).rejects.toThrow(/software adapter/);
    const { context } = await openGpu({ allowSoftware: true });
    context.close();
  });

  it('says that WebGPU or an adapter is missing', async () => {
    const none = { requestAdapter: () => Promise.resolve(null) } as unknown as GPU;
    await expect(create({ gpu: null })).rejects.toThrow('This browser has no WebGPU.');
    await expect(create({ gpu: none })).rejects.toThrow(/no graphics adapter/);
  });

  it('refuses a GPU that computes wrongly', async () => {
    const { gpu, devices } = losableGpu();
    const golden = { tokens: [1, 2], outputs: new Float32Array(2 * model.config.vocab).fill(3) };
    await expect(create({ gpu, golden })).rejects.toThrow(/self-test/);
    expect(devices.length).toBeGreaterThan(0);
    for (const device of devices) expect((await device.lost).reason).toBe('destroyed');
  });

  it('runs without subgroups where they compute wrongly, and says so; also when rebuilt', async () => {
    const { context } = await openGpu({ allowSoftware: true });
    const { subgroups } = context;
    context.close();
    if (subgroups === 0) {
      // eslint-disable-next-line no-console -- the runner shows it
      console.log('not tested: this adapter has no subgroups');
      return;
    }
    const { gpu, devices } = losableGpu(spoilSubgroups);
    const { engine, reasons } = await chooseEngine(model, {
      ...SIZES,
      preference: 'webgpu',
      cpu: async () => twin(),
      gpu,
    });
    expect(devices).toHaveLength(2);
    expect((await devices[0].lost).reason).toBe('destroyed');
    expect(reasons.at(-2)).toMatch(
      /^With subgroups it failed \(output .*\), so it runs without them/,
    );
    expect(reasons.at(-1)).toMatch(/passed the self-test/);
    const got = await run(engine, (round) => {
      if (round === 2) devices[1].destroy();
    });
    expect(got).toEqual(await run(twin()));
    expect(engine.capabilities.backend).toBe('webgpu');
    expect(devices).toHaveLength(3);
    await engine.dispose();
  });

  it('names the adapter and reports compilation', async () => {
    const seen: number[] = [];
    const engine = await create({ onCompile: (done) => seen.push(done) });
    expect(engine.capabilities.backend).toBe('webgpu');
    expect(engine.capabilities.label).toMatch(/swiftshader/i);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    await engine.dispose();
  });
});

describe('a lost device', () => {
  it('is rebuilt once; the run ends with the same tokens', async () => {
    const want = await run(twin());
    const { gpu, devices } = losableGpu();
    const labels: string[] = [];
    const engine = await create({
      gpu,
      onRecovery: ({ capabilities }) => labels.push(capabilities.backend),
    });
    const got = await run(engine, (round) => {
      if (round === 2) devices[0].destroy();
    });
    expect(got).toEqual(want);
    expect(labels).toEqual(['webgpu']);
    await engine.dispose();
  });

  it('goes on on the fallback when it is lost again', async () => {
    const want = await run(twin());
    const { gpu, devices } = losableGpu();
    const engine = await create({ gpu, fallback: async () => twin() });
    const got = await run(engine, (round) => {
      if (round === 1) devices[0].destroy();
      if (round === 3) devices[1].destroy();
    });
    expect(got).toEqual(want);
    expect(engine.capabilities.backend).toBe('reference');
    await engine.dispose();
  });

  it('lost while a call is in flight', async () => {
    const want = await run(twin());
    const { gpu, devices } = losableGpu();
    const engine = await create({ gpu });
    const got = await run(engine, (round) => {
      if (round === 1) setTimeout(() => devices[0].destroy(), 1);
    });
    expect(got).toEqual(want);
    await engine.dispose();
  });

  it('without another way ends with device-lost', async () => {
    const { gpu, devices } = losableGpu();
    const engine = await create({ gpu });
    const lost = run(engine, (round) => {
      if (round > 0) devices[round - 1].destroy();
    });
    await expect(lost).rejects.toMatchObject({ code: 'device-lost' });
    await engine.dispose();
  });
});
