import { describe, expect, it } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import type { Stream } from '../../shared/random.ts';
import type { TransformerDevice } from '../device.ts';
import type { Engine } from '../engine.ts';
import { ReferenceDevice } from '../reference/reference-device.ts';
import { TransformerEngine } from '../transformer-engine.ts';
import { RecoveringEngine, type RecoveryNotice } from './recovering-engine.ts';
import { randomModel } from './testing/random-model.ts';

const { config, tensors } = randomModel();

/** An engine whose device is lost for good after `calls` device calls. */
function fragile(calls: number): Engine {
  const inner = new ReferenceDevice(config, tensors, { stepsPerPlan: 2, slots: 512 });
  let left = calls;
  const spend = (): void => {
    if (left-- > 0) return;
    throw new AppError('device-lost', 'The GPU was lost.', { advice: 'Go on.' });
  };
  const device: TransformerDevice = Object.assign(Object.create(inner) as TransformerDevice, {
    run: async (...args: Parameters<TransformerDevice['run']>) => {
      spend();
      return inner.run(...args);
    },
    decode: async (...args: Parameters<TransformerDevice['decode']>) => {
      spend();
      return inner.decode(...args);
    },
  });
  return new TransformerEngine(device);
}

const streams: Stream[] = [
  [1, 1],
  [2, 2],
  [3, 3],
];

/** A small search: sample, fork, score, truncate, sample again. Everything it saw, as text. */
async function search(engine: Engine): Promise<string> {
  const seen: unknown[] = [];
  const [a, b] = await engine.prefill([
    [1, 5, 6, 7],
    [1, 5, 9],
  ]);
  const request = { streams, temperature: 1, maxTokens: 5, stopTokens: [3] };
  const first = (await engine.step([a, b].map((sequence) => ({ ...request, sequence })))).flat();
  seen.push(first.map(({ tokens }) => tokens));
  const [copy] = engine.fork(first[0].sequence, 1);
  engine.truncate(copy, 3);
  const scored = await engine.score([{ sequence: copy, tokens: [4, 8] }]);
  seen.push([...scored[0]].map((value) => value.toFixed(4)));
  const again = await engine.step(
    [copy, ...first.map(({ sequence }) => sequence)].map((sequence) => ({ ...request, sequence })),
  );
  seen.push(
    again.flat().map(({ tokens, logProbs }) => [tokens, logProbs.map((p) => p.toFixed(4))]),
  );
  seen.push(copy.length, engine.pool.sequences);
  for (const { sequence } of [...first, ...again.flat()]) engine.free(sequence);
  for (const sequence of [a, b, copy]) engine.free(sequence);
  seen.push(engine.pool.sequences, engine.pool.slotsUsed);
  return JSON.stringify(seen);
}

const whole = (): Engine => fragile(Infinity);

describe('recovering engine', () => {
  it('changes nothing while nothing is lost', async () => {
    const engine = new RecoveringEngine(whole(), { successors: [] });
    expect(await search(engine)).toBe(await search(whole()));
  });

  it.each(Array.from({ length: 12 }, (_, calls) => [calls]))(
    'a device lost after %d calls changes no result',
    async (calls) => {
      const notices: RecoveryNotice[] = [];
      const engine = new RecoveringEngine(fragile(calls), {
        successors: [async () => whole()],
        onRecovery: (notice) => notices.push(notice),
      });
      expect(await search(engine)).toBe(await search(whole()));
      expect(notices.length).toBeLessThanOrEqual(1);
      if (calls < 5) expect(notices[0].lost.code).toBe('device-lost');
    },
  );

  it('survives as many losses as it has successors, passing over those that fail', async () => {
    const engine = new RecoveringEngine(fragile(2), {
      successors: [
        async () => fragile(3),
        () => Promise.reject(new AppError('no-webgpu', 'none', { advice: '' })),
        async () => whole(),
      ],
    });
    expect(await search(engine)).toBe(await search(whole()));
  });

  it('throws device-lost when none is left', async () => {
    const engine = new RecoveringEngine(fragile(1), { successors: [async () => fragile(0)] });
    await expect(search(engine)).rejects.toMatchObject({ code: 'device-lost' });
  });

  it('reads shared prefixes once after a loss', async () => {
    const engine = new RecoveringEngine(fragile(1), { successors: [async () => whole()] });
    const prompt = Array.from({ length: 100 }, (_, i) => i % config.vocab);
    const [root] = await engine.prefill([prompt]);
    const children = engine.fork(root, 6);
    const request = { streams: [streams[0]], temperature: 1, maxTokens: 1, stopTokens: [] };
    // 512 slots would not hold the prompt seven times.
    const results = await engine.step(
      [root, ...children].map((sequence) => ({ ...request, sequence })),
    );
    expect(results).toHaveLength(7);
    expect(engine.pool.slotsUsed).toBeLessThan(130);
  });

  it('repeats a call whose parent was freed while it ran', async () => {
    const prompt = [1, 5, 6];
    const request = { streams, temperature: 1, maxTokens: 6, stopTokens: [] };
    const alone = whole();
    const [twin] = await alone.prefill([prompt]);
    const [want] = await alone.step([{ ...request, sequence: twin }]);
    const engine = new RecoveringEngine(fragile(2), { successors: [async () => whole()] });
    const [root] = await engine.prefill([prompt]);
    const running = engine.step([{ ...request, sequence: root }]);
    while (engine.pool.sequences === 1) await Promise.resolve();
    engine.free(root);
    const [got] = await running;
    expect(got.map(({ tokens }) => tokens)).toEqual(want.map(({ tokens }) => tokens));
    for (const { sequence } of got) engine.free(sequence);
    expect(engine.pool).toMatchObject({ sequences: 0, slotsUsed: 0 });
  });

  it('restores an emptied sequence', async () => {
    const engine = new RecoveringEngine(fragile(1), { successors: [async () => whole()] });
    const [sequence] = await engine.prefill([[1, 2, 3]]);
    engine.truncate(sequence, 0);
    const [outputs] = await engine.score([{ sequence, tokens: [1, 2] }]);
    const alone = whole();
    const [twin] = await alone.prefill([[4]]);
    alone.truncate(twin, 0);
    expect(outputs).toEqual((await alone.score([{ sequence: twin, tokens: [1, 2] }]))[0]);
    expect(sequence.length).toBe(2);
  });

  it('passes other errors on and keeps its engine', async () => {
    const engine = new RecoveringEngine(whole(), { successors: [] });
    const long = Array.from({ length: 200 }, () => 1);
    const prompts = [long, long, long];
    await expect(engine.prefill(prompts)).rejects.toMatchObject({ code: 'out-of-slots' });
    expect(await search(engine)).toBe(await search(whole()));
  });

  it('disposes of every engine it had', async () => {
    const disposed: string[] = [];
    const track = (name: string, engine: Engine): Engine =>
      Object.assign(Object.create(engine) as Engine, {
        dispose: async () => {
          disposed.push(name);
        },
      });
    const engine = new RecoveringEngine(track('first', fragile(0)), {
      successors: [async () => track('second', whole())],
    });
    await engine.prefill([[1, 2, 3]]);
    expect(disposed).toEqual(['first']);
    await engine.dispose();
    await engine.dispose();
    expect(disposed).toEqual(['first', 'second']);
  });
});
