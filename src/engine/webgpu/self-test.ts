/**
 * Proof at start that a device computes this model: outputs of a short text, row by row and in one
 * pass, against known ones, and a sampled token against the twin. Drivers do miscompile shaders.
 */
import { AppError } from '../../shared/errors.ts';
import type { DecodePlan, RowBatch, TransformerDevice } from '../device.ts';
import { forward } from '../reference/forward.ts';
import { sampleToken } from '../reference/sampling.ts';
import type { ModelConfig } from '../weights/model-config.ts';
import type { ModelTensors } from '../weights/model-tensors.ts';

export interface SelfTestCase {
  readonly tokens: readonly number[];
  /** Known outputs after each token, `[tokens.length, outputs]`. */
  readonly outputs: ArrayLike<number>;
}

const TOKENS = 12;
/** Of the largest known output: f32 sums stay a hundred times below, a wrong kernel far above. */
const TOLERANCE = 2e-3;
/** Multiplications the float64 twin may spend: a few tenths of a second. */
const TWIN_BUDGET = 5e7;

/** What the float64 twin computes; null where the model is too large for it. */
export function twinCase(config: ModelConfig, tensors: ModelTensors): SelfTestCase | null {
  const { dim, ffDim, layers, vocab } = config;
  const work = TOKENS * (layers * (4 * dim * dim + 3 * dim * ffDim) + dim * vocab);
  if (work > TWIN_BUDGET) return null;
  const length = Math.min(TOKENS, config.maxPositions);
  const tokens = Array.from(
    { length },
    (_, i) => (i === 0 ? (config.bosToken ?? 0) : i * 31) % vocab,
  );
  const memory = Array.from({ length: layers }, () => []);
  const slots = tokens.map((_, i) => i);
  const rows = tokens.map((token, position) => ({ token, position, slots }));
  const outputs = forward(config, tensors, memory, rows);
  return { tokens, outputs: outputs.flatMap((row) => [...row]) };
}

/** Throws AppError `no-webgpu` on a mismatch. Uses the first slots; call before the device is in use. */
export async function selfTest(device: TransformerDevice, known: SelfTestCase): Promise<void> {
  const tokens = known.tokens.slice(0, Math.min(device.slots, device.maxRows));
  const outputs = Array.from(known.outputs).slice(0, tokens.length * device.outputs);
  const test: SelfTestCase = { tokens, outputs };
  const all = batchOf(tokens, 0, tokens.length);
  const whole = await device.run(
    all,
    Uint32Array.from(tokens, (_, row) => row),
  );
  compare(whole, outputs, 'in one pass');
  const last = tokens.length - 1;
  const one = await device.run(batchOf(tokens, last, tokens.length), Uint32Array.of(0));
  compare(one, outputs.slice(last * device.outputs), 'row by row');
  if (device.config.head === 'causal') await checkSampling(device, test);
}

async function checkSampling(device: TransformerDevice, test: SelfTestCase): Promise<void> {
  const position = test.tokens.length;
  const logits = Array.from(test.outputs).slice((position - 1) * device.outputs);
  const temperatures = [0, 1];
  const result = await device.decode(samplingPlan(test.tokens, temperatures));
  temperatures.forEach((temperature, lane) => {
    const rule = { stream0: 1, stream1: 2, position, temperature, topK: 0, topP: 1 };
    const want = sampleToken(logits, rule);
    const sampled = result.tokens[lane];
    if (sampled !== want.token || Math.abs(result.logProbs[lane] - want.logProb) > 0.01) {
      throw mismatch(`sampled token ${sampled}, expected ${want.token}`);
    }
  });
}

function samplingPlan(tokens: readonly number[], temperatures: readonly number[]): DecodePlan {
  const lanes = temperatures.length;
  const same = (value: number): Uint32Array => new Uint32Array(lanes).fill(value);
  return {
    rows: batchOf(tokens, tokens.length - 1, tokens.length),
    lanes,
    steps: 1,
    sources: same(0),
    firstPositions: same(tokens.length),
    laneListStarts: same(0),
    streams: Uint32Array.from({ length: 2 * lanes }, (_, i) => 1 + (i % 2)),
    temperatures: Float32Array.from(temperatures),
    topK: same(0),
    topP: new Float32Array(lanes).fill(1),
    maxTokens: same(1),
    stopCounts: same(1),
    stopTokens: [],
    finalTokens: [],
  };
}

function batchOf(tokens: readonly number[], from: number, to: number): RowBatch {
  const count = to - from;
  return {
    count,
    tokens: Uint32Array.from(tokens.slice(from, to)),
    positions: Uint32Array.from({ length: count }, (_, row) => from + row),
    listStarts: new Uint32Array(count),
    slotLists: Uint32Array.from({ length: to }, (_, slot) => slot),
  };
}

function compare(actual: ArrayLike<number>, expected: ArrayLike<number>, how: string): void {
  let highest = 1;
  for (let i = 0; i < expected.length; i++) highest = Math.max(highest, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++) {
    // Written so that NaN fails.
    if (!(Math.abs(actual[i] - expected[i]) <= TOLERANCE * highest)) {
      throw mismatch(`output ${i} ${how} is ${actual[i]}, expected ${expected[i]}`);
    }
  }
}

function mismatch(cause: string): AppError {
  return new AppError('no-webgpu', 'This GPU computes the model wrongly (self-test failed).', {
    advice: 'The CPU engine does the same, only slower. A driver update may help.',
    cause,
  });
}
