/** Equal samples are run once: they must still be what each would be alone. */
import { afterEach, expect, test, vi } from 'vitest';
import { rootStream } from '../../shared/random.ts';
import type { StepRequest } from '../engine.ts';
import { openTiny } from '../testing/tiny-models.ts';
import { WasmForward } from './wasm-forward.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const STREAMS = Array.from({ length: 24 }, (_, i) => rootStream(i, 'merged'));

test('samples that part late cost few rows and continue as they would alone', async () => {
  const { engine } = await openTiny('tiny-llama');
  const [prompt] = await engine.prefill([[1, 20, 30, 40, 50]]);
  const forward = vi.spyOn(WasmForward.prototype, 'forward');
  const request = (streams: StepRequest['streams']): StepRequest => ({
    sequence: prompt,
    streams,
    // Cold enough that samples agree for long, warm enough that they part.
    temperature: 0.35,
    maxTokens: 40,
    stopTokens: [],
  });
  const [together] = await engine.step([request(STREAMS)]);
  const rows = forward.mock.calls.reduce((sum, [count]) => sum + count, 0);
  const texts = together.map(({ tokens }) => tokens.join());
  const prefixes = new Set(
    together.flatMap(({ tokens }) =>
      tokens.slice(0, -1).map((_, i) => tokens.slice(0, i + 1).join()),
    ),
  );
  expect(new Set(texts).size, 'some part').toBeGreaterThan(1);
  expect(prefixes.size, 'some agree').toBeLessThan(24 * 39);
  expect(rows).toBe(1 + prefixes.size);

  for (const [i, stream] of STREAMS.entries()) {
    const [[alone]] = await engine.step([request([stream])]);
    expect(together[i].tokens).toEqual(alone.tokens);
    // What comes next reads the keys and values that were copied.
    const tokens = [60, 61];
    const [merged, own] = await engine.score([
      { sequence: together[i].sequence, tokens },
      { sequence: alone.sequence, tokens },
    ]);
    merged.forEach((value, at) => {
      expect(value).toBeCloseTo(own[at], 4);
    });
    engine.free(alone.sequence);
  }
  await engine.dispose();
});
