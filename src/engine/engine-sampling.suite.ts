/** Which tokens are drawn, and when sampling ends. Part of `engine.suite.ts`. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { childStream } from '../shared/random.ts';
import type { Engine, StepRequest } from './engine.ts';
import { logSumExp, sampleToken } from './reference/sampling.ts';
import {
  near,
  readText,
  sampleOne,
  STREAM,
  stepOf,
  tokensArbitrary,
  VOCAB,
  type EngineUnderTest,
} from './testing/engine-under-test.ts';

export function describeSampling(subject: EngineUnderTest): void {
  const { tolerance } = subject;
  const runs = { numRuns: subject.runs };
  let engine: Engine;
  beforeEach(async () => {
    engine = await subject.open('tiny-llama', { slots: 512, maxRows: 16 });
  });
  afterEach(() => engine.dispose());

  const expectEmpty = () =>
    expect(engine.pool).toMatchObject({ slotsUsed: 0, sequences: 0, copiedBytes: 0 });

  it('samples the same tokens from a stream whatever runs beside it', async () => {
    const streams = fc.array(fc.nat(1000), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(tokensArbitrary, tokensArbitrary, streams, async (a, b, seeds) => {
        const alone = await sampleOne(engine, a, STREAM);
        const others = seeds.map((seed) => childStream(STREAM, seed));
        const at = seeds[0] % (seeds.length + 1);
        const mixed = [...others.slice(0, at), STREAM, ...others.slice(at)];
        const [first, second] = await engine.prefill([b, a]);
        const results = await engine.step([
          stepOf(first, others, { temperature: 0.7, maxTokens: 5 }),
          stepOf(second, mixed),
        ]);
        expect(results[1][at].tokens).toEqual(alone.tokens);
        near(results[1][at].logProbs, alone.logProbs, tolerance);
        for (const { sequence } of results.flat()) engine.free(sequence);
        engine.free(first);
        engine.free(second);
      }),
      runs,
    );
    expectEmpty();
  });

  it('samples what the float64 rule samples from its logits', async () => {
    const rules = [
      { temperature: 1 },
      { temperature: 0 },
      { temperature: 0.5, topK: 3 },
      { temperature: 1.5, topP: 0.6 },
      { temperature: 1, topK: 10, topP: 0.9 },
    ];
    const prompt = [1, 60, 48, 58, 52];
    for (const [index, rule] of rules.entries()) {
      const stream = childStream(STREAM, index);
      const { tokens, logProbs } = await sampleOne(engine, prompt, stream, {
        ...rule,
        maxTokens: 40,
      });
      expect(tokens).toHaveLength(40);
      const outputs = await readText(engine, [...prompt, ...tokens]);
      tokens.forEach((token, i) => {
        const position = prompt.length + i;
        const logits = outputs.subarray((position - 2) * VOCAB, (position - 1) * VOCAB);
        const expected = sampleToken(logits, {
          stream0: stream[0],
          stream1: stream[1],
          position,
          topK: 0,
          topP: 1,
          ...rule,
        });
        expect(token).toBe(expected.token);
        expect(logProbs[i]).toBeCloseTo(logits[token] - logSumExp(logits), 4);
      });
    }
  });

  it('draws tokens as often as the softmax says', async () => {
    const prompt = [1, 60];
    const [sequence] = await engine.prefill([prompt]);
    const samples = 2000;
    const counts = new Float64Array(VOCAB);
    for (let done = 0; done < samples; done += 200) {
      const streams = Array.from({ length: 200 }, (_, i) => childStream([3, 4], done + i));
      const [results] = await engine.step([stepOf(sequence, streams, { maxTokens: 1 })]);
      for (const result of results) {
        counts[result.tokens[0]]++;
        engine.free(result.sequence);
      }
    }
    const logits = (await readText(engine, [1, 60])).subarray(0, VOCAB);
    const total = logSumExp(logits);
    let chiSquared = 0;
    for (let v = 0; v < VOCAB; v++) {
      const expected = samples * Math.exp(logits[v] - total);
      chiSquared += (counts[v] - expected) ** 2 / expected;
    }
    // 79 degrees of freedom: 140 is beyond the 99.99th percentile; the draws are fixed.
    expect(chiSquared).toBeLessThan(140);
  });

  it('goes on from a sampled sequence as if it had never stopped', async () => {
    const [sequence] = await engine.prefill([[1, 60, 48]]);
    const [[whole]] = await engine.step([stepOf(sequence, [STREAM], { maxTokens: 12 })]);
    const [[half]] = await engine.step([stepOf(sequence, [STREAM], { maxTokens: 5 })]);
    const [[rest]] = await engine.step([stepOf(half.sequence, [STREAM], { maxTokens: 7 })]);
    expect([...half.tokens, ...rest.tokens]).toEqual(whole.tokens);
    expect(rest.sequence.length).toBe(3 + 12);
    expect(sequence.length).toBe(3);
  });

  it('stops at stop tokens, their count, final tokens and the limit', async () => {
    const prompt = [1, 60, 48];
    const free = await sampleOne(engine, prompt, STREAM, { maxTokens: 30 });
    const stop = free.tokens[6];
    const positions = free.tokens.flatMap((token, i) => (token === stop ? [i] : []));
    const upTo = async (more: Partial<StepRequest>) =>
      (await sampleOne(engine, prompt, STREAM, { maxTokens: 30, ...more })).tokens.length;
    expect(free.tokens).toHaveLength(30);
    expect(await upTo({ stopTokens: [stop] })).toBe(positions[0] + 1);
    expect(await upTo({ stopTokens: [stop], stopCount: 2 })).toBe((positions[1] ?? 29) + 1);
    expect(await upTo({ stopTokens: [stop], stopCount: 9, finalTokens: [stop] })).toBe(
      positions[0] + 1,
    );
    expect(await upTo({ maxTokens: 4 })).toBe(4);
  });

  it('counts stop tokens over the whole continuation', async () => {
    const prompt = [1, 60, 48];
    const more = { maxTokens: 60, temperature: 0.5 };
    const { tokens } = await sampleOne(engine, prompt, STREAM, more);
    // Tokens whose first two places lie far apart, so that they fall into different passes.
    const placesOf = (token: number) => tokens.flatMap((t, i) => (t === token ? [i] : []));
    const apart = [...new Set(tokens)].filter((token) => {
      const [first, second] = placesOf(token);
      return second - first > 8;
    });
    expect(apart.length).toBeGreaterThan(3);
    for (const token of apart) {
      const request = { ...more, stopTokens: [token], stopCount: 2 };
      const cut = await sampleOne(engine, prompt, STREAM, request);
      expect(cut.tokens).toEqual(tokens.slice(0, placesOf(token)[1] + 1));
    }
  });

  it('runs requests with different stop tokens side by side', async () => {
    const prompt = [1, 60, 48];
    const free = await sampleOne(engine, prompt, STREAM, { maxTokens: 20 });
    const [sequence] = await engine.prefill([prompt]);
    const results = await engine.step([
      stepOf(sequence, [STREAM], { maxTokens: 20, stopTokens: [free.tokens[3]] }),
      stepOf(sequence, [STREAM], { maxTokens: 20, finalTokens: [free.tokens[7]] }),
    ]);
    const first = free.tokens.indexOf(free.tokens[3]) + 1;
    const second = free.tokens.indexOf(free.tokens[7]) + 1;
    expect(results.map(([result]) => result.tokens)).toEqual([
      free.tokens.slice(0, first),
      free.tokens.slice(0, second),
    ]);
  });
}
