import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pcg4d, toGumbel } from '../../../shared/random.ts';
import type { DecodePlan } from '../../device.ts';
import { sampleToken } from '../../reference/sampling.ts';
import type { GpuContext } from '../gpu-context.ts';
import {
  openTestContext,
  REDUCTIONS,
  reductionOf,
  runKernel,
  type Reduction,
} from '../testing/kernel-harness.ts';
import { noise } from '../testing/noise.ts';
import { LANE_WORDS, laneWords, resultWords, sampleGrid, sampleVariant } from './sample.ts';

let context: GpuContext;
let reduction: Reduction;
beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context.close());

/** Draws closer than this may go either way in f32. */
const NEAR_TIE = 1e-4;

interface Lane {
  readonly stream: readonly [number, number];
  readonly position: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
}

const LANE: Lane = { stream: [7, 11], position: 5, temperature: 1, topK: 0, topP: 1 };

interface Extra {
  readonly maxTokens?: number;
  readonly stopCount?: number;
  readonly stopTokens?: readonly number[];
  readonly finalTokens?: readonly number[];
  readonly done?: boolean;
}

interface Outcome {
  readonly counts: Uint32Array;
  readonly tokens: Uint32Array;
  readonly logProbs: Float32Array;
  readonly lanes: Uint32Array;
  readonly rows: Uint32Array;
}

async function sample(
  logits: Float32Array<ArrayBuffer>,
  vocab: number,
  lanes: readonly Lane[],
  extra: Extra = {},
): Promise<Outcome> {
  const { maxTokens = 3, stopCount = 1, stopTokens = [], finalTokens = [] } = extra;
  const count = lanes.length;
  const steps = 3;
  const plan: DecodePlan = {
    rows: {
      count,
      tokens: new Uint32Array(count),
      positions: new Uint32Array(count),
      listStarts: new Uint32Array(count),
      slotLists: new Uint32Array(0),
    },
    lanes: count,
    steps,
    sources: Uint32Array.from(lanes, (_, lane) => lane),
    firstPositions: Uint32Array.from(lanes, (lane) => lane.position),
    laneListStarts: Uint32Array.from(lanes, (_, lane) => lane * 100),
    streams: Uint32Array.from(lanes.flatMap((lane) => lane.stream)),
    temperatures: Float32Array.from(lanes, (lane) => lane.temperature),
    topK: Uint32Array.from(lanes, (lane) => lane.topK),
    topP: Float32Array.from(lanes, (lane) => lane.topP),
    maxTokens: new Uint32Array(count).fill(maxTokens),
    stopCounts: new Uint32Array(count).fill(stopCount),
    stopTokens,
    finalTokens,
  };
  const words = laneWords(plan, new Map(lanes.map((_, lane) => [lane, lane])));
  if (extra.done) for (let lane = 0; lane < count; lane++) words[lane * LANE_WORDS + 11] = 1;
  const results = await runKernel(
    context,
    sampleVariant(reductionOf(context, reduction)),
    { lanes: count, steps, stops: stopTokens.length, finals: finalTokens.length },
    [
      Uint32Array.of(vocab),
      logits,
      Uint32Array.of(...stopTokens, ...finalTokens),
      words,
      new Uint32Array(count * 4),
      new Uint32Array(resultWords(count, steps)),
    ],
    sampleGrid(count),
  );
  const [lanesAfter, rows, packed] = results;
  return {
    counts: new Uint32Array(packed, 0, count),
    tokens: new Uint32Array(packed, count * 4, count * steps),
    logProbs: new Float32Array(packed, count * (1 + steps) * 4, count * steps),
    lanes: new Uint32Array(lanesAfter),
    rows: new Uint32Array(rows),
  };
}

/** The gap between the best and the second-best Gumbel key of what is kept, in float64. */
function gapOf(logits: Float32Array, lane: Lane): number {
  const words = new Uint32Array(4);
  const keys = [...logits].map((logit, v) => {
    pcg4d(lane.stream[0], lane.stream[1], lane.position, v >> 2, words);
    return logit / lane.temperature + toGumbel(words[v & 3]);
  });
  keys.sort((a, b) => b - a);
  return keys.length > 1 ? keys[0] - keys[1] : Infinity;
}

/** Samples every lane on the GPU and in float64; all must agree but for near ties. */
async function check(vocab: number, lanes: readonly Lane[], scale = 3): Promise<number> {
  const logits = noise(lanes.length * vocab, vocab).map((value) => value * scale);
  const outcome = await sample(logits, vocab, lanes);
  let ties = 0;
  lanes.forEach((lane, l) => {
    const row = logits.subarray(l * vocab, (l + 1) * vocab);
    const { position, temperature, topK, topP } = lane;
    const [stream0, stream1] = lane.stream;
    const want = sampleToken(row, { stream0, stream1, position, temperature, topK, topP });
    if (outcome.tokens[l * 3] !== want.token && gapOf(row, lane) < NEAR_TIE) {
      ties++;
      return;
    }
    expect(outcome.tokens[l * 3]).toBe(want.token);
    expect(Math.abs(outcome.logProbs[l * 3] - want.logProb)).toBeLessThan(1e-4);
  });
  return ties;
}

const many = (count: number, base: Partial<Lane>): Lane[] =>
  Array.from({ length: count }, (_, i) => ({
    ...LANE,
    stream: [i * 2654435761, i ^ 0x9e3779b9] as const,
    position: i,
    ...base,
  }));

describe.each(REDUCTIONS)('sample by %s', (by) => {
  beforeEach(() => {
    reduction = by;
  });

  it.each([[1], [3], [4], [63], [64], [65], [80], [255], [257], [1000]])(
    'draws from %d entries as the float64 twin does',
    async (vocab) => {
      expect(await check(vocab, many(20, {}))).toBeLessThanOrEqual(1);
    },
  );

  it('agrees over 1,000 draws but for near ties', async () => {
    expect(await check(80, many(1000, {}))).toBeLessThanOrEqual(2);
  });

  it.each([[0.3], [0.7], [2]])('at temperature %s', async (temperature) => {
    expect(await check(80, many(100, { temperature }))).toBeLessThanOrEqual(1);
  });

  it('temperature 0 is argmax, ties to the lowest id', async () => {
    await check(80, many(10, { temperature: 0, topK: 3, topP: 0.5 }));
    const logits = new Float32Array(130).fill(1.5);
    logits[3] = logits[64] = logits[127] = 2;
    const { tokens } = await sample(logits, 130, [{ ...LANE, temperature: 0 }]);
    expect(tokens[0]).toBe(3);
  });

  it.each([[1], [2], [5], [79], [80], [500]])('keeps the top %d', async (topK) => {
    expect(await check(80, many(50, { topK, temperature: 2 }))).toBeLessThanOrEqual(1);
  });

  it.each([[0], [0.01], [0.3], [0.9], [0.999]])('keeps a mass of %s', async (topP) => {
    expect(await check(80, many(50, { topP, temperature: 1.5 }))).toBeLessThanOrEqual(1);
  });

  it('top-k first, then top-p over what is left', async () => {
    expect(
      await check(80, many(100, { topK: 9, topP: 0.7, temperature: 1.5 })),
    ).toBeLessThanOrEqual(1);
  });

  it('breaks ties of top-k by the lowest id', async () => {
    const vocab = 70;
    const logits = new Float32Array(vocab * 64).fill(0);
    const lanes = many(64, { topK: 4 });
    const { tokens } = await sample(logits, vocab, lanes);
    const drawn = new Set(lanes.map((_, l) => tokens[l * 3]));
    expect([...drawn].sort()).toEqual([0, 1, 2, 3]);
  });

  it.each([
    ['largest', (word: number) => word > 0xfffff800],
    ['smallest', (word: number) => word < 0x800],
    ['middling', (word: number) => word > 0x7ffff000 && word < 0x80001000],
  ])('knows the %s noise to a thousandth', async (_, wanted) => {
    const words = new Uint32Array(4);
    let found = 0;
    for (let seed = 0; found < 4 && seed < 20_000_000; seed++) {
      pcg4d(seed, 1, 0, 0, words);
      if (!wanted(words[0])) continue;
      found++;
      // Two rivals a thousandth apart, either way round; the others are out of it.
      const level = toGumbel(words[0]) - toGumbel(words[1]);
      const lane = { ...LANE, stream: [seed, 1] as const, position: 0 };
      for (const [ahead, winner] of [
        [0.001, 1],
        [-0.001, 0],
      ]) {
        const logits = Float32Array.of(0, level + ahead, -1000, -1000);
        expect((await sample(logits, 4, [lane])).tokens[0]).toBe(winner);
      }
    }
    expect(found).toBe(4);
  });

  it('very negative logits and large ones', async () => {
    const logits = Float32Array.of(-1e30, 80, -1e30, 79, -3e38);
    const { tokens, logProbs } = await sample(logits, 5, [LANE]);
    expect([1, 3]).toContain(tokens[0]);
    expect(logProbs[0]).toBeGreaterThan(-2);
  });

  it('prepares the next row, and counts', async () => {
    const logits = noise(80, 1);
    const { tokens, counts, rows, lanes } = await sample(logits, 80, [{ ...LANE, position: 9 }]);
    expect(counts[0]).toBe(1);
    expect([...rows]).toEqual([tokens[0], 9, 0, 1]);
    // Source, next position, list, count, done.
    expect([...lanes.subarray(7)]).toEqual([0, 10, 0, 1, 0]);
  });

  const greedy = Float32Array.of(0, 5, 1, 2);
  const cold = { ...LANE, temperature: 0 };

  it.each([
    { name: 'a stop token', extra: { stopTokens: [3, 1] }, alive: 0 },
    { name: 'the first of two stops', extra: { stopTokens: [1], stopCount: 2 }, alive: 1 },
    { name: 'a final token', extra: { stopTokens: [0], stopCount: 9, finalTokens: [1] }, alive: 0 },
    { name: 'the last token', extra: { maxTokens: 1 }, alive: 0 },
    { name: 'another token', extra: { stopTokens: [0], finalTokens: [2] }, alive: 1 },
  ])('after $name the lane is alive: $alive', async ({ extra, alive }) => {
    const { rows, lanes } = await sample(greedy, 4, [cold], extra);
    expect(rows[3]).toBe(alive);
    expect(lanes[11]).toBe(1 - alive);
  });

  it('leaves lanes that are done alone', async () => {
    const { counts, rows } = await sample(greedy, 4, [cold], { done: true });
    expect(counts[0]).toBe(0);
    expect([...rows]).toEqual([0, 0, 0, 0]);
  });
});
