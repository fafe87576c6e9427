/** Numbers do not depend on batches, forks, passes and slots. Part of `engine.suite.ts`. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import goldenInt8 from '../../test/fixtures/golden/tiny-int8.json';
import goldenPolicy from '../../test/fixtures/golden/tiny-llama.json';
import goldenPrm from '../../test/fixtures/golden/tiny-prm.json';
import type { Engine } from './engine.ts';
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

export function describeReading(subject: EngineUnderTest): void {
  const { tolerance } = subject;
  const runs = { numRuns: subject.runs };
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

  it.each([
    ['tiny-prm', goldenPrm],
    ['tiny-int8', goldenInt8],
  ] as const)('agrees with the golden values of PyTorch: %s', async (name, golden) => {
    const prm = await subject.open(name, { slots: 512, maxRows: 16 });
    for (const { tokens, values } of golden.cases) {
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

  it('scores what follows a sampled sequence', async () => {
    const prompt = [1, 60, 48];
    const [sequence] = await engine.prefill([prompt]);
    const [[sampled]] = await engine.step([stepOf(sequence, [STREAM])]);
    const [outputs] = await engine.score([{ sequence: sampled.sequence, tokens: [9, 30, 31] }]);
    const text = [...prompt, ...sampled.tokens, 9, 30, 31];
    const expected = (await readText(engine, text)).subarray(-3 * VOCAB);
    near(outputs, expected, tolerance);
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
}
