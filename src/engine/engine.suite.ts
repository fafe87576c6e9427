/**
 * What every engine must do, whatever runs it. Runs on the tiny random models of test/fixtures, in
 * Node and in the browser.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import goldenPolicy from '../../test/fixtures/golden/tiny-llama.json';
import goldenPrm from '../../test/fixtures/golden/tiny-prm.json';
import { childStream, type Stream } from '../shared/random.ts';
import type { Engine, Sequence, StepRequest } from './engine.ts';
import { logSumExp, sampleToken } from './reference/sampling.ts';

export interface EngineUnderTest {
  /** Opens an engine on one of the two tiny models. */
  open(
    model: 'tiny-llama' | 'tiny-prm',
    options: { slots: number; maxRows: number },
  ): Promise<Engine>;
  /** Largest difference between two ways to the same number; 0 where rows never mix. */
  readonly tolerance: number;
  /** Random cases for each property: fewer where the engine is slow. */
  readonly runs: number;
}

const VOCAB = 80;
const STREAM: Stream = [11, 22];
const tokensArbitrary = fc.array(fc.integer({ min: 0, max: VOCAB - 1 }), {
  minLength: 2,
  maxLength: 12,
});

function near(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
  }
  expect(worst).toBeLessThanOrEqual(tolerance);
}

/** Outputs at positions 1 … of a text, from a fresh sequence. */
async function readText(engine: Engine, tokens: readonly number[]): Promise<Float32Array> {
  const [sequence] = await engine.prefill([tokens.slice(0, 1)]);
  const [outputs] = await engine.score([{ sequence, tokens: tokens.slice(1) }]);
  engine.free(sequence);
  return outputs;
}

function stepOf(sequence: Sequence, streams: readonly Stream[], more: Partial<StepRequest> = {}) {
  return { sequence, streams, temperature: 1, maxTokens: 8, stopTokens: [], ...more };
}

async function sampleOne(
  engine: Engine,
  prompt: readonly number[],
  stream: Stream,
  more: Partial<StepRequest> = {},
): Promise<{ tokens: readonly number[]; logProbs: readonly number[] }> {
  const [sequence] = await engine.prefill([prompt]);
  const [[result]] = await engine.step([stepOf(sequence, [stream], more)]);
  engine.free(result.sequence);
  engine.free(sequence);
  return { tokens: result.tokens, logProbs: result.logProbs };
}

const codeOf = (code: string) => expect.objectContaining({ code });

export function describeEngine(name: string, subject: EngineUnderTest): void {
  const { tolerance } = subject;
  const runs = { numRuns: subject.runs };

  describe(`${name}: engine`, () => {
    let engine: Engine;
    beforeEach(async () => {
      engine = await subject.open('tiny-llama', { slots: 512, maxRows: 16 });
    });
    afterEach(() => engine.dispose());

    const expectEmpty = () =>
      expect(engine.pool).toMatchObject({ slotsUsed: 0, sequences: 0, copiedBytes: 0 });

    it('agrees with the golden logits of PyTorch', async () => {
      for (const { tokens, positions, logits } of goldenPolicy.cases) {
        const outputs = await readText(engine, tokens);
        positions.forEach((position, i) => {
          if (position === 0) return;
          near(outputs.subarray((position - 1) * VOCAB, position * VOCAB), logits[i], 1e-4);
        });
      }
      expectEmpty();
    });

    it('agrees with the golden values of PyTorch', async () => {
      const prm = await subject.open('tiny-prm', { slots: 512, maxRows: 16 });
      for (const { tokens, values } of goldenPrm.cases) {
        near(await readText(prm, tokens), values.slice(1), 1e-4);
      }
      await prm.dispose();
    });

    it('reads many texts at once as it reads each alone', async () => {
      const texts = fc.array(tokensArbitrary, { minLength: 2, maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(texts, async (batch) => {
          const sequences = await engine.prefill(batch.map((tokens) => tokens.slice(0, 1)));
          const outputs = await engine.score(
            batch.map((tokens, i) => ({ sequence: sequences[i], tokens: tokens.slice(1) })),
          );
          for (const sequence of sequences) engine.free(sequence);
          for (const [i, tokens] of batch.entries()) {
            near(outputs[i], await readText(engine, tokens), tolerance);
          }
        }),
        runs,
      );
      expectEmpty();
    });

    it('reads a fork as it reads the whole text anew', async () => {
      await fc.assert(
        fc.asyncProperty(tokensArbitrary, tokensArbitrary, tokensArbitrary, async (a, b, c) => {
          const [parent] = await engine.prefill([a]);
          const [left, right] = engine.fork(parent, 2);
          const [forLeft, forRight] = await engine.score([
            { sequence: left, tokens: b },
            { sequence: right, tokens: c },
          ]);
          for (const sequence of [parent, left, right]) engine.free(sequence);
          const from = (a.length - 1) * VOCAB;
          near(forLeft, (await readText(engine, [...a, ...b])).subarray(from), tolerance);
          near(forRight, (await readText(engine, [...a, ...c])).subarray(from), tolerance);
        }),
        runs,
      );
      expectEmpty();
    });

    it('reads in passes of few rows as it reads in one', async () => {
      const small = await subject.open('tiny-llama', { slots: 64, maxRows: 3 });
      await fc.assert(
        fc.asyncProperty(tokensArbitrary, async (tokens) => {
          near(await readText(small, tokens), await readText(engine, tokens), tolerance);
          const sampled = await sampleOne(small, tokens, STREAM);
          expect(sampled.tokens).toEqual((await sampleOne(engine, tokens, STREAM)).tokens);
        }),
        runs,
      );
      await small.dispose();
    });

    it('gives the same numbers in any slots', async () => {
      const prompt = [1, 60, 48, 58, 52, 9, 27, 29];
      const expected = await readText(engine, prompt);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(9), { minLength: 1, maxLength: 8 }), async (order) => {
          const made = await engine.prefill(order.map((n) => prompt.slice(0, (n % 3) + 1)));
          // Freed in a shuffled order: the pool then hands slots out in that order.
          const held = order
            .map((key, i) => ({ key, sequence: made[i] }))
            .sort((a, b) => a.key - b.key)
            .map(({ sequence }) => sequence);
          const keep = held.pop();
          for (const sequence of held) engine.free(sequence);
          near(await readText(engine, prompt), expected, tolerance);
          if (keep) engine.free(keep);
        }),
        runs,
      );
      expectEmpty();
    });

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

    it('scores what follows a sampled sequence', async () => {
      const prompt = [1, 60, 48];
      const [sequence] = await engine.prefill([prompt]);
      const [[sampled]] = await engine.step([stepOf(sequence, [STREAM])]);
      const [outputs] = await engine.score([{ sequence: sampled.sequence, tokens: [9, 30, 31] }]);
      const text = [...prompt, ...sampled.tokens, 9, 30, 31];
      const expected = (await readText(engine, text)).subarray(-3 * VOCAB);
      near(outputs, expected, tolerance);
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

    it('truncates to a prefix that reads and samples like a fresh one', async () => {
      await fc.assert(
        fc.asyncProperty(tokensArbitrary, fc.nat(), tokensArbitrary, async (a, cut, b) => {
          const [sequence] = await engine.prefill([a]);
          const [sibling] = engine.fork(sequence, 1);
          const [[child]] = await engine.step([stepOf(sequence, [STREAM])]);
          const length = 1 + (cut % a.length);
          engine.truncate(child.sequence, length);
          expect(child.sequence.length).toBe(length);
          const [again] = await engine.step([stepOf(child.sequence, [STREAM])]);
          const fresh = await sampleOne(engine, a.slice(0, length), STREAM);
          expect(again[0].tokens).toEqual(fresh.tokens);
          const [outputs] = await engine.score([{ sequence: sibling, tokens: b }]);
          const expected = await readText(engine, [...a, ...b]);
          near(outputs, expected.subarray((a.length - 1) * VOCAB), tolerance);
          for (const open of [sequence, sibling, child.sequence, again[0].sequence]) {
            engine.free(open);
          }
        }),
        runs,
      );
      expectEmpty();
    });

    it('forks without a slot and without copying KV data', async () => {
      const [sequence] = await engine.prefill([[1, 60, 48, 58, 52]]);
      const before = engine.pool.slotsUsed;
      const forks = engine.fork(sequence, 50);
      expect(engine.pool).toMatchObject({ slotsUsed: before, sequences: 51, copiedBytes: 0 });
      for (const fork of forks) engine.free(fork);
      engine.free(sequence);
      expectEmpty();
    });

    it('says out-of-slots before any work and changes nothing', async () => {
      const small = await subject.open('tiny-llama', { slots: 20, maxRows: 4 });
      const [sequence] = await small.prefill([[1, 60, 48, 58]]);
      const before = small.pool;
      const request = stepOf(sequence, [STREAM, [1, 2], [3, 4]], { maxTokens: 6 });
      await expect(small.step([request])).rejects.toThrow(codeOf('out-of-slots'));
      await expect(small.prefill([[1, 2, 3], new Array(14).fill(9)])).rejects.toThrow(
        codeOf('out-of-slots'),
      );
      const tokens = new Array<number>(17).fill(9);
      await expect(small.score([{ sequence, tokens }])).rejects.toThrow(codeOf('out-of-slots'));
      expect(small.pool).toEqual(before);
      expect(sequence.length).toBe(4);
      const [results] = await small.step([{ ...request, maxTokens: 5 }]);
      const alone = await sampleOne(engine, [1, 60, 48, 58], STREAM, { maxTokens: 5 });
      expect(results[0].tokens).toEqual(alone.tokens);
      await small.dispose();
    });

    it('frees what a stopped call had made and goes on working', async () => {
      const [sequence] = await engine.prefill([[1, 60, 48, 58]]);
      const before = engine.pool;
      const stop = new AbortController();
      const streams = Array.from({ length: 20 }, (_, i): Stream => [i, i]);
      const running = engine.step([stepOf(sequence, streams, { maxTokens: 20 })], {
        signal: stop.signal,
      });
      const caught = expect(running).rejects.toThrow(codeOf('aborted'));
      while (engine.pool.sequences === 1) await Promise.resolve();
      stop.abort();
      await caught;
      expect(engine.pool).toEqual(before);
      const [[result]] = await engine.step([stepOf(sequence, [STREAM])]);
      expect(result.tokens).toEqual((await sampleOne(engine, [1, 60, 48, 58], STREAM)).tokens);
    });

    it('does not begin a call that was stopped while it waited', async () => {
      const stop = new AbortController();
      const first = engine.prefill([[1, 2]]);
      const second = engine.prefill([[1, 2]], { signal: stop.signal });
      stop.abort();
      await expect(second).rejects.toThrow(codeOf('aborted'));
      engine.free((await first)[0]);
      expectEmpty();
    });

    it('leaves a sequence as it was when its scoring is stopped', async () => {
      const [sequence] = await engine.prefill([[1, 60, 48]]);
      const before = engine.pool;
      const stop = new AbortController();
      const tokens = new Array<number>(200).fill(30);
      const running = engine.score([{ sequence, tokens }], { signal: stop.signal });
      const caught = expect(running).rejects.toThrow(codeOf('aborted'));
      while (engine.pool.sequences === 1) await Promise.resolve();
      stop.abort();
      await caught;
      expect(engine.pool).toEqual(before);
      expect(sequence.length).toBe(3);
    });

    it('runs overlapping calls one after another', async () => {
      const prompt = [1, 60, 48];
      const [sequence] = await engine.prefill([prompt]);
      const seeds: Stream[] = [STREAM, [5, 6], [7, 8]];
      const together = await Promise.all(
        seeds.map((stream) => engine.step([stepOf(sequence, [stream])])),
      );
      for (const [i, [[result]]] of together.entries()) {
        expect(result.tokens).toEqual((await sampleOne(engine, prompt, seeds[i])).tokens);
      }
    });

    it('lets a parent be freed while its children are being sampled', async () => {
      const prompt = [1, 60, 48];
      const [sequence] = await engine.prefill([prompt]);
      const running = engine.step([stepOf(sequence, [STREAM])]);
      while (engine.pool.sequences === 1) await Promise.resolve();
      engine.free(sequence);
      const [[result]] = await running;
      expect(result.tokens).toEqual((await sampleOne(engine, prompt, STREAM)).tokens);
      engine.free(result.sequence);
      expectEmpty();
    });

    it('refuses texts beyond the positions of the model', async () => {
      const limit = engine.config.maxPositions;
      const large = await subject.open('tiny-llama', { slots: limit + 50, maxRows: 64 });
      const long = new Array<number>(limit - 1).fill(30);
      await expect(large.prefill([[...long, 1, 1]])).rejects.toThrow(codeOf('bad-input'));
      const [sequence] = await large.prefill([long]);
      const [[result]] = await large.step([stepOf(sequence, [STREAM])]);
      expect(result.tokens).toHaveLength(1);
      await expect(large.step([stepOf(result.sequence, [STREAM])])).rejects.toThrow(
        codeOf('bad-input'),
      );
      await large.dispose();
    });

    it('calls misuse a bug', async () => {
      const [sequence] = await engine.prefill([[1, 2, 3]]);
      engine.free(sequence);
      expect(() => engine.free(sequence)).toThrow('invariant');
      expect(() => engine.fork(sequence, 1)).toThrow('invariant');
      await expect(engine.prefill([[VOCAB]])).rejects.toThrow('invariant');
      await expect(engine.prefill([[]])).rejects.toThrow('invariant');
    });

    it('can be disposed of twice, and not used afterwards', async () => {
      await engine.dispose();
      await engine.dispose();
      await expect(engine.prefill([[1]])).rejects.toThrow('invariant');
    });
  });
}
