import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, catalogueEntry, needsShaderF16 } from './catalogue.ts';
import {
  assertUsable,
  NO_DEVICE,
  readDeviceFacts,
  suitability,
  type DeviceFacts,
} from './device-facts.ts';
import {
  describeLoad,
  LOAD_START,
  nextLoadState,
  phaseOfReport,
  type LoadEvent,
} from './load-state.ts';
import { Md5 } from './md5.ts';
import { HARDWARE } from './testing/hardware.ts';

const bundle = readFileSync(createRequire(import.meta.url).resolve('@mlc-ai/web-llm'), 'utf8');

describe('progress texts of the pinned web-llm', () => {
  it.each([
    ['Start to fetch params', 'Start to fetch params', 'from-disk'],
    [
      'Fetching param cache[3/10]: 120MB fetched. 30% completed, 4 secs elapsed. It can take a while when we first visit this page to populate the cache. Later refreshes will become faster.',
      'Fetching param cache[',
      'downloading',
    ],
    [
      'Loading model from cache[3/10]: 120MB loaded. 30% completed, 4 secs elapsed.',
      'Loading model from cache[',
      'to-gpu',
    ],
    [
      'Loading GPU shader modules[13/80]: 16% completed, 1 secs elapsed.',
      'Loading GPU shader modules[',
      'compiling',
    ],
    ['Finish loading on WebGPU - apple', 'Finish loading on ', 'warming-up'],
  ])('%s', (text, inBundle, phase) => {
    expect(phaseOfReport(text)).toBe(phase);
    // A new version with other words must fail here, not in front of a visitor.
    expect(bundle).toContain(`"${inBundle}`);
  });

  it('ignores a text it does not know', () => {
    const event = { type: 'report', text: 'Warming up the flux', progress: 0.9 } as const;
    expect(nextLoadState(LOAD_START, event)).toBe(LOAD_START);
  });
});

describe('the load state', () => {
  const report = (text: string, progress: number): LoadEvent => ({
    type: 'report',
    text,
    progress,
  });

  it('goes through a whole load and describes each phase', () => {
    const events: LoadEvent[] = [
      { type: 'downloaded', loadedBytes: 250e6, totalBytes: 1000e6 },
      { type: 'verified', loadedBytes: 500e6, totalBytes: 1000e6 },
      report('Start to fetch params', 0),
      report('Loading model from cache[1/4]: …', 0.25),
      report('Loading GPU shader modules[1/2]: …', 0.5),
      report('Finish loading on WebGPU', 1),
      { type: 'ready' },
    ];
    let state = LOAD_START;
    const words = events.map((event) => describeLoad((state = nextLoadState(state, event))));
    expect(words).toEqual([
      'Downloading, 250 of 1000 MB',
      'Verifying, 500 of 1000 MB',
      'Reading from disk',
      'Uploading to the GPU, 25 %',
      'Compiling for the GPU, 50 %',
      'Warming up: the first call compiles the rest',
      'Ready',
    ]);
  });

  it('never goes back, whatever arrives late', () => {
    const event = fc.oneof(
      fc.record({
        type: fc.constant('downloaded' as const),
        loadedBytes: fc.nat(),
        totalBytes: fc.nat(),
      }),
      fc.record({
        type: fc.constant('verified' as const),
        loadedBytes: fc.nat(),
        totalBytes: fc.nat(),
      }),
      fc.record({
        type: fc.constant('report' as const),
        text: fc.constantFrom(
          'Start to fetch params',
          'Loading model from cache[',
          'Finish loading on x',
          '?',
        ),
        progress: fc.oneof(fc.double(), fc.constant(NaN)),
      }),
      fc.constant({ type: 'ready' as const }),
    );
    const order = [
      'checking',
      'downloading',
      'verifying',
      'from-disk',
      'to-gpu',
      'compiling',
      'warming-up',
      'ready',
    ];
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let state = LOAD_START;
        for (const one of events) {
          const next = nextLoadState(state, one);
          expect(order.indexOf(next.phase)).toBeGreaterThanOrEqual(order.indexOf(state.phase));
          expect(next.progress >= 0 && next.progress <= 1).toBe(true);
          state = next;
        }
      }),
    );
  });
});

describe('the catalogue', () => {
  it('names records, libraries and memory as the pinned web-llm does', () => {
    for (const entry of CATALOGUE) {
      const at = bundle.indexOf(`model_id: "${entry.id}"`);
      expect(at, entry.id).toBeGreaterThan(0);
      const record = bundle.slice(at - 200, at + 500);
      expect(record).toContain(`"${entry.modelUrl}"`);
      expect(record).toContain(entry.libUrl.slice(entry.libUrl.lastIndexOf('/')));
      const vram = /vram_required_MB: ([\d.]+)/.exec(record.slice(200));
      expect(entry.vramMb).toBe(Math.round(Number(vram?.[1])));
    }
    expect(bundle).toContain(`modelVersion = "v0_2_86/base"`);
  });

  it.each<[string, Partial<DeviceFacts>, number | null, boolean, RegExp]>([
    ['SmolLM2-360M-Instruct-q4f16_1-MLC', {}, null, true, /^$/],
    ['SmolLM2-360M-Instruct-q4f16_1-MLC', { shaderF16: false }, null, false, /16-bit shaders/],
    ['SmolLM2-360M-Instruct-q4f32_1-MLC', { shaderF16: false }, null, true, /^$/],
    ['Qwen2.5-Math-1.5B-Instruct-q4f16_1-MLC', {}, 1000, false, /needs 1630 MB/],
    ['Qwen2.5-Math-1.5B-Instruct-q4f16_1-MLC', {}, 2000, true, /^$/],
    ['Llama-3.2-1B-Instruct-q4f32_1-MLC', { maxStorageBuffers: 8 }, null, false, /too limited/],
    ['Llama-3.2-1B-Instruct-q4f32_1-MLC', { webgpu: 'software' }, null, true, /very slow/],
    ['Llama-3.2-1B-Instruct-q4f32_1-MLC', NO_DEVICE, null, false, /no WebGPU/],
    [
      'Llama-3.2-1B-Instruct-q4f32_1-MLC',
      { ...NO_DEVICE, webgpu: 'no-adapter' },
      null,
      false,
      /no usable GPU/,
    ],
  ])('%s with %o and %s MB: %s', (id, facts, vramMb, usable, reason) => {
    const entry = catalogueEntry(id);
    expect(entry).not.toBeNull();
    if (entry === null) return;
    const found = suitability(entry, { ...HARDWARE, ...facts }, vramMb);
    expect(found.usable).toBe(usable);
    expect(found.reasons.join(' ')).toMatch(reason);
  });

  it('goes by the id, as records do not declare what they need', () => {
    expect(CATALOGUE.filter(({ id }) => needsShaderF16(id))).toHaveLength(CATALOGUE.length / 2);
  });

  it('refuses before any download, with the right code', () => {
    const [entry] = CATALOGUE;
    expect(() => assertUsable(entry, NO_DEVICE)).toThrow(
      expect.objectContaining({ code: 'no-webgpu' }),
    );
    expect(() => assertUsable(entry, { ...HARDWARE, shaderF16: false })).toThrow(
      expect.objectContaining({ code: 'model-unsupported' }),
    );
  });

  it('reads a browser without WebGPU and one that throws as facts', async () => {
    expect(await readDeviceFacts(undefined)).toEqual(NO_DEVICE);
    const gpu = { requestAdapter: () => Promise.reject(new Error('blocked')) } as unknown as GPU;
    expect((await readDeviceFacts(gpu)).webgpu).toBe('no-adapter');
  });
});

it('MD5 agrees with Node, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, at) => {
      const md5 = new Md5();
      md5.update(bytes.subarray(0, at));
      md5.update(bytes.subarray(at));
      expect(md5.hex()).toBe(createHash('md5').update(bytes).digest('hex'));
    }),
    { numRuns: 300 },
  );
});
