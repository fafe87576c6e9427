/** Slots, aborts, overlapping calls and misuse. Part of `engine.suite.ts`. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Stream } from '../shared/random.ts';
import type { Engine } from './engine.ts';
import {
  codeOf,
  sampleOne,
  STREAM,
  stepOf,
  VOCAB,
  type EngineUnderTest,
} from './testing/engine-under-test.ts';

export function describeLifecycle(subject: EngineUnderTest): void {
  let engine: Engine;
  beforeEach(async () => {
    engine = await subject.open('tiny-llama', { slots: 512, maxRows: 16 });
  });
  afterEach(() => engine.dispose());

  const expectEmpty = () =>
    expect(engine.pool).toMatchObject({ slotsUsed: 0, sequences: 0, copiedBytes: 0 });

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
}
