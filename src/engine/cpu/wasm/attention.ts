// Attention over slot lists. Keys and values of one layer: keys[slot][kvDim], values[slot][kvDim].
// Entry i of a row's list is the slot of position i, so shared prefixes are shared slots.
import { exp4, max4, sum4 } from './math';

// @ts-ignore: decorator
@inline
function slotAt(lists: usize, entry: u32): usize {
  return <usize>load<u32>(lists + ((<usize>entry) << 2));
}

/** Puts key and value of every row into the slot of the row's own position. */
export function storeKeyValue(
  qkv: usize,
  stride: usize,
  keyOffset: usize,
  kvBytes: usize,
  keys: usize,
  values: usize,
  positions: usize,
  listStarts: usize,
  lists: usize,
  rows: i32,
): void {
  for (let row = 0; row < rows; row++) {
    const r: usize = (<usize>row) << 2;
    const slot = slotAt(lists, load<u32>(listStarts + r) + load<u32>(positions + r));
    const from = qkv + <usize>row * stride + keyOffset;
    memory.copy(keys + slot * kvBytes, from, kvBytes);
    memory.copy(values + slot * kvBytes, from + kvBytes, kvBytes);
  }
}

/** out[row] = softmax(q · K) · V per head; `scores` is scratch for the longest list rounded up to 4.
 * headDim must be a multiple of 4. */
export function attend(
  queries: usize,
  queryStride: usize,
  out: usize,
  outStride: usize,
  keys: usize,
  values: usize,
  positions: usize,
  listStarts: usize,
  lists: usize,
  scores: usize,
  rows: i32,
  heads: i32,
  kvHeads: i32,
  headDim: i32,
): void {
  const kvBytes: usize = (<usize>(kvHeads * headDim)) << 2;
  const headBytes: usize = (<usize>headDim) << 2;
  const group = heads / kvHeads;
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>headDim);
  for (let row = 0; row < rows; row++) {
    const r: usize = (<usize>row) << 2;
    const count = load<i32>(positions + r) + 1;
    const list = lists + ((<usize>load<u32>(listStarts + r)) << 2);
    for (let head = 0; head < heads; head++) {
      const kvAt = <usize>(head / group) * headBytes;
      const query = queries + <usize>row * queryStride + <usize>head * headBytes;
      scoreAll(query, keys + kvAt, kvBytes, list, scores, count, headBytes, scale);
      const total = softmax(scores, count);
      const to = out + <usize>row * outStride + <usize>head * headBytes;
      weigh(values + kvAt, kvBytes, list, scores, count, headBytes, <f32>1 / total, to);
    }
  }
}

/** Scores of all positions, four at a time; the last group repeats the last position. */
// @ts-ignore: decorator
@inline
function scoreAll(
  query: usize,
  keys: usize,
  kvBytes: usize,
  list: usize,
  scores: usize,
  count: i32,
  headBytes: usize,
  scale: f32,
): void {
  const scales = f32x4.splat(scale);
  const last: u32 = count - 1;
  for (let p = 0; p < count; p += 4) {
    const k0 = keys + slotAt(list, p) * kvBytes;
    const k1 = keys + slotAt(list, min<u32>(p + 1, last)) * kvBytes;
    const k2 = keys + slotAt(list, min<u32>(p + 2, last)) * kvBytes;
    const k3 = keys + slotAt(list, min<u32>(p + 3, last)) * kvBytes;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (let at: usize = 0; at < headBytes; at += 16) {
      const q = v128.load(query + at);
      s0 = f32x4.add(s0, f32x4.mul(q, v128.load(k0 + at)));
      s1 = f32x4.add(s1, f32x4.mul(q, v128.load(k1 + at)));
      s2 = f32x4.add(s2, f32x4.mul(q, v128.load(k2 + at)));
      s3 = f32x4.add(s3, f32x4.mul(q, v128.load(k3 + at)));
    }
    // Transpose and add: lane i becomes the sum of s_i.
    const a = f32x4.add(
      v128.shuffle<f32>(s0, s1, 0, 4, 1, 5),
      v128.shuffle<f32>(s0, s1, 2, 6, 3, 7),
    );
    const b = f32x4.add(
      v128.shuffle<f32>(s2, s3, 0, 4, 1, 5),
      v128.shuffle<f32>(s2, s3, 2, 6, 3, 7),
    );
    const sums = f32x4.add(
      v128.shuffle<f32>(a, b, 0, 1, 4, 5),
      v128.shuffle<f32>(a, b, 2, 3, 6, 7),
    );
    v128.store(scores + ((<usize>p) << 2), f32x4.mul(sums, scales));
  }
}

/** Turns scores into e^(score − highest); returns their sum. */
// @ts-ignore: decorator
@inline
function softmax(scores: usize, count: i32): f32 {
  const padded = (count + 3) & ~3;
  const end = scores + ((<usize>padded) << 2);
  // The repeated last score cannot raise the maximum; it must not be summed.
  let highest4 = v128.load(scores);
  for (let at = scores + 16; at < end; at += 16) highest4 = f32x4.max(highest4, v128.load(at));
  const highest = f32x4.splat(max4(highest4));
  for (let at = scores; at < end; at += 16) {
    v128.store(at, exp4(f32x4.sub(v128.load(at), highest)));
  }
  for (let p = count; p < padded; p++) store<f32>(scores + ((<usize>p) << 2), 0);
  let total = f32x4.splat(0);
  for (let at = scores; at < end; at += 16) total = f32x4.add(total, v128.load(at));
  return sum4(total);
}

/** to = factor · Σ weight[p] · value[p], in blocks of 32, 8 and 4 dimensions. */
// @ts-ignore: decorator
@inline
function weigh(
  values: usize,
  kvBytes: usize,
  list: usize,
  weights: usize,
  count: i32,
  headBytes: usize,
  factor: f32,
  to: usize,
): void {
  let at: usize = 0;
  for (; at + 128 <= headBytes; at += 128) {
    weigh32(values + at, kvBytes, list, weights, count, factor, to + at);
  }
  for (; at < headBytes; at += 16) weigh4(values + at, kvBytes, list, weights, count, factor, to + at);
}

function weigh32(
  values: usize, kvBytes: usize, list: usize, weights: usize, count: i32, factor: f32, to: usize,
): void {
  let a = f32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  for (let p = 0; p < count; p++) {
    const from = values + slotAt(list, p) * kvBytes;
    const w = v128.load_splat<f32>(weights + ((<usize>p) << 2));
    a = f32x4.add(a, f32x4.mul(w, v128.load(from)));
    b = f32x4.add(b, f32x4.mul(w, v128.load(from, 16)));
    c = f32x4.add(c, f32x4.mul(w, v128.load(from, 32)));
    d = f32x4.add(d, f32x4.mul(w, v128.load(from, 48)));
    e = f32x4.add(e, f32x4.mul(w, v128.load(from, 64)));
    f = f32x4.add(f, f32x4.mul(w, v128.load(from, 80)));
    g = f32x4.add(g, f32x4.mul(w, v128.load(from, 96)));
    h = f32x4.add(h, f32x4.mul(w, v128.load(from, 112)));
  }
  const s = f32x4.splat(factor);
  v128.store(to, f32x4.mul(a, s));
  v128.store(to, f32x4.mul(b, s), 16);
  v128.store(to, f32x4.mul(c, s), 32);
  v128.store(to, f32x4.mul(d, s), 48);
  v128.store(to, f32x4.mul(e, s), 64);
  v128.store(to, f32x4.mul(f, s), 80);
  v128.store(to, f32x4.mul(g, s), 96);
  v128.store(to, f32x4.mul(h, s), 112);
}

function weigh4(
  values: usize, kvBytes: usize, list: usize, weights: usize, count: i32, factor: f32, to: usize,
): void {
  let sum = f32x4.splat(0);
  for (let p = 0; p < count; p++) {
    const w = v128.load_splat<f32>(weights + ((<usize>p) << 2));
    sum = f32x4.add(sum, f32x4.mul(w, v128.load(values + slotAt(list, p) * kvBytes)));
  }
  v128.store(to, f32x4.mul(sum, f32x4.splat(factor)));
}
