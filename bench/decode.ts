/**
 * How fast the CPU engine decodes, and how much of the machine it uses: tokens a second at 1, 16, 64
 * and 256 branches, the matmul's share of the SIMD peak, the plain TypeScript twin beside it, and
 * what a fork copies. Times are CPU time of this one-threaded process, so that the turns of other
 * processes do not count; everything is measured in turns within one run, and ratios within a turn,
 * because clock and caches change with what else runs.
 *
 *   npm run bench            writes bench/results/decode.json
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { nodeWasmModule } from '../src/engine/cpu/node-wasm-module.ts';
import { packMatrix } from '../src/engine/cpu/packed-model.ts';
import { startKernels } from '../src/engine/cpu/wasm-kernels.ts';
import { WasmMemory } from '../src/engine/cpu/wasm-memory.ts';
import type { Engine, Sequence } from '../src/engine/engine.ts';
import { flopsOfRange } from '../src/engine/flops.ts';
import { openNodeModel } from '../src/engine/node-models.ts';
import { ReferenceDevice } from '../src/engine/reference/reference-device.ts';
import { TransformerEngine } from '../src/engine/transformer-engine.ts';
import { childStream, type Stream } from '../src/shared/random.ts';

const TURNS = 7;
const BRANCHES = [1, 16, 64, 256];
const TOKENS = 48;
/** The float64 twin is slow: fewer tokens, at the same branches and about the same positions. */
const TWIN_TOKENS = 3;
/** Tokens that each branch has of its own before it is timed. */
const PARTING = 4;
const PROMPT = 'make 24: 4 6 7 8';
const PEAK_ROUNDS = 1_000_000;
const PEAK_FLOPS_PER_ROUND = 96;
/** Rows, inputs and outputs: the shapes of the shipped policy at 64 branches. */
const MATMULS = [
  [64, 128, 384],
  [64, 128, 704],
  [64, 352, 128],
] as const;

const { model, engine } = await openNodeModel('public/models/policy', { slots: 32768 });
const twin = new TransformerEngine(new ReferenceDevice(model.config, model.tensors));
const kernels = await startKernels(await nodeWasmModule());
const memory = new WasmMemory(kernels);
const matmuls = MATMULS.map(prepareMatmul);
const prompt = model.tokenizer.encode(`${PROMPT}\n`);

const peak: number[] = [];
const matmul: number[] = [];
const share: number[] = [];
const decode = new Map(BRANCHES.map((branches): [number, number[]] => [branches, []]));
const twinSpeed: number[] = [];
const overTwin: number[] = [];

await decodeSpeed(engine, 16, TOKENS);
for (let turn = 0; turn < TURNS; turn++) {
  const before = peakSpeed();
  const product = Math.max(...matmuls.map((run) => run()));
  const after = peakSpeed();
  peak.push(Math.max(before, after));
  matmul.push(product);
  share.push(product / Math.max(before, after));
  for (const branches of BRANCHES) {
    decode.get(branches)?.push(await decodeSpeed(engine, branches, TOKENS));
  }
  const wasm = await decodeSpeed(engine, 64, TWIN_TOKENS);
  const plain = await decodeSpeed(twin, 64, TWIN_TOKENS);
  twinSpeed.push(plain);
  overTwin.push(wasm / plain);
}

const flopsPerToken =
  flopsOfRange(model.config, prompt.length + PARTING, prompt.length + PARTING + TOKENS) / TOKENS;
const report = {
  date: new Date().toISOString().slice(0, 10),
  cpu: cpus()[0].model,
  node: process.version,
  model: { id: model.id, dim: model.config.dim, layers: model.config.layers },
  simdPeakGflops: summary(peak),
  matmulGflops: summary(matmul),
  matmulShareOfPeak: summary(share),
  decodeTokensPerSecond: Object.fromEntries(
    [...decode].map(([branches, speeds]) => [branches, summary(speeds)]),
  ),
  decodeGflops: Object.fromEntries(
    [...decode].map(([branches, speeds]) => [
      branches,
      summary(speeds.map((speed) => (speed * flopsPerToken) / 1e9)),
    ]),
  ),
  twinTokensPerSecondAt64: summary(twinSpeed),
  wasmOverTwinAt64: summary(overTwin),
  fork: await forkCost(engine),
};
mkdirSync('bench/results', { recursive: true });
writeFileSync('bench/results/decode.json', `${JSON.stringify(report, null, 2)}\n`);
console.log(JSON.stringify(report, null, 2));
await engine.dispose();
await twin.dispose();

function summary(values: readonly number[]): { median: number; best: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (value: number) => Number(value.toPrecision(4));
  return { median: round(sorted[sorted.length >> 1]), best: round(sorted[sorted.length - 1]) };
}

/** CPU milliseconds of this process. */
function now(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** GFLOP/s of multiply-adds on registers. */
function peakSpeed(): number {
  const start = now();
  kernels.peak(PEAK_ROUNDS);
  return (PEAK_ROUNDS * PEAK_FLOPS_PER_ROUND) / (now() - start) / 1e6;
}

/** Returns a function that measures one shape in GFLOP/s. */
function prepareMatmul([rows, inDim, outDim]: (typeof MATMULS)[number]): () => number {
  const matrix = packMatrix(memory, inDim, [new Float32Array(outDim * inDim).fill(0.5)]);
  const x = memory.allocateFloats(new Float32Array(rows * inDim).fill(0.5));
  const out = memory.allocate(rows * outDim * 4);
  const flops = 2 * rows * inDim * outDim;
  const repeats = Math.ceil(3e8 / flops);
  return () => {
    const start = now();
    for (let i = 0; i < repeats; i++) {
      kernels.matmul(
        ...([x, inDim * 4, matrix.address, out, outDim * 4] as const),
        ...([rows, inDim, matrix.panels, 0] as const),
      );
    }
    return (flops * repeats) / (now() - start) / 1e6;
  };
}

/** Tokens a second over all branches of one prompt, without stop tokens. The branches have parted
 * before, as those of a search have: equal ones would be computed once. */
async function decodeSpeed(under: Engine, branches: number, tokens: number): Promise<number> {
  const [sequence] = await under.prefill([prompt]);
  const streams = Array.from({ length: branches }, (_, i): Stream => childStream([1, 2], i));
  const sample = { temperature: 1, stopTokens: [] };
  const [parted] = await under.step([{ ...sample, sequence, streams, maxTokens: PARTING }]);
  const requests = parted.map((parent, i) => ({
    ...sample,
    sequence: parent.sequence,
    streams: [streams[i]],
    maxTokens: tokens,
  }));
  const start = now();
  const results = await under.step(requests);
  const seconds = (now() - start) / 1000;
  for (const result of [...parted, ...results.flat()]) under.free(result.sequence);
  under.free(sequence);
  return (branches * tokens) / seconds;
}

/** What a fork of a long sequence costs: microseconds, slots, and bytes of copied KV data. */
async function forkCost(under: Engine): Promise<Record<string, number>> {
  const long: Sequence[] = await under.prefill([Array.from({ length: 512 }, () => prompt[1])]);
  const before = under.pool;
  const count = 1000;
  const start = now();
  const forks = under.fork(long[0], count);
  const elapsedMs = now() - start;
  const after = under.pool;
  for (const sequence of [...forks, ...long]) under.free(sequence);
  return {
    prefixTokens: 512,
    microsecondsPerFork: Number(((elapsedMs * 1000) / count).toPrecision(3)),
    slotsPerFork: (after.slotsUsed - before.slotsUsed) / count,
    copiedKvBytesPerFork: (after.copiedBytes - before.copiedBytes) / count,
  };
}
