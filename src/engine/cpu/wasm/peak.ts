// The machine's own ceiling: multiply-adds on registers, nothing else. 12 chains, 96 FLOPs a round:
// enough to fill three pipes over the latency of a multiplication and an addition.

/** Runs `rounds` rounds; returns a value so that nothing is optimised away. */
export function peak(rounds: i32): f32 {
  const factor = f32x4.splat(0.999999);
  const term = f32x4.splat(1e-6);
  let a = f32x4.splat(1);
  let b = f32x4.splat(2);
  let c = f32x4.splat(3);
  let d = f32x4.splat(4);
  let e = f32x4.splat(5);
  let f = f32x4.splat(6);
  let g = f32x4.splat(7);
  let h = f32x4.splat(8);
  let i = f32x4.splat(9);
  let j = f32x4.splat(10);
  let k = f32x4.splat(11);
  let l = f32x4.splat(12);
  for (let round = 0; round < rounds; round++) {
    a = f32x4.add(f32x4.mul(a, factor), term);
    b = f32x4.add(f32x4.mul(b, factor), term);
    c = f32x4.add(f32x4.mul(c, factor), term);
    d = f32x4.add(f32x4.mul(d, factor), term);
    e = f32x4.add(f32x4.mul(e, factor), term);
    f = f32x4.add(f32x4.mul(f, factor), term);
    g = f32x4.add(f32x4.mul(g, factor), term);
    h = f32x4.add(f32x4.mul(h, factor), term);
    i = f32x4.add(f32x4.mul(i, factor), term);
    j = f32x4.add(f32x4.mul(j, factor), term);
    k = f32x4.add(f32x4.mul(k, factor), term);
    l = f32x4.add(f32x4.mul(l, factor), term);
  }
  a = f32x4.add(a, b);
  a = f32x4.add(a, c);
  a = f32x4.add(a, d);
  a = f32x4.add(a, e);
  a = f32x4.add(a, f);
  a = f32x4.add(a, g);
  a = f32x4.add(a, h);
  a = f32x4.add(a, i);
  a = f32x4.add(a, j);
  a = f32x4.add(a, k);
  a = f32x4.add(a, l);
  return f32x4.extract_lane(a, 0);
}
