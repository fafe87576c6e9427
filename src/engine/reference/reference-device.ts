/** The float64 twin as a transformer device: slow, plain, the oracle of all others. */
import type { DecodePlan, DecodeResult, RowBatch, TransformerDevice } from '../device.ts';
import type { ModelConfig } from '../weights/model-config.ts';
import type { ModelTensors } from '../weights/model-tensors.ts';
import { forward, type KvMemory, type Row } from './forward.ts';
import { sampleToken } from './sampling.ts';

export interface ReferenceOptions {
  readonly slots?: number;
  readonly maxRows?: number;
  readonly stepsPerPlan?: number;
}

export class ReferenceDevice implements TransformerDevice {
  readonly backend = 'reference';
  readonly label = 'Reference (float64)';
  readonly outputs: number;
  readonly slots: number;
  readonly maxRows: number;
  readonly stepsPerPlan: number;
  private readonly memory: KvMemory;

  constructor(
    readonly config: ModelConfig,
    private readonly tensors: ModelTensors,
    options: ReferenceOptions = {},
  ) {
    this.outputs = config.head === 'value' ? 1 : config.vocab;
    this.slots = options.slots ?? 4096;
    this.maxRows = options.maxRows ?? 64;
    this.stepsPerPlan = options.stepsPerPlan ?? 4;
    this.memory = Array.from({ length: config.layers }, () => []);
  }

  async run(rows: RowBatch, outputRows: Uint32Array): Promise<Float32Array> {
    const outputs = forward(this.config, this.tensors, this.memory, rowsOf(rows));
    const result = new Float32Array(outputRows.length * this.outputs);
    outputRows.forEach((row, i) => result.set(outputs[row], i * this.outputs));
    return result;
  }

  async decode(plan: DecodePlan): Promise<DecodeResult> {
    const result: DecodeResult = {
      counts: new Uint32Array(plan.lanes),
      tokens: new Uint32Array(plan.lanes * plan.steps),
      logProbs: new Float32Array(plan.lanes * plan.steps),
    };
    const first = forward(this.config, this.tensors, this.memory, rowsOf(plan.rows));
    for (let lane = 0; lane < plan.lanes; lane++) {
      this.decodeLane(plan, lane, first[plan.sources[lane]], result);
    }
    return result;
  }

  async dispose(): Promise<void> {
    for (const layer of this.memory) layer.length = 0;
  }

  private decodeLane(
    plan: DecodePlan,
    lane: number,
    firstLogits: Float64Array,
    result: DecodeResult,
  ): void {
    let logits = firstLogits;
    let stopsLeft = plan.stopCounts[lane];
    const start = plan.laneListStarts[lane];
    for (let k = 0; k < plan.maxTokens[lane]; k++) {
      const position = plan.firstPositions[lane] + k;
      const { token, logProb } = sampleToken(logits, {
        stream0: plan.streams[lane * 2],
        stream1: plan.streams[lane * 2 + 1],
        position,
        temperature: plan.temperatures[lane],
        topK: plan.topK[lane],
        topP: plan.topP[lane],
      });
      result.tokens[lane * plan.steps + k] = token;
      result.logProbs[lane * plan.steps + k] = logProb;
      result.counts[lane] = k + 1;
      if (plan.stopTokens.includes(token)) stopsLeft--;
      if (stopsLeft === 0 || plan.finalTokens.includes(token)) return;
      if (k + 1 === plan.maxTokens[lane]) return;
      const slots = plan.rows.slotLists.subarray(start, start + position + 1);
      const [next] = forward(this.config, this.tensors, this.memory, [{ token, position, slots }]);
      logits = next;
    }
  }
}

function rowsOf(batch: RowBatch): Row[] {
  return Array.from({ length: batch.count }, (_, r) => {
    const start = batch.listStarts[r];
    const position = batch.positions[r];
    return {
      token: batch.tokens[r],
      position,
      slots: batch.slotLists.subarray(start, start + position + 1),
    };
  });
}
