/** What the engine suites need of the engine they test, and helpers on the tiny models. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Stream } from '../../shared/random.ts';
import type { Engine, Sequence, StepRequest } from '../engine.ts';

export interface EngineUnderTest {
  /** Opens an engine on one of the tiny models. */
  open(
    model: 'tiny-llama' | 'tiny-prm' | 'tiny-int8',
    options: { slots: number; maxRows: number },
  ): Promise<Engine>;
  /** Largest difference between two ways to the same number; 0 where rows never mix. */
  readonly tolerance: number;
  /** Random cases for each property: fewer where the engine is slow. */
  readonly runs: number;
}

export const VOCAB = 80;
export const STREAM: Stream = [11, 22];
export const tokensArbitrary = fc.array(fc.integer({ min: 0, max: VOCAB - 1 }), {
  minLength: 2,
  maxLength: 12,
});

export function near(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
  }
  expect(worst).toBeLessThanOrEqual(tolerance);
}

/** Outputs at positions 1 … of a text, from a fresh sequence. */
export async function readText(engine: Engine, tokens: readonly number[]): Promise<Float32Array> {
  const [sequence] = await engine.prefill([tokens.slice(0, 1)]);
  const [outputs] = await engine.score([{ sequence, tokens: tokens.slice(1) }]);
  engine.free(sequence);
  return outputs;
}

export function stepOf(
  sequence: Sequence,
  streams: readonly Stream[],
  more: Partial<StepRequest> = {},
) {
  return { sequence, streams, temperature: 1, maxTokens: 8, stopTokens: [], ...more };
}

export async function sampleOne(
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

export const codeOf = (code: string) => expect.objectContaining({ code });
