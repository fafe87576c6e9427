/** Decoding speed of the WebGPU engine by number of branches, and where the time goes. */
import type { Engine } from '../src/engine/engine.ts';
import { matmulParameters } from '../src/engine/flops.ts';
import { createCpuEngine } from '../src/engine/load-engine.ts';
import { TransformerEngine } from '../src/engine/transformer-engine.ts';
import { openGpu, type AdapterReport } from '../src/engine/webgpu/adapter.ts';
import type { WeightFormat } from '../src/engine/webgpu/weight-format.ts';
import type { GpuContext } from '../src/engine/webgpu/gpu-context.ts';
import {
  countStep,
  GPU_BUDGETS,
  modelledGrowth,
  modelledStepMs,
  type GpuBudget,
  type StepCounts,
} from '../src/engine/webgpu/step-budget.ts';
import { WebGpuDevice } from '../src/engine/webgpu/webgpu-device.ts';
import { loadModel, type LoadedModel } from '../src/engine/weights/load-model.ts';
import { servedModel } from '../src/engine/webgpu/testing/fixture-model.ts';
import type { Stream } from '../src/shared/random.ts';
import { measurePeaks, type Peaks } from './webgpu-peaks.ts';

export interface BenchOptions {
  /** Folder of the model's files, as a URL. */
  readonly model: string;
  /** Numbers of branches; null: 1 … 1024, or 1 … 64 on a software adapter. */
  readonly branches: readonly number[] | null;
  readonly onProgress: (line: string) => void;
}

export interface DecodeResult {
  readonly branches: number;
  readonly tokensPerSecond: number;
  readonly millisecondsPerStep: number;
  readonly dispatchesPerStep: number;
  /** Keys and values that attention reads, over those that the rows list: shared ones once a tile. */
  readonly readShare: number;
  /** Of the arithmetic peak, and of the bandwidth peak, both measured on this adapter. */
  readonly computeShare: number;
  readonly bandwidthShare: number;
  /** The WASM engine in the same tab. */
  readonly cpuTokensPerSecond: number;
}

export interface KernelShare {
  readonly label: string;
  readonly microsecondsPerStep: number;
  readonly share: number;
}

/** Counted work of a step, and what a model makes of it; nothing here is measured. */
export interface BudgetReport {
  readonly note: string;
  readonly steps: readonly StepCounts[];
  readonly budgets: readonly (GpuBudget & {
    /** Milliseconds, in the order of `steps`. */
    readonly modelledMs: readonly number[];
    /** 64 branches over 1; null unless both were run. */
    readonly growth1To64: number | null;
  })[];
}

export interface BenchReport {
  readonly adapter: AdapterReport;
  /** Size of the adapter's smallest subgroup; 0: reductions went through workgroup memory. */
  readonly subgroups: number;
  readonly note: string;
  readonly userAgent: string;
  readonly model: string;
  readonly parameters: number;
  /** As they lie on the GPU; what a step reads of them. */
  readonly weightFormats: readonly WeightFormat[];
  readonly weightBytes: number;
  readonly promptTokens: number;
  readonly stepsPerSubmission: number;
  readonly peaks: Peaks;
  readonly decode: readonly DecodeResult[];
  /** Measured: milliseconds of a step with 64 branches over one with 1. */
  readonly growth1To64: number | null;
  readonly budget: BudgetReport;
  /** At `kernelBranches` branches; empty without the feature `timestamp-query`. */
  readonly kernels: readonly KernelShare[];
  readonly kernelBranches: number;
}

const PROMPT = 'make 24: 4 6 7 8\n8-6=2|2 4 7\n7*4=28|2 28\n';
const STEPS = 16;
/** Tokens that each branch has of its own before it is timed. */
const PARTING = 4;
const REPEATS = 3;
const SLOTS = 65536;

export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const { onProgress } = options;
  const model = await loadModel(servedModel(options.model));
  const { context, report: adapter } = await openGpu({ allowSoftware: true, timestamps: true });
  onProgress(adapter.reasons.join(' '));
  const peaks = await measurePeaks(context);
  onProgress(
    `peaks: ${peaks.gflops.toFixed(1)} GFLOP/s, ${peaks.gigabytesPerSecond.toFixed(1)} GB/s`,
  );
  const branches = options.branches ?? branchesFor(adapter);
  const bench = await Bench.open(context, model);
  const decode: DecodeResult[] = [];
  const steps: StepCounts[] = [];
  for (const count of branches) {
    const { result, counts } = await bench.decode(count, peaks);
    decode.push(result);
    steps.push(counts);
    onProgress(describe(result));
  }
  const kernelBranches = branches.includes(64) ? 64 : branches[branches.length - 1];
  const kernels = await bench.kernels(kernelBranches);
  await bench.close();
  return {
    adapter,
    subgroups: context.subgroups,
    note: adapter.software
      ? 'Measured on a software adapter: the numbers show correctness and proportions, not speed.'
      : 'Measured on a hardware adapter.',
    userAgent: navigator.userAgent,
    model: model.id,
    parameters: matmulParameters(model.config),
    weightFormats: bench.device.weights.formats,
    weightBytes: bench.device.weights.bytes,
    promptTokens: model.tokenizer.encode(PROMPT).length,
    stepsPerSubmission: bench.device.stepsPerPlan,
    peaks,
    decode,
    growth1To64: growth(decode),
    budget: budgetOf(steps),
    kernels,
    kernelBranches,
  };
}

function branchesFor(adapter: AdapterReport): number[] {
  const top = adapter.software ? 64 : 1024;
  return Array.from({ length: Math.log2(top) + 1 }, (_, power) => 2 ** power);
}

function describe(result: DecodeResult): string {
  const { branches, tokensPerSecond, millisecondsPerStep, cpuTokensPerSecond } = result;
  return (
    `${branches} branches: ${tokensPerSecond.toFixed(0)} tokens/s, ` +
    `${millisecondsPerStep.toFixed(2)} ms a step (CPU engine: ${cpuTokensPerSecond.toFixed(0)} tokens/s)`
  );
}

function growth(decode: readonly DecodeResult[]): number | null {
  const at = (count: number): number | undefined =>
    decode.find(({ branches }) => branches === count)?.millisecondsPerStep;
  const [one, many] = [at(1), at(64)];
  return one === undefined || many === undefined ? null : many / one;
}

function budgetOf(steps: readonly StepCounts[]): BudgetReport {
  const at = (count: number): StepCounts | undefined =>
    steps.find(({ branches }) => branches === count);
  const [one, many] = [at(1), at(64)];
  return {
    note:
      'A model, not a measurement: counted dispatches times a stated cost of each, then counted ' +
      'arithmetic or memory traffic at stated speeds, whichever takes longer.',
    steps,
    budgets: GPU_BUDGETS.map((budget) => ({
      ...budget,
      modelledMs: steps.map((counts) => modelledStepMs(counts, budget)),
      growth1To64: one && many ? modelledGrowth(one, many, budget) : null,
    })),
  };
}

class Bench {
  private constructor(
    readonly device: WebGpuDevice,
    private readonly gpu: Engine,
    private readonly cpu: Engine,
    private readonly model: LoadedModel,
  ) {}

  static async open(context: GpuContext, model: LoadedModel): Promise<Bench> {
    const { config, tensors } = model;
    const device = await WebGpuDevice.create(context, { config, tensors, slots: SLOTS });
    return new Bench(device, new TransformerEngine(device), await createCpuEngine(model), model);
  }

  async decode(
    branches: number,
    peaks: Peaks,
  ): Promise<{ result: DecodeResult; counts: StepCounts }> {
    const runs = [];
    // The first call warms up.
    for (let i = 0; i <= REPEATS; i++) runs.push(await this.time(this.gpu, branches));
    const ms = Math.min(...runs.map((run) => run.ms)) / STEPS;
    const cpuRuns = [await this.time(this.cpu, branches), await this.time(this.cpu, branches)];
    const cpuMs = Math.min(...cpuRuns.map((run) => run.ms));
    const counts = this.countsOfStep(branches, runs[0]);
    const { flops, bytes } = counts;
    const result: DecodeResult = {
      branches,
      tokensPerSecond: (branches / ms) * 1000,
      millisecondsPerStep: ms,
      dispatchesPerStep: counts.dispatches,
      readShare: runs[0].readSlots / runs[0].listedSlots,
      computeShare: flops / ms / 1e6 / peaks.gflops,
      bandwidthShare: bytes / ms / 1e6 / peaks.gigabytesPerSecond,
      cpuTokensPerSecond: ((branches * STEPS) / cpuMs) * 1000,
    };
    return { result, counts };
  }

  async kernels(branches: number): Promise<KernelShare[]> {
    if (!this.device.passes.canTime) return [];
    this.device.passes.startTiming();
    await this.time(this.gpu, branches);
    const times = await this.device.passes.readTiming();
    const sums = new Map<string, number>();
    for (const { label, nanoseconds } of times) {
      sums.set(label, (sums.get(label) ?? 0) + nanoseconds);
    }
    const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
    return [...sums]
      .map(([label, nanoseconds]) => ({
        label,
        microsecondsPerStep: nanoseconds / 1000 / STEPS,
        share: nanoseconds / total,
      }))
      .sort((a, b) => b.share - a.share);
  }

  async close(): Promise<void> {
    await this.gpu.dispose();
    await this.cpu.dispose();
  }

  /** `STEPS` sampled tokens for each branch of one prompt. The branches have parted before, as those
   * of a search have: equal ones would be computed once by the CPU engine. Neither the prompt nor the
   * parting counts. */
  private async time(engine: Engine, branches: number): Promise<TimedRun> {
    const [sequence] = await engine.prefill([this.model.tokenizer.encode(PROMPT)]);
    const streams = Array.from({ length: branches }, (_, i): Stream => [i, branches]);
    const sample = { temperature: 1, stopTokens: [] };
    const [parted] = await engine.step([{ ...sample, sequence, streams, maxTokens: PARTING }]);
    const requests = parted.map((parent, i) => ({
      ...sample,
      sequence: parent.sequence,
      streams: [streams[i]],
      maxTokens: STEPS,
    }));
    const before = this.device.passes.counts;
    const started = performance.now();
    const results = await engine.step(requests);
    const ms = performance.now() - started;
    const after = this.device.passes.counts;
    for (const result of [...parted, ...results.flat()]) engine.free(result.sequence);
    engine.free(sequence);
    return {
      ms,
      dispatches: after.dispatches - before.dispatches,
      readSlots: after.readSlots - before.readSlots,
      listedSlots: after.listedSlots - before.listedSlots,
    };
  }

  /** Arithmetic, and bytes that must be read: all weights once, keys and values as counted. */
  private countsOfStep(branches: number, run: TimedRun): StepCounts {
    const { config, tokenizer } = this.model;
    return countStep(config, {
      branches,
      dispatches: run.dispatches / STEPS,
      length: tokenizer.encode(PROMPT).length + PARTING + STEPS / 2,
      weightBytes: this.device.weights.bytes,
      readSlots: run.readSlots / STEPS,
    });
  }
}

/** `STEPS` steps. */
interface TimedRun {
  readonly ms: number;
  readonly dispatches: number;
  readonly readSlots: number;
  readonly listedSlots: number;
}
