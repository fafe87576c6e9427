/** The shipped policy on the GPU and on the CPU: the same seed gives the same tokens. */
import { describe, expect, it } from 'vitest';
import { childStream, pcg4d, toGumbel, type Stream } from '../../shared/random.ts';
import type { Engine } from '../engine.ts';
import { createCpuEngine } from '../load-engine.ts';
import { loadModel } from '../weights/load-model.ts';
import { createWebGpuEngine } from './create-engine.ts';
import { servedModel } from './testing/fixture-model.ts';

/** Plain sampling, the two ways to narrow it, and both: 50 lanes in all. */
const RULES = [
  { lanes: 20, topK: 0, topP: 1 },
  { lanes: 10, topK: 5, topP: 1 },
  { lanes: 10, topK: 0, topP: 0.9 },
  { lanes: 10, topK: 9, topP: 0.95 },
];
const LANES = 50;
const STEPS = 20;
/** Draws whose keys are closer than this may go either way in f32. */
const NEAR_TIE = 1e-4;

async function sample(engine: Engine, prompt: number[], streams: Stream[]): Promise<number[][]> {
  const [sequence] = await engine.prefill([prompt]);
  let first = 0;
  const requests = RULES.map(({ lanes, topK, topP }) => {
    const own = streams.slice(first, (first += lanes));
    return { sequence, streams: own, topK, topP, temperature: 1, maxTokens: STEPS, stopTokens: [] };
  });
  const results = (await engine.step(requests)).flat();
  for (const result of results) engine.free(result.sequence);
  engine.free(sequence);
  return results.map(({ tokens }) => [...tokens]);
}

/** How far apart the Gumbel keys of two tokens are behind `text`, by the logits of `engine`. */
async function keyGap(
  engine: Engine,
  text: number[],
  [s0, s1]: Stream,
  [a, b]: [number, number],
): Promise<number> {
  const [sequence] = await engine.prefill([text.slice(0, -1)]);
  const [logits] = await engine.score([{ sequence, tokens: text.slice(-1) }]);
  engine.free(sequence);
  const words = new Uint32Array(4);
  const [first, second] = [a, b].map((token) => {
    pcg4d(s0, s1, text.length, token >> 2, words);
    return logits[token] + toGumbel(words[token & 3]);
  });
  return Math.abs(first - second);
}

describe('WebGPU beside WASM', () => {
  it('samples the same 1,000 tokens but for near ties', async () => {
    const model = await loadModel(servedModel('/public/models/policy'));
    const cpu = await createCpuEngine(model);
    const gpu = await createWebGpuEngine(model, { allowSoftware: true, slots: 4096, maxRows: 64 });
    const prompt = model.tokenizer.encode('make 24: 4 6 7 8\n');
    const streams = Array.from({ length: LANES }, (_, i) => childStream([2024, 7], i));
    const want = await sample(cpu, prompt, streams);
    const got = await sample(gpu, prompt, streams);
    let compared = 0;
    for (const [lane, tokens] of want.entries()) {
      const at = tokens.findIndex((token, i) => token !== got[lane][i]);
      compared += at === -1 ? tokens.length : at + 1;
      if (at === -1) continue;
      const text = [...prompt, ...tokens.slice(0, at)];
      const rivals: [number, number] = [tokens[at], got[lane][at]];
      expect(await keyGap(cpu, text, streams[lane], rivals)).toBeLessThan(NEAR_TIE);
    }
    expect(compared).toBeGreaterThan(0.95 * LANES * STEPS);
    await cpu.dispose();
    await gpu.dispose();
  });
});
