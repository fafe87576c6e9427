/** The WASM SIMD kernels as a transformer device. One thread, synchronous inside each call. */
import type { DecodePlan, DecodeResult, RowBatch, TransformerDevice } from '../device.ts';
import { keptTokens } from '../kept-tokens.ts';
import type { ModelConfig } from '../weights/model-config.ts';
import type { ModelTensors } from '../weights/model-tensors.ts';
import { WasmForward } from './wasm-forward.ts';
import { startKernels, type WasmKernels } from './wasm-kernels.ts';

export interface WasmDeviceOptions {
  /** Default: 32,768, or what fits into 256 MB of KV memory. */
  readonly slots?: number;
  /** Default 256. */
  readonly maxRows?: number;
}

const DEFAULT_SLOTS = 32768;
const DEFAULT_KV_BYTES = 256 * 1024 * 1024;

export class WasmDevice implements TransformerDevice {
  readonly backend = 'cpu';
  readonly label = 'CPU (WASM SIMD)';
  readonly outputs: number;
  /** Read-back costs nothing here, and an abort should be seen within a few milliseconds. */
  readonly stepsPerPlan = 4;
  /** Samples of a confident model are mostly equal for long: they cost one row until they part. */
  readonly mergesLanes = true;
  private forward: WasmForward | null;
  private readonly keys: number;
  private readonly logProb: number;

  /** Throws AppError `out-of-memory` or `model-unsupported`. */
  static async create(
    module: WebAssembly.Module,
    config: ModelConfig,
    tensors: ModelTensors,
    options: WasmDeviceOptions = {},
  ): Promise<WasmDevice> {
    const bytesPerSlot = config.layers * 2 * config.kvHeads * config.headDim * 4;
    const fitting = Math.floor(DEFAULT_KV_BYTES / bytesPerSlot);
    const slots = options.slots ?? Math.min(DEFAULT_SLOTS, fitting);
    const kernels = await startKernels(module);
    return new WasmDevice(kernels, config, tensors, slots, options.maxRows ?? 256);
  }

  private constructor(
    private readonly kernels: WasmKernels,
    readonly config: ModelConfig,
    tensors: ModelTensors,
    readonly slots: number,
    readonly maxRows: number,
  ) {
    this.outputs = config.head === 'value' ? 1 : config.vocab;
    this.forward = new WasmForward(kernels, config, tensors, slots, maxRows);
    this.keys = this.forward.memory.allocate(this.forward.outputStride);
    this.logProb = this.forward.memory.allocate(4);
  }

  async run(rows: RowBatch, outputRows: Uint32Array): Promise<Float32Array> {
    const forward = this.alive();
    this.runRows(forward, rows);
    const result = new Float32Array(outputRows.length * this.outputs);
    if (outputRows.length === 0) return result;
    const address = forward.readHead(outputRows);
    for (let i = 0; i < outputRows.length; i++) {
      const row = forward.memory.floats(address + i * forward.outputStride, this.outputs);
      result.set(row, i * this.outputs);
    }
    return result;
  }

  async decode(plan: DecodePlan): Promise<DecodeResult> {
    const forward = this.alive();
    const result: DecodeResult = {
      counts: new Uint32Array(plan.lanes),
      tokens: new Uint32Array(plan.lanes * plan.steps),
      logProbs: new Float32Array(plan.lanes * plan.steps),
    };
    const stopsLeft = plan.stopCounts.slice(0, plan.lanes);
    // The row that each lane reads; lanes with one row have sampled the same.
    const sources = plan.sources.slice(0, plan.lanes);
    this.runRows(forward, plan.rows);
    const { positions, listStarts } = plan.rows;
    for (let lane = 0; lane < plan.lanes; lane++) {
      const row = sources[lane];
      this.share(forward, plan, [listStarts[row], plan.laneListStarts[lane]], positions[row]);
    }
    let live = Array.from({ length: plan.lanes }, (_, lane) => lane);
    let rows = plan.rows.count;
    while (live.length > 0) {
      const heads = forward.readHead(Uint32Array.from({ length: rows }, (_, row) => row));
      live = live.filter((lane) => {
        const logits = heads + sources[lane] * forward.outputStride;
        return this.sampleLane(forward, plan, lane, logits, stopsLeft, result);
      });
      if (live.length > 0) rows = this.runLanes(forward, plan, live, sources, result);
    }
    return result;
  }

  async dispose(): Promise<void> {
    this.forward = null;
  }

  private alive(): WasmForward {
    if (this.forward === null) throw new Error('invariant: the device is in use after dispose');
    return this.forward;
  }

  private runRows(forward: WasmForward, rows: RowBatch): void {
    forward.setSlotLists(rows.slotLists);
    const inputs = forward.rowInputs(rows.count);
    inputs.tokens.set(rows.tokens.subarray(0, rows.count));
    inputs.positions.set(rows.positions.subarray(0, rows.count));
    inputs.listStarts.set(rows.listStarts.subarray(0, rows.count));
    forward.forward(rows.count);
  }

  /** One row for each distinct prefix among the live lanes: the token they sampled last. Sets the
   * lanes' `sources`; returns the number of rows. */
  private runLanes(
    forward: WasmForward,
    plan: DecodePlan,
    live: readonly number[],
    sources: Uint32Array,
    result: DecodeResult,
  ): number {
    const inputs = forward.rowInputs(live.length);
    const leaders: number[] = [];
    const rowOfPrefix = new Map<number, number>();
    for (const lane of live) {
      const token = result.tokens[lane * plan.steps + result.counts[lane] - 1];
      const prefix = sources[lane] * this.config.vocab + token;
      let row = rowOfPrefix.get(prefix);
      if (row === undefined) {
        row = leaders.push(lane) - 1;
        rowOfPrefix.set(prefix, row);
        inputs.tokens[row] = token;
        inputs.positions[row] = plan.firstPositions[lane] + result.counts[lane] - 1;
        inputs.listStarts[row] = plan.laneListStarts[lane];
      }
      sources[lane] = row;
    }
    forward.forward(leaders.length);
    for (const lane of live) {
      const starts = [plan.laneListStarts[leaders[sources[lane]]], plan.laneListStarts[lane]];
      const position = plan.firstPositions[lane] + result.counts[lane] - 1;
      this.share(forward, plan, [starts[0], starts[1]], position);
    }
    return leaders.length;
  }

  /** Gives what one list holds at a position to another list with a slot of its own there. */
  private share(
    forward: WasmForward,
    { rows }: DecodePlan,
    [from, to]: readonly [number, number],
    position: number,
  ): void {
    const slots = [rows.slotLists[from + position], rows.slotLists[to + position]];
    if (slots[0] !== slots[1]) forward.copySlot(slots[0], slots[1]);
  }

  /** Samples one token; returns whether the lane goes on. */
  private sampleLane(
    forward: WasmForward,
    plan: DecodePlan,
    lane: number,
    logits: number,
    stopsLeft: Uint32Array,
    result: DecodeResult,
  ): boolean {
    const temperature = plan.temperatures[lane];
    const filtered = temperature > 0 && (plan.topK[lane] > 0 || plan.topP[lane] < 1);
    if (filtered) this.filter(forward, logits, temperature, plan.topK[lane], plan.topP[lane]);
    // Several lanes may read one row, so it must stay as it is: top-k and top-p work on a copy.
    const count = result.counts[lane];
    const token = this.kernels.sampleRow(
      ...([logits, filtered ? this.keys : logits, this.config.vocab, temperature] as const),
      ...([plan.streams[lane * 2], plan.streams[lane * 2 + 1]] as const),
      ...([plan.firstPositions[lane] + count, this.logProb] as const),
    );
    result.tokens[lane * plan.steps + count] = token;
    result.logProbs[lane * plan.steps + count] = forward.memory.floats(this.logProb, 1)[0];
    result.counts[lane] = count + 1;
    if (plan.stopTokens.includes(token)) stopsLeft[lane]--;
    return (
      stopsLeft[lane] > 0 && !plan.finalTokens.includes(token) && count + 1 < plan.maxTokens[lane]
    );
  }

  private filter(
    forward: WasmForward,
    logits: number,
    temperature: number,
    topK: number,
    topP: number,
  ): void {
    const { vocab } = this.config;
    const values = forward.memory.floats(logits, vocab);
    const keys = forward.memory.floats(this.keys, vocab).fill(-Infinity);
    for (const token of keptTokens(values, temperature, topK, topP)) keys[token] = values[token];
  }
}
