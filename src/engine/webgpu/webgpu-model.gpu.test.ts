/** Whole models on the GPU against the float64 twin: shapes, ragged batches, decoding. */
import { afterEach, describe, expect, it } from 'vitest';
import type { DecodePlan, RowBatch, TransformerDevice } from '../device.ts';
import { ReferenceDevice } from '../reference/reference-device.ts';
import type { ModelConfig } from '../weights/model-config.ts';
import { openSharedContext } from './testing/kernel-harness.ts';
import { worstDifference } from './testing/noise.ts';
import { randomModel, type RandomModel } from './testing/random-model.ts';
import { WebGpuDevice, type WebGpuDeviceOptions } from './webgpu-device.ts';

const open: TransformerDevice[] = [];
afterEach(async () => {
  for (const device of open.splice(0)) await device.dispose();
});

async function both(
  model: RandomModel,
  options: Partial<WebGpuDeviceOptions> = {},
): Promise<[WebGpuDevice, ReferenceDevice]> {
  const { config, tensors } = model;
  const sizes = { slots: 512, maxRows: 64, stepsPerPlan: 6 };
  const gpu = await WebGpuDevice.create(await openSharedContext(), {
    config,
    tensors,
    ...sizes,
    ...options,
  });
  open.push(gpu);
  return [gpu, new ReferenceDevice(config, tensors, sizes)];
}

/** Prefill rows of several sequences; sequence s holds `lengths[s]` tokens in slots of its own. */
function prefill(lengths: readonly number[], vocab: number): RowBatch {
  const count = lengths.reduce((sum, length) => sum + length, 0);
  const starts = lengths.map((_, s) =>
    lengths.slice(0, s).reduce((sum, length) => sum + length, 0),
  );
  return {
    count,
    tokens: Uint32Array.from({ length: count }, (_, row) => (row * 7 + 3) % vocab),
    positions: Uint32Array.from(lengths.flatMap((n) => Array.from({ length: n }, (_, p) => p))),
    listStarts: Uint32Array.from(lengths.flatMap((n, s) => new Array<number>(n).fill(starts[s]))),
    // Backwards, so that slot and position differ.
    slotLists: Uint32Array.from({ length: count }, (_, i) => count - 1 - i),
  };
}

const everyRow = (batch: RowBatch): Uint32Array =>
  Uint32Array.from({ length: batch.count }, (_, row) => row);

const shapes: [string, Partial<ModelConfig>][] = [
  ['grouped queries', {}],
  ['tied embeddings, one KV head', { tiedEmbeddings: true, kvHeads: 1 }],
  ['attention biases, odd sizes', { attentionBias: true, dim: 19, ffDim: 37, vocab: 33 }],
  ['heads wider than the model', { dim: 12, heads: 2, kvHeads: 2, headDim: 34 }],
  ['a value head', { head: 'value' }],
];

describe.each(shapes)('a model with %s', (_, shape) => {
  it('gives the outputs of the float64 twin', async () => {
    const model = randomModel(shape);
    const [gpu, twin] = await both(model);
    for (const lengths of [[1], [2, 1, 5], [33, 30], [64]]) {
      const batch = prefill(lengths, model.config.vocab);
      const rows = everyRow(batch);
      const want = await twin.run(batch, rows);
      expect(worstDifference(await gpu.run(batch, rows), want)).toBeLessThan(1e-3);
      // A few rows only, out of order.
      const some = Uint32Array.of(batch.count - 1, 0);
      const [last, first] = [want.slice(-gpu.outputs), want.slice(0, gpu.outputs)];
      const got = await gpu.run(batch, some);
      expect(worstDifference(got, [...last, ...first])).toBeLessThan(1e-3);
    }
  });
});

describe('without subgroups', () => {
  it('few rows and many give the outputs of the float64 twin', async () => {
    const { config, tensors } = randomModel();
    const context = await openSharedContext({ subgroups: false });
    const gpu = await WebGpuDevice.create(context, { config, tensors, slots: 512, maxRows: 64 });
    open.push(gpu);
    const twin = new ReferenceDevice(config, tensors);
    for (const lengths of [[3], [33, 30]]) {
      const batch = prefill(lengths, config.vocab);
      const rows = everyRow(batch);
      const want = await twin.run(batch, rows);
      expect(worstDifference(await gpu.run(batch, rows), want)).toBeLessThan(1e-3);
    }
  });
});

describe('quantised weights', () => {
  it.each(['f32', 'f16', 'int8', 'q4'] as const)(
    '%s gives outputs near the twin',
    async (format) => {
      const model = randomModel({ dim: 32, ffDim: 64 });
      const [gpu, twin] = await both(model, { format, maxRows: 8 });
      const batch = prefill([8], model.config.vocab);
      const want = await twin.run(batch, everyRow(batch));
      const got = await gpu.run(batch, everyRow(batch));
      let error = 0;
      let power = 0;
      want.forEach((value, i) => {
        error += (value - got[i]) ** 2;
        power += value ** 2;
      });
      const limit = { f32: 1e-5, f16: 5e-3, int8: 0.1, q4: 0.7 }[format];
      expect(Math.sqrt(error / power)).toBeLessThan(limit);
    },
  );
});

/** Lanes that fork from two sources, with slots of their own behind the shared prefix. */
function forked(model: RandomModel, lanes: number, extra: Partial<DecodePlan> = {}): DecodePlan {
  const steps = 6;
  const lengths = [5, 3];
  const prefix = prefill(lengths, model.config.vocab);
  const sources = Uint32Array.from({ length: lanes }, (_, lane) => (lane % 2 === 0 ? 4 : 7));
  const lists = [...prefix.slotLists];
  const laneListStarts = new Uint32Array(lanes);
  sources.forEach((source, lane) => {
    laneListStarts[lane] = lists.length;
    const [from, to] = source === 4 ? [0, 5] : [5, 8];
    lists.push(...prefix.slotLists.subarray(from, to));
    for (let step = 0; step < steps; step++) lists.push(prefix.count + lane * steps + step);
  });
  return {
    rows: { ...prefix, slotLists: Uint32Array.from(lists) },
    lanes,
    steps,
    sources,
    firstPositions: sources.map((source) => (source === 4 ? 5 : 3)),
    laneListStarts,
    streams: Uint32Array.from({ length: 2 * lanes }, (_, i) => i * 977),
    temperatures: Float32Array.from({ length: lanes }, (_, lane) => [0, 1, 0.7][lane % 3]),
    topK: Uint32Array.from({ length: lanes }, (_, lane) => (lane % 5 === 0 ? 4 : 0)),
    topP: Float32Array.from({ length: lanes }, (_, lane) => (lane % 4 === 1 ? 0.8 : 1)),
    maxTokens: Uint32Array.from({ length: lanes }, (_, lane) => 1 + (lane % steps)),
    stopCounts: Uint32Array.from({ length: lanes }, (_, lane) => 1 + (lane % 2)),
    stopTokens: [3, 9, 14],
    finalTokens: [2],
    ...extra,
  };
}

describe('decoding on the device', () => {
  it.each([[1], [2], [9], [40]])('%d lanes sample what the twin samples', async (lanes) => {
    const model = randomModel();
    const [gpu, twin] = await both(model);
    const plan = forked(model, lanes);
    const [got, want] = [await gpu.decode(plan), await twin.decode(plan)];
    expect([...got.counts]).toEqual([...want.counts]);
    for (let lane = 0; lane < lanes; lane++) {
      const from = lane * plan.steps;
      const to = from + want.counts[lane];
      expect([...got.tokens.subarray(from, to)]).toEqual([...want.tokens.subarray(from, to)]);
      const [a, b] = [got.logProbs.subarray(from, to), want.logProbs.subarray(from, to)];
      expect(worstDifference(a, b)).toBeLessThan(1e-3);
    }
  });

  it('takes one submission, one pass, and the same dispatches for 1 branch as for 64', async () => {
    const model = randomModel();
    const [gpu] = await both(model);
    const spent = async (lanes: number): Promise<number> => {
      const before = gpu.passes.counts;
      await gpu.decode(forked(model, lanes, { maxTokens: new Uint32Array(lanes).fill(6) }));
      const after = gpu.passes.counts;
      expect(after.submits - before.submits).toBe(1);
      expect(after.passes - before.passes).toBe(1);
      return after.dispatches - before.dispatches;
    };
    // Embedding, six for each of two layers, logits and sampling, six times.
    expect(await spent(1)).toBe(6 * (1 + 6 * 2 + 2));
    expect(await spent(64)).toBe(6 * (1 + 6 * 2 + 2));
  });

  it('lanes that have ended write into no slot', async () => {
    const model = randomModel();
    const [gpu, twin] = await both(model);
    // Lane 0 ends at once; its further entries name the slots of the prefix.
    const plan = forked(model, 2, {
      maxTokens: Uint32Array.of(1, 6),
      stopTokens: [],
      finalTokens: [],
    });
    const lists = plan.rows.slotLists;
    for (let step = 0; step < 6; step++) lists[plan.laneListStarts[0] + 5 + step] = step;
    await gpu.decode(plan);
    await twin.run(plan.rows, everyRow(plan.rows));
    const probe: RowBatch = {
      count: 1,
      tokens: Uint32Array.of(plan.rows.tokens[4]),
      positions: Uint32Array.of(4),
      listStarts: Uint32Array.of(0),
      slotLists: plan.rows.slotLists,
    };
    const want = await twin.run(probe, Uint32Array.of(0));
    expect(worstDifference(await gpu.run(probe, Uint32Array.of(0)), want)).toBeLessThan(1e-3);
  });
});

describe('KV memory', () => {
  it('grows when slots far behind are used, and keeps what it held', async () => {
    const model = randomModel({ layers: 1 });
    const [gpu, twin] = await both(model, { slots: 20000 });
    const bytes = gpu.memory.bytes;
    const first = prefill([6], model.config.vocab);
    await gpu.run(first, new Uint32Array(0));
    await twin.run(first, new Uint32Array(0));
    const next: RowBatch = {
      count: 1,
      tokens: Uint32Array.of(4),
      positions: Uint32Array.of(6),
      listStarts: Uint32Array.of(0),
      slotLists: Uint32Array.from([...first.slotLists, 19999]),
    };
    const want = await twin.run(next, Uint32Array.of(0));
    expect(worstDifference(await gpu.run(next, Uint32Array.of(0)), want)).toBeLessThan(1e-3);
    expect(gpu.memory.bytes).toBeGreaterThan(bytes);
  });

  it('takes slot lists longer than it began with', async () => {
    const model = randomModel({ layers: 1, maxPositions: 256 });
    const [gpu, twin] = await both(model);
    const batch = prefill([60], model.config.vocab);
    const long = { ...batch, slotLists: new Uint32Array(50_000) };
    long.slotLists.set(batch.slotLists, 40_000);
    const moved = { ...long, listStarts: batch.listStarts.map(() => 40_000) };
    const want = await twin.run(batch, everyRow(batch));
    expect(worstDifference(await gpu.run(moved, everyRow(batch)), want)).toBeLessThan(1e-3);
  });

  it('never promises more slots than the adapter can hold', async () => {
    const [gpu] = await both(randomModel({ layers: 1 }), { slots: 1e9 });
    const { maxStorageBufferBindingSize } = (await openSharedContext()).device.limits;
    expect(gpu.slots * 2 * 2 * 4 * 4).toBeLessThanOrEqual(maxStorageBufferBindingSize);
  });
});
