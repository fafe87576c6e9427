import { afterEach, describe, expect, it } from 'vitest';
import { ReferenceDevice } from '../reference/reference-device.ts';
import { TransformerEngine } from '../transformer-engine.ts';
import { loadModel } from '../weights/load-model.ts';
import { countStep, GPU_BUDGETS, modelledGrowth, type StepCounts } from './step-budget.ts';
import { fixtureModel, goldenOf, servedModel } from './testing/fixture-model.ts';
import { openSharedContext } from './testing/kernel-harness.ts';
import { WebGpuDevice, type WebGpuDeviceOptions } from './webgpu-device.ts';

const open: { dispose(): Promise<void> }[] = [];
afterEach(async () => {
  for (const device of open.splice(0)) await device.dispose();
});

async function deviceOf(
  name: string,
  options: Partial<WebGpuDeviceOptions> = {},
): Promise<WebGpuDevice> {
  const { config, tensors } = await fixtureModel(name);
  const device = await WebGpuDevice.create(await openSharedContext(), {
    config,
    tensors,
    slots: 4096,
    maxRows: 64,
    ...options,
  });
  open.push(device);
  return device;
}

/** Largest difference of a verifier's values from those of PyTorch. */
async function worstValue(device: WebGpuDevice, name: string): Promise<number> {
  const engine = new TransformerEngine(device);
  const golden = await goldenOf(name);
  let worst = 0;
  for (const { tokens, values = [] } of golden.cases) {
    const [sequence] = await engine.prefill([tokens.slice(0, 1)]);
    const [outputs] = await engine.score([{ sequence, tokens: tokens.slice(1) }]);
    outputs.forEach((got, i) => (worst = Math.max(worst, Math.abs(got - values[i + 1]))));
    engine.free(sequence);
  }
  return worst;
}

describe('WebGPU device', () => {
  it('computes the logits that PyTorch computes', async () => {
    const engine = new TransformerEngine(await deviceOf('tiny-llama'));
    const golden = await goldenOf('tiny-llama');
    let worst = 0;
    for (const { tokens, positions = [], logits = [] } of golden.cases) {
      const [sequence] = await engine.prefill([tokens.slice(0, 1)]);
      const [outputs] = await engine.score([{ sequence, tokens: tokens.slice(1) }]);
      positions.forEach((position, i) => {
        if (position === 0) return;
        logits[i].forEach((want, v) => {
          const got = outputs[(position - 1) * engine.config.vocab + v];
          worst = Math.max(worst, Math.abs(got - want));
        });
      });
      engine.free(sequence);
    }
    expect(worst).toBeLessThan(1e-3);
  });

  it('computes the values that PyTorch computes', async () => {
    expect(await worstValue(await deviceOf('tiny-prm'), 'tiny-prm')).toBeLessThan(1e-3);
  });

  it('keeps matrices that come as int8 in int8, and computes what PyTorch computes', async () => {
    const device = await deviceOf('tiny-int8');
    const { config } = device;
    expect(device.weights.formats).toEqual(['int8', 'f32']);
    // One byte a value and four a scale of 32 values (of 48, two), against four a value.
    const rows = (inner: number): number => (Math.ceil(inner / 32) * 32 * 9) / 8;
    const { dim, ffDim } = config;
    const queries = config.heads * config.headDim;
    const layer =
      (queries + 2 * config.kvHeads * config.headDim + 2 * ffDim) * rows(dim) +
      dim * (rows(queries) + rows(ffDim));
    expect(device.weights.bytes).toBe(config.layers * layer + 4 * dim);
    expect(await worstValue(device, 'tiny-int8')).toBeLessThan(1e-3);
  });

  it('samples the tokens that the float64 twin samples', async () => {
    const { config, tensors } = await fixtureModel('tiny-llama');
    const gpu = new TransformerEngine(await deviceOf('tiny-llama'));
    const twin = new TransformerEngine(new ReferenceDevice(config, tensors));
    const results = [];
    for (const engine of [gpu, twin]) {
      const [sequence] = await engine.prefill([[1, 60, 48, 58, 52]]);
      const [lanes] = await engine.step([
        {
          sequence,
          streams: [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          temperature: 1,
          maxTokens: 20,
          stopTokens: [8],
          stopCount: 2,
          finalTokens: [2],
        },
      ]);
      results.push(lanes.map(({ tokens }) => tokens));
    }
    expect(results[0]).toEqual(results[1]);
  });

  it('a step of 64 branches costs less than four times a step of one, by count', async () => {
    const { config, tensors, tokenizer } = await loadModel(servedModel('/public/models/policy'));
    const context = await openSharedContext();
    const device = await WebGpuDevice.create(context, {
      config,
      tensors,
      slots: 4096,
      maxRows: 64,
    });
    const engine = new TransformerEngine(device);
    open.push(engine);
    const prompt = tokenizer.encode('make 24: 4 6 7 8\n8-6=2|2 4 7\n');
    const steps = 4;
    const counted = async (branches: number): Promise<StepCounts> => {
      const [sequence] = await engine.prefill([prompt]);
      const before = device.passes.counts;
      const streams = Array.from({ length: branches }, (_, i): [number, number] => [i, 5]);
      await engine.step([{ sequence, streams, temperature: 1, maxTokens: steps, stopTokens: [] }]);
      const after = device.passes.counts;
      expect(after.submits - before.submits).toBe(1);
      return countStep(config, {
        branches,
        dispatches: (after.dispatches - before.dispatches) / steps,
        length: prompt.length + steps,
        weightBytes: device.weights.bytes,
        readSlots: (after.readSlots - before.readSlots) / steps,
      });
    };
    const [one, many] = [await counted(1), await counted(64)];
    expect(many.dispatches).toBe(one.dispatches);
    expect(one.dispatches).toBe(1 + 6 * config.layers + 2);
    for (const budget of GPU_BUDGETS) {
      expect(modelledGrowth(one, many, budget), budget.name).toBeLessThan(4);
    }
  });

  it('reads a prompt that branches share once for all rows of a tile', async () => {
    const device = await deviceOf('tiny-llama');
    const engine = new TransformerEngine(device);
    const prompt = Array.from({ length: 60 }, (_, i) => 3 + (i % 70));
    const before = device.passes.counts;
    const [sequence] = await engine.prefill([prompt]);
    const read = device.passes.counts;
    // 59 rows, the last stays pending: by itself row r reads r + 1 slots.
    expect(read.listedSlots - before.listedSlots).toBe((59 * 60) / 2);
    // In tiles of eight rows a tile reads as far as its last row.
    const tiles = [8, 16, 24, 32, 40, 48, 56, 59].reduce((sum, slots) => sum + slots);
    expect(read.readSlots - before.readSlots).toBe(tiles);
    const streams = Array.from({ length: 16 }, (_, i): [number, number] => [i, 1]);
    await engine.step([{ sequence, streams, temperature: 1, maxTokens: 2, stopTokens: [] }]);
    const after = device.passes.counts;
    // The parent's last token once; then 16 lanes with 60 shared slots and one of their own.
    expect(after.listedSlots - read.listedSlots).toBe(60 + 16 * 61);
    expect(after.readSlots - read.readSlots).toBe(60 + 2 * (60 + 8));
  });
});
