import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { pcg4d, toGumbel, toUniform } from '../../shared/random.ts';
import { nodeWasmModule } from './node-wasm-module.ts';
import { packMatrix, roundUp } from './packed-model.ts';
import { startKernels, type WasmKernels } from './wasm-kernels.ts';
import { WasmMemory } from './wasm-memory.ts';

let kernels: WasmKernels;
let memory: WasmMemory;
beforeAll(async () => {
  kernels = await startKernels(await nodeWasmModule());
  memory = new WasmMemory(kernels);
});

/** Fixed pseudo-random numbers in (−1, 1). */
function noise(length: number, seed: number): Float32Array {
  const words = new Uint32Array(4);
  return Float32Array.from({ length }, (_, i) => {
    pcg4d(seed, i, 0, 0, words);
    return toUniform(words[0]) * 2 - 1;
  });
}

/** Puts rows into memory with the given stride in floats. */
function place(values: Float32Array, rows: number, stride: number): number {
  const address = memory.allocate(rows * stride * 4);
  const width = values.length / rows;
  const view = memory.floats(address, rows * stride);
  for (let row = 0; row < rows; row++) {
    view.set(values.subarray(row * width, (row + 1) * width), row * stride);
  }
  return address;
}

describe('matmul', () => {
  const shapes = fc.record({
    rows: fc.integer({ min: 1, max: 41 }),
    inDim: fc.integer({ min: 1, max: 70 }),
    outDim: fc.integer({ min: 1, max: 75 }),
    accumulate: fc.boolean(),
  });

  it('equals the plain product on any shape, whichever tile runs', () => {
    fc.assert(
      fc.property(shapes, ({ rows, inDim, outDim, accumulate }) => {
        const x = noise(rows * inDim, 1);
        const w = noise(outDim * inDim, 2);
        const outWidth = roundUp(outDim, 8);
        const before = noise(rows * outWidth, 3);
        const xStride = inDim + 3;
        const xAt = place(x, rows, xStride);
        const matrix = packMatrix(memory, inDim, [w]);
        const out = place(before, rows, outWidth);
        kernels.matmul(
          ...([xAt, xStride * 4, matrix.address, out, outWidth * 4] as const),
          ...([rows, inDim, matrix.panels, accumulate ? 1 : 0] as const),
        );
        const result = memory.floats(out, rows * outWidth);
        for (let row = 0; row < rows; row++) {
          for (let o = 0; o < outDim; o++) {
            let sum = accumulate ? before[row * outWidth + o] : 0;
            for (let i = 0; i < inDim; i++) sum += x[row * inDim + i] * w[o * inDim + i];
            expect(Math.abs(result[row * outWidth + o] - sum)).toBeLessThan(2e-5);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives a row the same bits alone and among any others', () => {
    const [rows, inDim, outDim] = [39, 64, 48];
    const matrix = packMatrix(memory, inDim, [noise(outDim * inDim, 4)]);
    const x = place(noise(rows * inDim, 5), rows, inDim);
    const multiply = (from: number, count: number): Float32Array => {
      const out = memory.allocate(count * outDim * 4);
      kernels.matmul(
        ...([x + from * inDim * 4, inDim * 4, matrix.address, out, outDim * 4] as const),
        ...([count, inDim, matrix.panels, 0] as const),
      );
      return memory.floats(out, count * outDim).slice();
    };
    const all = multiply(0, rows);
    for (let row = 0; row < rows; row++) {
      for (const count of [1, 2, 3]) {
        if (row + count > rows) continue;
        expect(multiply(row, count)).toEqual(all.slice(row * outDim, (row + count) * outDim));
      }
    }
  });
});

describe('siluMultiply', () => {
  it('is within 1e-6 of g / (1 + e^-g) · u from the smallest to the largest values', () => {
    const gates = Float32Array.of(
      ...[
        -1e30, -1000, -104, -88, -87.5, -80, -20, -1, -1e-6, 0, 1e-20, 0.5, 3, 88, 89, 1000, 1e30,
      ],
      ...noise(47, 6).map((value) => value * 12),
    );
    const dim = gates.length;
    const x = place(Float32Array.of(...gates, ...new Float32Array(dim).fill(2)), 1, dim * 2);
    const out = memory.allocate(dim * 4);
    kernels.siluMultiply(x, dim * 8, dim * 4, out, dim * 4, 1, dim);
    const result = memory.floats(out, dim);
    gates.forEach((g, i) => {
      const expected = (g / (1 + Math.exp(-g))) * 2;
      // Far below zero the true value is smaller than any effect it can have.
      expect(Math.abs(result[i] - expected)).toBeLessThanOrEqual(
        1e-6 * Math.abs(expected) + 1e-32 * Math.abs(g),
      );
    });
  });
});

describe('rmsNorm', () => {
  it('normalises the picked rows, also where the width is odd', () => {
    const [rows, dim] = [5, 13];
    const x = noise(rows * dim, 7);
    const weight = noise(dim, 8);
    const picks = [3, 0, 3];
    const xAt = place(x, rows, 16);
    const weightAt = memory.allocateFloats(weight);
    const picksAt = memory.allocate(12);
    memory.words(picksAt, 3).set(picks);
    const out = memory.allocate(3 * 16 * 4);
    kernels.rmsNorm(xAt, 64, weightAt, out, 64, picksAt, 3, dim, 1e-5);
    picks.forEach((row, i) => {
      const values = x.subarray(row * dim, (row + 1) * dim);
      const scale = 1 / Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / dim + 1e-5);
      const got = memory.floats(out + i * 64, dim);
      values.forEach((v, j) => expect(got[j]).toBeCloseTo(v * scale * weight[j], 5));
    });
  });
});

describe('attend', () => {
  it.each([4, 8, 12, 32, 44, 64])('equals softmax attention at head size %i', (headDim) => {
    const [heads, kvHeads, slots] = [4, 2, 40];
    const kvDim = kvHeads * headDim;
    const keys = noise(slots * kvDim, 9);
    const values = noise(slots * kvDim, 10);
    const list = Uint32Array.from({ length: 19 }, (_, i) => (i * 7 + 3) % slots);
    const positions = Uint32Array.of(0, 3, 17, 18);
    const rows = positions.length;
    // Scores reach ±300: the softmax must survive them.
    const queries = noise(rows * heads * headDim, 11).map((v) => v * 300);
    const words = (content: Uint32Array) => {
      const at = memory.allocate(content.length * 4);
      memory.words(at, content.length).set(content);
      return at;
    };
    const width = heads * headDim;
    const at = {
      queries: memory.allocateFloats(queries),
      keys: memory.allocateFloats(keys),
      values: memory.allocateFloats(values),
      positions: words(positions),
      starts: words(new Uint32Array(rows)),
      list: words(list),
      scores: memory.allocate(80),
      out: memory.allocate(rows * width * 4),
    };
    kernels.attend(
      ...([at.queries, width * 4, at.out, width * 4, at.keys, at.values] as const),
      ...([at.positions, at.starts, at.list, at.scores, rows, heads, kvHeads, headDim] as const),
    );
    const got = memory.floats(at.out, rows * width);
    for (let row = 0; row < rows; row++) {
      for (let head = 0; head < heads; head++) {
        const q = row * width + head * headDim;
        const kv = Math.floor(head / 2) * headDim;
        const dot = (slot: number): number => {
          let sum = 0;
          for (let i = 0; i < headDim; i++) sum += queries[q + i] * keys[slot * kvDim + kv + i];
          return sum / Math.sqrt(headDim);
        };
        const seen = [...list.subarray(0, positions[row] + 1)];
        const scores = seen.map(dot);
        const weights = scores.map((score) => Math.exp(score - Math.max(...scores)));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (let i = 0; i < headDim; i++) {
          const expected = seen.reduce(
            (sum, slot, p) => sum + (weights[p] / total) * values[slot * kvDim + kv + i],
            0,
          );
          // f32 scores of ±300 carry an error of 1e-4, which the exponential passes on.
          expect(Math.abs(got[q + i] - expected)).toBeLessThan(2e-3);
        }
      }
    }
  });
});

describe('sampleRow', () => {
  const sample = (logits: ArrayLike<number>, temperature: number, position: number): number => {
    const at = memory.allocate(roundUp(logits.length, 16) * 4);
    memory.floats(at, logits.length).set(logits);
    return kernels.sampleRow(at, at, logits.length, temperature, 5, 6, position, logProbAt);
  };
  let logProbAt: number;
  beforeAll(() => {
    logProbAt = memory.allocate(4);
  });

  it('breaks ties of argmax to the lowest id, in any lane', () => {
    const logits = new Float32Array(37).fill(-1);
    for (const ids of [
      [0, 1],
      [5, 6],
      [3, 20],
      [35, 36],
      [7, 4 * 8],
    ]) {
      const tied = logits.slice();
      for (const id of ids) tied[id] = 2;
      expect(sample(tied, 0, 0)).toBe(Math.min(...ids));
    }
  });

  it('adds the noise of the shared generator, to the millionth', () => {
    // Each token in turn is held back by a known amount: who wins tells the noise's size.
    const vocab = 23;
    const words = new Uint32Array(4);
    for (let position = 0; position < 200; position++) {
      const gumbel = Array.from({ length: vocab }, (_, v) => {
        if (v % 4 === 0) pcg4d(5, 6, position, v >> 2, words);
        return toGumbel(words[v % 4]);
      });
      const level = (push: number, id: number) => gumbel.map((g, v) => -g + (v === id ? push : 0));
      const id = position % vocab;
      expect(sample(level(2e-5, id), 1, position)).toBe(id);
      expect(sample(level(-2e-5, id), 1, position)).not.toBe(id);
    }
  });

  it('gives the log-probability at temperature 1, whatever the temperature', () => {
    const logits = noise(80, 12).map((v) => v * 30);
    const token = sample(logits, 0.25, 9);
    const total = Math.log(logits.reduce((sum, v) => sum + Math.exp(v), 0));
    expect(memory.floats(logProbAt, 1)[0]).toBeCloseTo(logits[token] - total, 4);
  });
});

describe('WasmMemory', () => {
  it('says out-of-memory where the machine or the 4 GB limit ends', () => {
    const error = expect.objectContaining({ code: 'out-of-memory' });
    expect(() => memory.allocate(5e9)).toThrow(error);
    expect(memory.allocate(16)).toBeGreaterThan(0);
  });
});
