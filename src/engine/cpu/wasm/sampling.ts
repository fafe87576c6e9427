// Sampling of one row (device.ts, "Sampling"): argmax or Gumbel-max with pcg4d noise, exactly as
// src/shared/random.ts but for f32 logarithms.
import { exp4, log4, max4, sum4, twiceAtanh4 } from './math';

/**
 * Returns the token; writes its log-probability at temperature 1 to `logProb`. `keys` are the logits
 * that may win (−∞ where top-k or top-p dropped a token), often `logits` itself; both must have room
 * up to the next multiple of 16 and are overwritten with −∞ there.
 */
export function sampleRow(
  logits: usize,
  keys: usize,
  vocab: i32,
  temperature: f32,
  stream0: i32,
  stream1: i32,
  position: i32,
  logProb: usize,
): i32 {
  pad(logits, vocab);
  if (keys != logits) pad(keys, vocab);
  const token =
    temperature == 0
      ? argmax(keys, vocab)
      : gumbelMax(keys, vocab, <f32>1 / temperature, stream0, stream1, position);
  store<f32>(logProb, load<f32>(logits + ((<usize>token) << 2)) - logSumExp(logits, vocab));
  return token;
}

// @ts-ignore: decorator
@inline
function pad(x: usize, vocab: i32): void {
  for (let v = vocab; v < ((vocab + 15) & ~15); v++) store<f32>(x + ((<usize>v) << 2), -Infinity);
}

function argmax(x: usize, vocab: i32): i32 {
  let best = 0;
  let bestKey = load<f32>(x);
  for (let v = 1; v < vocab; v++) {
    const key = load<f32>(x + ((<usize>v) << 2));
    if (key > bestKey) {
      best = v;
      bestKey = key;
    }
  }
  return best;
}

function logSumExp(x: usize, vocab: i32): f32 {
  const end = x + ((<usize>((vocab + 15) & ~15)) << 2);
  let highest4 = v128.load(x);
  for (let at = x + 16; at < end; at += 16) highest4 = f32x4.max(highest4, v128.load(at));
  const highest = max4(highest4);
  let total = f32x4.splat(0);
  for (let at = x; at < end; at += 16) {
    total = f32x4.add(total, exp4(f32x4.sub(v128.load(at), f32x4.splat(highest))));
  }
  return highest + <f32>Math.log(sum4(total));
}

/** Four hash blocks, i.e. 16 tokens, at a time. */
function gumbelMax(
  keys: usize,
  vocab: i32,
  inverseTemperature: f32,
  stream0: i32,
  stream1: i32,
  position: i32,
): i32 {
  const factor = f32x4.splat(inverseTemperature);
  const a = i32x4.splat(stream0 * 1664525 + 1013904223);
  const b = i32x4.splat(stream1 * 1664525 + 1013904223);
  const c = i32x4.splat(position * 1664525 + 1013904223);
  let best = f32x4.splat(-Infinity);
  let bestAt = i32x4.splat(0);
  for (let v = 0; v < vocab; v += 16) {
    const block = i32x4.add(i32x4.splat(v >> 2), i32x4(0, 1, 2, 3));
    let w = i32x4.add(i32x4.mul(block, i32x4.splat(1664525)), i32x4.splat(1013904223));
    let x = i32x4.add(a, i32x4.mul(b, w));
    let y = i32x4.add(b, i32x4.mul(c, x));
    let z = i32x4.add(c, i32x4.mul(x, y));
    w = i32x4.add(w, i32x4.mul(y, z));
    x = v128.xor(x, i32x4.shr_u(x, 16));
    y = v128.xor(y, i32x4.shr_u(y, 16));
    z = v128.xor(z, i32x4.shr_u(z, 16));
    w = v128.xor(w, i32x4.shr_u(w, 16));
    x = i32x4.add(x, i32x4.mul(y, w));
    y = i32x4.add(y, i32x4.mul(z, x));
    z = i32x4.add(z, i32x4.mul(x, y));
    w = i32x4.add(w, i32x4.mul(y, z));
    // Word j of block i belongs to token v + 4 i + j: transpose.
    const t0 = v128.shuffle<i32>(x, y, 0, 4, 1, 5);
    const t1 = v128.shuffle<i32>(z, w, 0, 4, 1, 5);
    const t2 = v128.shuffle<i32>(x, y, 2, 6, 3, 7);
    const t3 = v128.shuffle<i32>(z, w, 2, 6, 3, 7);
    const at = keys + ((<usize>v) << 2);
    for (let i = 0; i < 4; i++) {
      const words =
        i == 0
          ? v128.shuffle<i32>(t0, t1, 0, 1, 4, 5)
          : i == 1
            ? v128.shuffle<i32>(t0, t1, 2, 3, 6, 7)
            : i == 2
              ? v128.shuffle<i32>(t2, t3, 0, 1, 4, 5)
              : v128.shuffle<i32>(t2, t3, 2, 3, 6, 7);
      const logit = v128.load(at + ((<usize>i) << 4));
      const key = f32x4.add(f32x4.mul(logit, factor), gumbel4(words));
      const ids = i32x4.add(i32x4.splat(v + (i << 2)), i32x4(0, 1, 2, 3));
      const better = f32x4.gt(key, best);
      best = v128.bitselect(key, best, better);
      bestAt = v128.bitselect(ids, bestAt, better);
    }
  }
  return lowestBest(best, bestAt);
}

/** −ln(−ln u), u = (word + 0.5) / 2³². Above 1/2 it works on 1 − u, which keeps its digits there. */
// @ts-ignore: decorator
@inline
function gumbel4(words: v128): v128 {
  const unit = f32x4.splat(2.3283064365386963e-10);
  const half = f32x4.splat(0.5);
  const u = f32x4.mul(f32x4.add(f32x4.convert_i32x4_u(words), half), unit);
  const rest = f32x4.mul(f32x4.add(f32x4.convert_i32x4_u(v128.not(words)), half), unit);
  const low = f32x4.neg(log4(u));
  // −ln(1 − c) = 2 atanh(c / (2 − c))
  const high = twiceAtanh4(f32x4.div(rest, f32x4.sub(f32x4.splat(2), rest)));
  const exponential = v128.bitselect(low, high, f32x4.lt(u, half));
  return f32x4.neg(log4(exponential));
}

function lowestBest(best: v128, at: v128): i32 {
  const highest = max4(best);
  let lowest = i32.MAX_VALUE;
  if (f32x4.extract_lane(best, 0) == highest) lowest = min(lowest, i32x4.extract_lane(at, 0));
  if (f32x4.extract_lane(best, 1) == highest) lowest = min(lowest, i32x4.extract_lane(at, 1));
  if (f32x4.extract_lane(best, 2) == highest) lowest = min(lowest, i32x4.extract_lane(at, 2));
  if (f32x4.extract_lane(best, 3) == highest) lowest = min(lowest, i32x4.extract_lane(at, 3));
  return lowest;
}
