import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromHalfBits,
  losslessFormat,
  packInt8Rows,
  packMatrix,
  toHalfBits,
  unpackValue,
} from './weight-format.ts';

describe('binary16', () => {
  it('every half survives the way through a number', () => {
    for (let half = 0; half < 0x10000; half++) {
      const value = fromHalfBits(half);
      if (Number.isNaN(value)) continue;
      expect(toHalfBits(value)).toBe(half);
    }
  });

  it('rounds to the nearest half, ties to even', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65000, max: 65000 }), (value) => {
        const bits = toHalfBits(value);
        const error = Math.abs(fromHalfBits(bits) - value);
        const magnitude = bits & 0x7fff;
        for (const next of [magnitude - 1, magnitude + 1]) {
          if (next < 0 || next >= 0x7c00) continue;
          const other = Math.abs(fromHalfBits(next) - Math.abs(value));
          expect(error < other || (error === other && magnitude % 2 === 0)).toBe(true);
        }
      }),
    );
    expect(fromHalfBits(toHalfBits(65520))).toBe(Infinity);
    expect(fromHalfBits(toHalfBits(65519))).toBe(65504);
  });
});

describe('packed matrices', () => {
  const values = Float32Array.from({ length: 3 * 37 }, (_, i) => Math.sin(i * i));

  it.each([
    ['f32', 0],
    ['f16', 0.0005],
    ['int8', 0.5 / 127],
    ['q4', 0.5 / 7],
  ] as const)('%s is within %d of what went in', (format, tolerance) => {
    const packed = packMatrix([values.subarray(0, 37), values.subarray(37)], 37, format);
    expect(packed.outer).toBe(3);
    for (let n = 0; n < 3; n++) {
      for (let k = 0; k < 37; k++) {
        const error = Math.abs(unpackValue(packed, n, k) - values[n * 37 + k]);
        expect(error).toBeLessThanOrEqual(tolerance + 1e-7);
      }
    }
  });

  it('keeps a group of zeros at zero', () => {
    const packed = packMatrix([new Float32Array(64)], 64, 'q4');
    expect(unpackValue(packed, 0, 63)).toBe(0);
  });

  it('gives int8 rows back without any loss, whatever their scales', () => {
    const inner = 37;
    const scale = fc.nat(0x7bff).map(fromHalfBits);
    const levels = fc.array(fc.integer({ min: -128, max: 127 }), {
      minLength: inner,
      maxLength: inner,
    });
    const row = fc.tuple(scale, levels);
    const matrix = fc.array(row, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(matrix, matrix, (...parts) => {
        const products = parts.map((rows) =>
          Float32Array.from(rows.flatMap(([by, row]) => row.map((level) => level * by))),
        );
        const scales = parts.map((rows) => Float32Array.from(rows, ([by]) => by));
        const packed = packInt8Rows(products, scales, inner);
        expect(packed).toMatchObject({ format: 'int8', outer: parts.flat().length, inner });
        parts.flat().forEach((_, n) => {
          for (let k = 0; k < inner; k++) {
            const [part, at] = n < parts[0].length ? [0, n] : [1, n - parts[0].length];
            const value = Math.fround(unpackValue(packed, n, k));
            // Not Object.is: -0 and 0 are one weight.
            expect(value === products[part][at * inner + k]).toBe(true);
          }
        });
      }),
      { numRuns: 30 },
    );
  });

  it('takes f16 only where nothing is lost', () => {
    expect(losslessFormat([Float32Array.of(0.5, -2048, 6e-8)])).toBe('f32');
    expect(losslessFormat([Float32Array.of(0.5, -2048, 2 ** -24)])).toBe('f16');
    expect(losslessFormat([Float32Array.of(0.1)])).toBe('f32');
  });
});
