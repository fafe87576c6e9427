/**
 * The worker as the page uses it, with the shipped models on a forced (software) GPU whose device is
 * lost in the middle of a beam search: the run goes on and says the same as one that was left alone.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { losableGpu, type LosableGpu } from '../engine/webgpu/testing/losable-gpu.ts';
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../shared/run-config.ts';
import type { RunEvent } from '../shared/run-events.ts';
import { viewAt } from '../shared/run-view.ts';
import { WorkerHost } from './host.ts';
import { readFromWorker, type EngineReady, type FromWorker } from './protocol.ts';
import { loadShippedModels } from './shipped-models.ts';

const CONFIG: RunConfig = { ...DEFAULT_RUN_CONFIG, strategy: 'beam', budget: 4, seed: 3 };

interface Ran {
  readonly events: readonly RunEvent[];
  /** Everything that was announced, in order. */
  readonly ready: readonly EngineReady[];
}

/** Loads the models in a host, runs CONFIG, and calls `onEvents` with what has arrived so far. */
async function run(
  gpu: GPU | null,
  onEvents: (events: readonly RunEvent[]) => void = () => undefined,
): Promise<Ran> {
  const events: RunEvent[] = [];
  const ready: EngineReady[] = [];
  const modelsUrl = new URL('/public/models/', location.href).href;
  await new Promise<void>((resolve, reject) => {
    const receive = (message: FromWorker): void => {
      if (message.type === 'engine') {
        const { state } = message;
        if (state.phase === 'ready') ready.push(state);
        if (state.phase === 'failed') reject(new Error(state.error.message));
      } else if (message.type === 'failed') reject(new Error(message.error.message));
      else if (message.type === 'finished') resolve();
      else if (message.type === 'events') {
        events.push(...message.events);
        onEvents(events);
      }
    };
    const host = new WorkerHost({
      port: { postMessage: (message) => receive(readFromWorker(structuredClone(message))) },
      load: (url, onState, _, preference) => loadShippedModels(url, onState, { preference, gpu }),
      clock: () => performance.now(),
    });
    host.receive({ type: 'load', modelsUrl, engine: 'webgpu' });
    host.receive({ type: 'run', job: 1, config: CONFIG });
  });
  return { events, ready };
}

/** Everything that a run says but the time it took and the last digits of its numbers. */
function sayings(events: readonly RunEvent[]): string[] {
  const round = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(2) : value;
  return events
    .filter(({ type }) => type !== 'start')
    .map((event) =>
      JSON.stringify({ ...event, elapsedMs: 0 }, round).replace(/"elapsedMs":"?[\d.]+"?/g, ''),
    );
}

const rounds = (events: readonly RunEvent[]): number =>
  events.filter(({ type }) => type === 'round').length;

/** The device of the policy, which is opened first. */
const lose = ({ devices }: LosableGpu, at: number): void => devices[at]?.destroy();

describe('a beam search on the GPU in the worker', () => {
  let alone: Ran;
  beforeAll(async () => {
    alone = await run(losableGpu().gpu);
  });

  it('names the adapter, gives the reasons, warns, and finds an answer', () => {
    const [ready] = alone.ready;
    expect(ready.backend).toBe('webgpu');
    expect(ready.label).toMatch(/^WebGPU \(.*swiftshader/i);
    expect(ready.device).toMatchObject({ preference: 'webgpu', adapter: { software: true } });
    expect(ready.device?.reasons.at(-2)).toMatch(/self-test/);
    const weights = /^Weights in GPU memory: \d+\.\d MB \(int8, f16, f32\)\.$/;
    expect(ready.device?.reasons.at(-1)).toMatch(weights);
    expect(ready.device?.warning).toMatch(/slower/);
    const view = viewAt(alone.events, Infinity);
    expect(view.start?.engine).toBe(ready.label);
    expect(view.status).toBe('done');
    expect(view.answer?.answerText).not.toBeNull();
  });

  it('says the same when both devices are lost in the middle, once', async () => {
    const losable = losableGpu();
    let lost = false;
    const disturbed = await run(losable.gpu, (events) => {
      if (lost || rounds(events) < 2) return;
      lost = true;
      lose(losable, 0);
      lose(losable, 1);
    });
    expect(lost).toBe(true);
    expect(losable.devices).toHaveLength(4);
    expect(sayings(disturbed.events)).toEqual(sayings(alone.events));
    expect(disturbed.ready.at(-1)).toMatchObject({ backend: 'webgpu' });
    expect(disturbed.ready.at(-1)?.device?.warning).toMatch(/set up again/);
  });

  it('ends with the same answer on the CPU when the device is lost again', async () => {
    const losable = losableGpu();
    let losses = 0;
    const disturbed = await run(losable.gpu, (events) => {
      if (losses === 0 && rounds(events) >= 1) lose(losable, losses++);
      // The third device is the one that took the place of the policy's.
      else if (losses === 1 && rounds(events) >= 2 && losable.devices.length === 3) {
        lose(losable, 2);
        losses++;
      }
    });
    expect(losses).toBe(2);
    expect(sayings(disturbed.events)).toEqual(sayings(alone.events));
    const last = disturbed.ready.at(-1);
    expect(last).toMatchObject({ backend: 'cpu', label: 'CPU (WASM SIMD)' });
    expect(last?.device?.warning).toMatch(/CPU has taken over/);
    expect(last?.device?.reasons.join()).not.toMatch(/GPU memory/);
  });
});

describe('a forced GPU that is not there', () => {
  it('is said, and the CPU gives the answer', async () => {
    const { events, ready } = await run(null);
    expect(ready[0]).toMatchObject({ backend: 'cpu' });
    expect(ready[0].device?.warning).toMatch(/This browser has no WebGPU. The CPU runs instead/);
    expect(viewAt(events, Infinity).status).toBe('done');
  });
});
