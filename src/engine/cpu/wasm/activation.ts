import { exp4 } from './math';

/** x[row] += bias. */
export function addBias(x: usize, stride: usize, bias: usize, rows: i32, dim: i32): void {
  for (let row = 0; row < rows; row++) {
    const at = x + <usize>row * stride;
    for (let i: usize = 0; i < (<usize>dim) << 2; i += 4) {
      store<f32>(at + i, load<f32>(at + i) + load<f32>(bias + i));
    }
  }
}

/** out[row] = silu(gate) · up, where x[row] is gate[dim] then up[dim]. May read and write up to three
 * values behind dim: all row strides are multiples of 32 bytes, and `up` begins at `upOffset`. */
export function siluMultiply(
  x: usize,
  stride: usize,
  upOffset: usize,
  out: usize,
  outStride: usize,
  rows: i32,
  dim: i32,
): void {
  const bytes: usize = (<usize>dim) << 2;
  const one = f32x4.splat(1);
  for (let row = 0; row < rows; row++) {
    const gate = x + <usize>row * stride;
    const to = out + <usize>row * outStride;
    for (let at: usize = 0; at < bytes; at += 16) {
      const g = v128.load(gate + at);
      const u = v128.load(gate + upOffset + at);
      // Beyond −80 the quotient is 0 in f32 either way; the bound keeps e^−g finite.
      const e = exp4(f32x4.neg(f32x4.max(g, f32x4.splat(-80))));
      v128.store(to + at, f32x4.mul(f32x4.div(g, f32x4.add(one, e)), u));
    }
  }
}
