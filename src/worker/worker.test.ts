import { describe, expect, it, vi } from 'vitest';
import type { SweepResult } from '../eval/sweep-result.ts';
import { ScriptedPolicy, ScriptedVerifier } from '../search/testing/scripted-policy.ts';
import { AppError } from '../shared/errors.ts';
import { DEFAULT_RUN_CONFIG } from '../shared/run-config.ts';
import { viewAt } from '../shared/run-view.ts';
import { WorkerClient } from './client.ts';
import type { EngineChange, HostOptions } from './host.ts';
import type { Fetching, OpenReviser, Reviser } from './late-reviser.ts';
import type { EngineState } from './protocol.ts';
import { LinkedWorker, scriptedModels } from './testing/linked-worker.ts';

const CONFIG = { ...DEFAULT_RUN_CONFIG, budget: 8 };

function link(load: HostOptions['load'] = async () => scriptedModels(), abortGraceMs = 100) {
  const workers: LinkedWorker[] = [];
  const states: EngineState[] = [];
  const client = new WorkerClient({
    spawn: () => {
      const worker = new LinkedWorker(load);
      workers.push(worker);
      return worker as unknown as Worker;
    },
    modelsUrl: 'http://localhost/models/',
    engine: () => 'webgpu',
    onEngine: (state) => states.push(state),
    abortGraceMs,
  });
  return { client, workers, states };
}

/** Not within a second, which a busy machine may take for itself. */
const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 60_000 });

async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}

describe('models for revisions', () => {
  function lateModels(open: () => Promise<Reviser>) {
    const opened = vi.fn(async (tell: Parameters<OpenReviser>[0]) => {
      tell({ step: 'downloading', loadedBytes: 1, totalBytes: 2 });
      return open();
    });
    const models = { ...scriptedModels(), openReviser: opened };
    return { opened, linked: link(async () => models) };
  }
  const reviser = () =>
    Promise.resolve({
      policy: new ScriptedPolicy(),
      verifier: new ScriptedVerifier(5, { perStep: false }),
    });

  it('are loaded once, when a run first needs them, and it is said how far they are', async () => {
    const { opened, linked } = lateModels(reviser);
    linked.client.load();
    await collect(linked.client.run(CONFIG));
    expect(opened).not.toHaveBeenCalled();
    const revise = { ...CONFIG, strategy: 'revise' } as const;
    for (let i = 0; i < 2; i++) {
      const events = await collect(linked.client.run(revise));
      expect(events.at(-1)).toEqual({ type: 'end', reason: 'done' });
      expect(events.some((event) => event.type === 'node' && event.role === 'revision')).toBe(true);
    }
    expect(opened).toHaveBeenCalledTimes(1);
    const fetching = linked.states.map((state) => state.phase === 'ready' && state.fetching);
    expect(fetching).toEqual([
      undefined,
      { step: 'downloading', loadedBytes: 1, totalBytes: 2 },
      undefined,
    ]);
  });

  it('that cannot be had are not said to be on their way afterwards', async () => {
    let late = (_: Fetching): void => undefined;
    const openReviser: OpenReviser = async (tell) => {
      late = tell;
      throw new AppError('network', 'Gone.', { advice: 'Try again.' });
    };
    const { client, states } = link(async () => ({ ...scriptedModels(), openReviser }));
    client.load();
    const run = collect(client.run({ ...CONFIG, strategy: 'revise' }));
    await expect(run).rejects.toMatchObject({ code: 'network' });
    late({ step: 'downloading', loadedBytes: 1, totalBytes: 2 });
    // Messages keep their order: once this run has ended, a late word would have arrived.
    await collect(client.run(CONFIG));
    expect(states.at(-1)).not.toHaveProperty('fetching');
  });

  it('that cannot be had fail the run that needs them, and the next one tries again', async () => {
    const open = vi
      .fn<() => Promise<Reviser>>()
      .mockRejectedValueOnce(new AppError('network', 'Gone.', { advice: 'Try again.' }))
      .mockImplementation(reviser);
    const { linked } = lateModels(open);
    linked.client.load();
    const revise = { ...CONFIG, strategy: 'revise' } as const;
    await expect(collect(linked.client.run(revise))).rejects.toMatchObject({ code: 'network' });
    expect((await collect(linked.client.run(revise))).at(-1)).toMatchObject({ reason: 'done' });
  });
});

it('a run goes on from the steps it is given', async () => {
  const { client } = link();
  client.load();
  const events = await collect(client.run(CONFIG, undefined, ['c']));
  expect(events[0]).toMatchObject({ type: 'start', from: ['c'] });
  expect(events[1]).toMatchObject({ type: 'node', text: 'c', role: 'given', tokens: 0 });
});

describe('a run through the worker', () => {
  it('arrives whole and in order, and folds', async () => {
    const { client } = link();
    client.load();
    const events = await collect(client.run(CONFIG));
    expect(events[0]).toMatchObject({ type: 'start', prompt: 'make 24: 4 6 7 8' });
    expect(events.at(-1)).toEqual({ type: 'end', reason: 'done' });
    expect(viewAt(events, events.length).candidates.length).toBeGreaterThan(0);
  });

  it('begins by itself once the models are there', async () => {
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const { client } = link(async () => {
      await arrived;
      return scriptedModels();
    });
    client.load();
    const run = collect(client.run(CONFIG));
    setTimeout(arrive, 20);
    expect((await run).length).toBeGreaterThan(2);
  });

  it('fails with advice when the text is no problem of the families', async () => {
    const { client } = link();
    client.load();
    const run = collect(client.run({ ...CONFIG, problem: 'prove it' }));
    await expect(run).rejects.toMatchObject({ code: 'outside-families' });
  });

  it('keeps what was found when it is stopped', async () => {
    const stopper = new AbortController();
    const policy = new ScriptedPolicy(undefined, (call) => {
      if (call === 2) stopper.abort();
    });
    // Each batch takes a turn of the event loop, as an engine does.
    const slow = {
      capabilities: policy.capabilities,
      release: policy.release.bind(policy),
      async extend(...args: Parameters<ScriptedPolicy['extend']>) {
        const extensions = await policy.extend(...args);
        await new Promise((resolve) => setTimeout(resolve, 10));
        if (args[1]?.aborted) throw new AppError('aborted', 'Stopped.', { advice: '' });
        return extensions;
      },
    };
    // Time enough to end by itself, however busy the machine is.
    const { client } = link(async () => ({ ...scriptedModels(), policy: slow }), 60_000);
    client.load();
    const events = await collect(client.run(CONFIG, stopper.signal));
    expect(events.some((event) => event.type === 'node')).toBe(true);
    expect(events.at(-1)).toEqual({ type: 'end', reason: 'stopped' });
  });

  it('ends even if the worker does not answer, which is then replaced', async () => {
    const stopper = new AbortController();
    const { client, workers } = link(() => new Promise(() => undefined));
    client.load();
    const batches = client.run(CONFIG, stopper.signal);
    workers[0].onmessage = null;
    stopper.abort();
    expect(await collect(batches)).toEqual([]);
    expect(workers).toHaveLength(2);
    expect(workers[0].terminated).toBe(true);
  });
});

describe('the engine', () => {
  it('that the visitor wants reaches the loader, also after a crash', async () => {
    const asked: string[] = [];
    const { client, workers } = link(async (_url, _onState, _choice, engine) => {
      asked.push(engine);
      return scriptedModels();
    });
    client.load();
    await soon(() => expect(asked).toEqual(['webgpu']));
    workers[0].crash('gone');
    await soon(() => expect(asked).toEqual(['webgpu', 'webgpu']));
  });

  it('that takes the place of a lost one is announced and named in later runs', async () => {
    let tell: (change: EngineChange) => void = () => undefined;
    const { client, states } = link(async () => ({
      ...scriptedModels(),
      watch: (listener) => (tell = listener),
    }));
    client.load();
    await soon(() => expect(states.at(-1)?.phase).toBe('ready'));
    tell({ backend: 'cpu', label: 'CPU in its place' });
    await soon(() => expect(states.at(-1)).toMatchObject({ label: 'CPU in its place' }));
    const events = await collect(client.run(CONFIG));
    expect(events[0]).toMatchObject({ type: 'start', engine: 'CPU in its place' });
  });
});

describe('a worker that fails', () => {
  it('is started again, and the run ends with an error that can be retried', async () => {
    const { client, workers, states } = link();
    client.load();
    const run = collect(client.run(CONFIG));
    workers[0].crash('out of memory');
    await expect(run).rejects.toMatchObject({ code: 'internal', retryable: true });
    await soon(() => expect(states.at(-1)?.phase).toBe('ready'));
    expect((await collect(client.run(CONFIG))).length).toBeGreaterThan(2);
  });

  it('is given up after crashing again and again', () => {
    const { client, workers, states } = link(() => new Promise(() => undefined));
    client.load();
    for (let i = 0; i < 3; i++) workers[i].crash('no');
    expect(workers).toHaveLength(3);
    expect(states.at(-1)).toMatchObject({ phase: 'failed', error: { retryable: true } });
    client.load();
    expect(workers).toHaveLength(4);
  });

  it('whose messages are not understood counts as crashed', async () => {
    const { client, workers } = link();
    client.load();
    const run = collect(client.run(CONFIG));
    workers[0].deliver({ type: 'events', job: 1, events: [{ type: 'surprise' }] });
    await expect(run).rejects.toBeInstanceOf(AppError);
  });

  it('says why the models could not be loaded', async () => {
    const { client, states } = link(async () => {
      throw new AppError('network', 'No connection.', { advice: 'Check it.', retryable: true });
    });
    client.load();
    await soon(() =>
      expect(states.at(-1)).toMatchObject({ phase: 'failed', error: { code: 'network' } }),
    );
    await expect(collect(client.run(CONFIG))).rejects.toMatchObject({ code: 'network' });
  });
});

it('progress of what else was loading does not hide that the models cannot be had', async () => {
  let told = (_: EngineState): void => undefined;
  const { client, states } = link(async (_url, onState) => {
    told = onState;
    throw new AppError('model-corrupt', 'Damaged.', { advice: 'Try again.' });
  });
  client.load();
  await soon(() => expect(states.at(-1)?.phase).toBe('failed'));
  told({ phase: 'loading', step: 'downloading', loadedBytes: 1, totalBytes: 2 });
  // Messages keep their order: once this run has failed, a late word would have arrived.
  await expect(collect(client.run(CONFIG))).rejects.toMatchObject({ code: 'model-corrupt' });
  expect(states.at(-1)?.phase).toBe('failed');
});

describe('a sweep through the worker', () => {
  const spec = {
    config: CONFIG,
    problems: [
      { id: 'a', prompt: 'compute 1+2' },
      { id: 'b', prompt: 'make 24: 4 6 7 8' },
    ],
    strategies: ['best-of-n', 'best-of-n:majority', 'beam'],
    budgets: [1, 4],
    seeds: 2,
  };
  const key = ({ id, strategy, budget, seed }: SweepResult) =>
    [id, strategy, budget, seed].join(' ');

  it('yields every point once', async () => {
    const { client } = link();
    client.load();
    const results = await collect(client.sweep(spec, []));
    expect(new Set(results.map(key)).size).toBe(2 * 3 * 2 * 2);
    expect(results).toHaveLength(24);
  });

  it('goes on from what was measured before, with the same results', async () => {
    const { client } = link();
    client.load();
    const whole = await collect(client.sweep(spec, []));
    const done = whole.slice(0, 7);
    const rest = await collect(client.sweep(spec, done));
    const compact = (results: SweepResult[]) =>
      results.map((one) => `${key(one)} ${one.answer} ${one.correct}`).sort();
    expect(compact([...done, ...rest])).toEqual(compact(whole));
  });
});
