/**
 * A transformer on WebGPU: rows, KV slots and sampling on the device. Every call is one submission
 * of one compute pass; several decode steps run in it, each lane's next token going straight into
 * the rows of the next step, and only the results are read back.
 */
import { AppError, invariant } from '../../shared/errors.ts';
import type { DecodePlan, DecodeResult, RowBatch, TransformerDevice } from '../device.ts';
import type { ModelConfig } from '../weights/model-config.ts';
import type { ModelTensors } from '../weights/model-tensors.ts';
import { planAttention, type AttentionPlan, type PassTiles } from './attention-plan.ts';
import type { GpuContext } from './gpu-context.ts';
import type { MemoryStatus } from './gpu-memory.ts';
import { callWords, type Call } from './kernel.ts';
import { largestTile } from './kernels/attention.ts';
import { laneWords, resultWords } from './kernels/sample.ts';
import {
  uploadModel,
  weightsHeld,
  weightsRead,
  type ModelMemory,
  type WeightsOnGpu,
} from './model-memory.ts';
import { buildOperations, variantsOf, type Operation, type Operations } from './operations.ts';
import { PassEncoder } from './pass-encoder.ts';
import type { CompileProgress } from './pipelines.ts';
import type { WeightFormat } from './weight-format.ts';
import { CALL_STRIDE, ENDS, slotBytes, widestRowBytes, WorkMemory } from './work-memory.ts';

export interface WebGpuDeviceOptions {
  readonly config: ModelConfig;
  readonly tensors: ModelTensors;
  /** Default: int8 where the file has it, f16 where that loses nothing, else f32. */
  readonly format?: WeightFormat;
  /** KV slots at most, in so far as the adapter allows. */
  readonly slots?: number;
  readonly maxRows?: number;
  readonly stepsPerPlan?: number;
  readonly onCompile?: CompileProgress;
}

const SLOTS = 65536;
const MAX_ROWS = 1024;
/** A read-back costs between half a millisecond and a hundred, a step under one. */
const STEPS = 8;
const FIRST_CALL = 0;
const NEXT_CALL = CALL_STRIDE;

export class WebGpuDevice implements TransformerDevice {
  readonly backend = 'webgpu';
  readonly label: string;
  readonly outputs: number;
  readonly passes: PassEncoder;
  private operations: Operations;
  private disposed = false;

  private constructor(
    private readonly context: GpuContext,
    readonly config: ModelConfig,
    private readonly model: ModelMemory,
    private readonly work: WorkMemory,
    readonly slots: number,
    readonly maxRows: number,
    readonly stepsPerPlan: number,
  ) {
    this.label = context.label;
    this.outputs = config.head === 'value' ? 1 : config.vocab;
    this.passes = new PassEncoder(context);
    this.operations = buildOperations(context, config, model, work);
  }

  /** Takes ownership of the context, also when it throws (AppError `out-of-memory`,
   * `model-unsupported`, `device-lost`). */
  static async create(context: GpuContext, options: WebGpuDeviceOptions): Promise<WebGpuDevice> {
    const { config, tensors } = options;
    const { memory, device } = context;
    try {
      const most = memory.largestBytes;
      const slots = Math.min(options.slots ?? SLOTS, Math.floor(most / slotBytes(config)));
      const maxRows = Math.min(
        options.maxRows ?? MAX_ROWS,
        Math.floor(most / widestRowBytes(config)),
      );
      invariant(slots >= 1 && maxRows >= 1, 'a device holds at least one slot and one row');
      const steps = options.stepsPerPlan ?? STEPS;
      const model = await memory.checked(() =>
        uploadModel(memory, {
          config,
          tensors,
          format: options.format ?? null,
          positions: Math.min(config.maxPositions, slots),
          workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
        }),
      );
      const work = await memory.checked(
        () => new WorkMemory(context, config, { maxRows, slots, steps }),
      );
      const variants = variantsOf(model, config, { maxRows, subgroups: context.subgroups });
      await context.pipelines.compile(variants, options.onCompile);
      context.check();
      return new WebGpuDevice(context, config, model, work, slots, maxRows, steps);
    } catch (error) {
      context.close();
      throw error;
    }
  }

  /** Buffers and bytes on the GPU at present. */
  get memory(): MemoryStatus {
    return this.context.memory.status;
  }

  /** What a step reads. */
  get weights(): WeightsOnGpu {
    return weightsRead(this.model);
  }

  get weightsHeld(): WeightsOnGpu {
    return weightsHeld(this.model);
  }

  async run(rows: RowBatch, outputRows: Uint32Array): Promise<Float32Array> {
    const attention = planAttention(rows, null, largestTile(this.config));
    await this.prepare(rows, attention);
    const call = readingCall(rows.count, outputRows.length, attention.first);
    this.write(this.work.call, callWords(call), FIRST_CALL);
    this.write(this.work.picks, outputRows);
    this.passes.begin();
    this.passes.attends(attention.first);
    this.encode([...this.operations.trunk, this.operations.pickedHead], call, FIRST_CALL);
    const bytes = outputRows.length * this.outputs * 4;
    return new Float32Array(await this.finish(this.work.outputs, bytes));
  }

  async decode(plan: DecodePlan): Promise<DecodeResult> {
    invariant(this.config.head === 'causal', 'a value head does not decode');
    invariant(plan.steps <= this.stepsPerPlan, 'a plan has at most stepsPerPlan steps');
    const attention = planAttention(plan.rows, plan, largestTile(this.config));
    await this.prepare(plan.rows, attention);
    const { first, next } = this.writePlan(plan, attention);
    const { trunk, pickedHead, fullHead, sampling } = this.operations;
    this.passes.begin();
    this.passes.attends(attention.first);
    this.encode([...trunk, pickedHead, ...sampling], first, FIRST_CALL);
    for (let step = 1; step < plan.steps; step++) {
      this.passes.attends(attention.next);
      this.encode([...trunk, fullHead, ...sampling], next, NEXT_CALL);
    }
    const { lanes, steps } = plan;
    const results = await this.finish(this.work.results, resultWords(lanes, steps) * 4);
    return {
      counts: new Uint32Array(results, 0, lanes),
      tokens: new Uint32Array(results, lanes * 4, lanes * steps),
      logProbs: new Float32Array(results, lanes * (1 + steps) * 4, lanes * steps),
    };
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    this.context.close();
  }

  private encode(operations: readonly Operation[], call: Call, callOffset: number): void {
    for (const operation of operations) this.passes.add(operation, call, callOffset);
  }

  /** Checks the device, makes room and uploads the rows and their slot lists. */
  private async prepare(batch: RowBatch, { words }: AttentionPlan): Promise<void> {
    this.context.check();
    if (await this.work.reserve(batch.slotLists, words)) {
      this.operations = buildOperations(this.context, this.config, this.model, this.work);
    }
    const rows = new Uint32Array(batch.count * 4);
    for (let r = 0; r < batch.count; r++) {
      rows[r * 4] = batch.tokens[r];
      rows[r * 4 + 1] = batch.positions[r];
      rows[r * 4 + 2] = batch.listStarts[r];
      rows[r * 4 + 3] = 1;
    }
    this.write(this.work.rows, rows);
    this.write(this.work.slotLists, batch.slotLists);
    this.write(this.work.tiles, words);
  }

  /** Uploads sampling state and both calls: the first pass over the plan's rows, then the lanes. */
  private writePlan(plan: DecodePlan, attention: AttentionPlan): { first: Call; next: Call } {
    const picks = [...new Set(plan.sources.subarray(0, plan.lanes))];
    const outputOf = new Map(picks.map((row, output) => [row, output]));
    const ends = Uint32Array.of(...plan.stopTokens, ...plan.finalTokens);
    if (ends.length > ENDS) {
      throw new AppError('bad-input', `${ends.length} stop tokens are too many.`, {
        advice: `At most ${ENDS} stop tokens can be used.`,
      });
    }
    const shared = {
      lanes: plan.lanes,
      steps: plan.steps,
      stops: plan.stopTokens.length,
      finals: plan.finalTokens.length,
    };
    const first: Call = {
      ...shared,
      ...tilesOf(attention.first),
      rows: plan.rows.count,
      outputs: picks.length,
    };
    const next: Call = {
      ...shared,
      ...tilesOf(attention.next),
      rows: plan.lanes,
      outputs: plan.lanes,
    };
    this.write(this.work.call, callWords(first), FIRST_CALL);
    this.write(this.work.call, callWords(next), NEXT_CALL);
    this.write(this.work.picks, Uint32Array.from(picks));
    this.write(this.work.ends, ends);
    this.write(this.work.lanes, laneWords(plan, outputOf));
    return { first, next };
  }

  private write(buffer: GPUBuffer, words: Uint32Array, offset = 0): void {
    this.context.device.queue.writeBuffer(buffer, offset, words as Uint32Array<ArrayBuffer>);
  }

  /** Submits; resolves to the first `bytes` of `from`, at once when nothing is wanted. */
  private async finish(from: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    if (bytes === 0) {
      this.passes.submit();
      return new ArrayBuffer(0);
    }
    const target = this.work.readBackBuffer(bytes);
    this.passes.copy(from, target, bytes);
    this.passes.submit();
    await this.context.map(target, bytes);
    const copy = target.getMappedRange(0, bytes).slice(0);
    target.unmap();
    return copy;
  }
}

function tilesOf({ tiles, tilesAt }: PassTiles): Pick<Call, 'tiles' | 'tilesAt'> {
  return { tiles, tilesAt };
}

function readingCall(rows: number, outputs: number, attention: PassTiles): Call {
  return { ...tilesOf(attention), rows, outputs, lanes: 0, steps: 0, stops: 0, finals: 0 };
}
