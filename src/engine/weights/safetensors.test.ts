import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inPieces, safetensorsFile, withHeader } from '../testing/safetensors-file.ts';
import { readSafetensors } from './safetensors.ts';

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

// 1, -2, the smallest subnormal, the largest half, infinity
const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00);
const tensors = [
  { name: 'a', dtype: 'F32', shape: [2], data: bytesOf(Float32Array.of(1.5, -3.25)) },
  { name: 'b', dtype: 'F16', shape: [5], data: bytesOf(halves) },
  // 1, -2.5 as the upper halves of binary32
  { name: 'c', dtype: 'BF16', shape: [1, 2], data: bytesOf(Uint16Array.of(0x3f80, 0xc020)) },
  { name: 'unused', dtype: 'I64', shape: [1], data: new Uint8Array(8) },
];
const file = safetensorsFile(tensors);
const wanted = new Map([
  ['a', [2]],
  ['b', [5]],
  ['c', [1, 2]],
]);
const corrupt = (pattern: RegExp) =>
  expect.objectContaining({ code: 'model-corrupt', message: expect.stringMatching(pattern) });

describe('readSafetensors', () => {
  it('reads every format as f32 and skips what is not wanted', async () => {
    const result = await readSafetensors(inPieces(file), 'm', wanted);
    expect([...result.keys()].sort()).toEqual(['a', 'b', 'c']);
    expect([...(result.get('a') ?? [])]).toEqual([1.5, -3.25]);
    expect([...(result.get('b') ?? [])]).toEqual([1, -2, 2 ** -24, 65504, Infinity]);
    expect([...(result.get('c') ?? [])]).toEqual([1, -2.5]);
  });

  it('does not depend on how the bytes are cut', async () => {
    const whole = await readSafetensors(inPieces(file), 'm', wanted);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        async (sizes) => {
          expect(await readSafetensors(inPieces(file, sizes), 'm', wanted)).toEqual(whole);
        },
      ),
    );
  });

  it('names every truncated file corrupt, wherever it ends', async () => {
    for (let length = 0; length < file.length; length += 7) {
      await expect(readSafetensors(inPieces(file.slice(0, length)), 'm', wanted)).rejects.toThrow(
        corrupt(/ends after/),
      );
    }
  });

  it('names the tensor that is missing or has another shape', async () => {
    const read = (shapes: [string, number[]][]) =>
      readSafetensors(inPieces(file), 'm', new Map(shapes));
    await expect(read([['d', [1]]])).rejects.toThrow(corrupt(/lacks the tensor d/));
    await expect(read([['c', [2, 1]]])).rejects.toThrow(corrupt(/c has the shape \[1, 2\]/));
    await expect(read([['unused', [1]]])).rejects.toThrow(corrupt(/I64/));
  });

  it('lets optional tensors be missing', async () => {
    const shapes = new Map([...wanted, ['d', [1]]]);
    const result = await readSafetensors(inPieces(file), 'm', shapes, { optional: new Set(['d']) });
    expect(result.has('d')).toBe(false);
  });

  it.each([
    ['not JSON', withHeader('{nonsense', []), /not JSON/],
    ['no object', withHeader('[1, 2]', []), /not JSON/],
    ['an entry without offsets', withHeader('{"a":{"dtype":"F32","shape":[1]}}', []), /malformed/],
    ['bytes behind the data', safetensorsFile([...tensors]).slice(), null],
    ['a huge header length', new Uint8Array(16).fill(255), /does not begin/],
  ])('refuses %s', async (_, bytes, pattern) => {
    const given = pattern === null ? Uint8Array.of(...bytes, 0) : bytes;
    await expect(readSafetensors(inPieces(given), 'm', wanted)).rejects.toThrow(
      corrupt(pattern ?? /goes on after/),
    );
  });

  it('refuses overlapping data and wrong sizes', async () => {
    const entry = (begin: number, end: number) => ({
      dtype: 'F32',
      shape: [2],
      data_offsets: [begin, end],
    });
    const overlap = withHeader(JSON.stringify({ a: entry(0, 8), b: entry(4, 12) }), [
      new Uint8Array(12),
    ]);
    const short = withHeader(JSON.stringify({ a: entry(0, 4) }), [new Uint8Array(4)]);
    const only = new Map([['a', [2]]]);
    await expect(readSafetensors(inPieces(overlap), 'm', only)).rejects.toThrow(
      corrupt(/not where/),
    );
    await expect(readSafetensors(inPieces(short), 'm', only)).rejects.toThrow(
      corrupt(/wrong number/),
    );
  });

  it('answers any damage with model-corrupt or with values, never with another error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.nat(255), async (at, value) => {
        const damaged = file.slice();
        damaged[at] = value;
        await readSafetensors(inPieces(damaged), 'm', wanted).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'model-corrupt' });
        });
      }),
      { numRuns: 300 },
    );
  });
});
