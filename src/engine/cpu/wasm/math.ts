// Four-lane exp and log in f32, relative error below 3e-7 in the ranges that occur.

/** e^x for x ≤ 88; below −87 it is 0 to within 1e-38. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.max(x, f32x4.splat(-87));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  // ln 2 in two parts: n times the first is exact.
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.0 / 720.0);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 120.0));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 24.0));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 6.0));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, scale);
}

/** 2 · atanh(s) = s · (2 + 2 s²/3 + 2 s⁴/5 …), |s| ≤ 1/3. */
// @ts-ignore: decorator
@inline
export function twiceAtanh4(s: v128): v128 {
  const t = f32x4.mul(s, s);
  let p = f32x4.splat(2.0 / 17.0);
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(2.0 / 15.0));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(2.0 / 13.0));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(2.0 / 11.0));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(2.0 / 9.0));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(2.0 / 7.0));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(2.0 / 5.0));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(2.0 / 3.0));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(2.0));
  return f32x4.mul(p, s);
}

/** ln x for normal x > 0. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  // x = m · 2^e with m in [1/√2, √2): subtract the bits of 1/√2 before taking the exponent.
  const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const e = i32x4.shr_s(shifted, 23);
  const m = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const one = f32x4.splat(1);
  const s = f32x4.div(f32x4.sub(m, one), f32x4.add(m, one));
  const n = f32x4.convert_i32x4_s(e);
  const low = f32x4.add(twiceAtanh4(s), f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  return f32x4.add(low, f32x4.mul(n, f32x4.splat(0.693359375)));
}

// @ts-ignore: decorator
@inline
export function sum4(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) +
    f32x4.extract_lane(x, 1) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

// @ts-ignore: decorator
@inline
export function max4(x: v128): f32 {
  return max(
    max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  );
}
