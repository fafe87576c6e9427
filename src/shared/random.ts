/**
 * Counter-based randomness: every draw is a pure function of (stream, counters), so a sample
 * does not depend on batch composition, order or backend. The hash is pcg4d (Jarzynski & Olano,
 * "Hash Functions for GPU Rendering", JCGT 2020), chosen because it needs 32-bit integers only and
 * therefore has exact twins in AssemblyScript and WGSL.
 */

/** A 64-bit key of one branch of a search, as two unsigned 32-bit words. */
export type Stream = readonly [number, number];

/** pcg4d: four unsigned 32-bit words in, four well-mixed ones written to `out`. */
export function pcg4d(a: number, b: number, c: number, d: number, out: Uint32Array): void {
  let x = (Math.imul(a, 1664525) + 1013904223) | 0;
  let y = (Math.imul(b, 1664525) + 1013904223) | 0;
  let z = (Math.imul(c, 1664525) + 1013904223) | 0;
  let w = (Math.imul(d, 1664525) + 1013904223) | 0;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  w ^= w >>> 16;
  out[0] = x = (x + Math.imul(y, w)) | 0;
  out[1] = y = (y + Math.imul(z, x)) | 0;
  out[2] = z = (z + Math.imul(x, y)) | 0;
  out[3] = (w + Math.imul(y, z)) | 0;
}

/** A 32-bit word as a uniform number strictly between 0 and 1. */
export function toUniform(word: number): number {
  return ((word >>> 0) + 0.5) / 4294967296;
}

/** Standard Gumbel noise of a 32-bit word: -log(-log(u)). */
export function toGumbel(word: number): number {
  return -Math.log(-Math.log(toUniform(word)));
}

// Counters 3 of the derivations below; token draws use the vocabulary block index, which is small.
const DERIVE = 0x5eed0001;
const ROOT = 0x5eed0002;

/** The stream of child `index` of a branch. Children of different parents never share draws. */
export function childStream(parent: Stream, index: number): Stream {
  const out = new Uint32Array(4);
  pcg4d(parent[0], parent[1], index >>> 0, DERIVE, out);
  return [out[0], out[1]];
}

/** The root stream of a run: the visitor's seed mixed with the problem, so that problems differ. */
export function rootStream(seed: number, text: string): Stream {
  const out = new Uint32Array(4);
  pcg4d(seed >>> 0, hashText(text), Math.floor(seed / 4294967296) >>> 0, ROOT, out);
  return [out[0], out[1]];
}

/** FNV-1a over UTF-16 units: a stable 32-bit key for text, not a checksum. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** A sequential generator over one stream, for shuffles, bootstraps and problem generation. */
export class StreamRandom {
  private counter = 0;
  private readonly words = new Uint32Array(4);

  constructor(private readonly stream: Stream) {}

  /** Uniform in (0, 1). */
  next(): number {
    const lane = this.counter & 3;
    if (lane === 0)
      pcg4d(this.stream[0], this.stream[1], this.counter >>> 2, 0x5eed0003, this.words);
    this.counter++;
    return toUniform(this.words[lane]);
  }

  /** Uniform integer in [low, high], both ends included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }
}
