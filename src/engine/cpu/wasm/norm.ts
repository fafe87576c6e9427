// out[row] = x[row] / sqrt(mean(x[row]²) + eps) · weight. `picks` names the rows of x to take, so that
// only sampled rows pass the head; 0 takes rows 0, 1, 2 … Strides in bytes.
import { sum4 } from './math';

export function rmsNorm(
  x: usize,
  xStride: usize,
  weight: usize,
  out: usize,
  outStride: usize,
  picks: usize,
  rows: i32,
  dim: i32,
  eps: f32,
): void {
  const bytes: usize = (<usize>dim) << 2;
  const simdBytes: usize = (<usize>(dim & ~3)) << 2;
  for (let row = 0; row < rows; row++) {
    const source = picks == 0 ? row : load<i32>(picks + ((<usize>row) << 2));
    const from = x + <usize>source * xStride;
    const to = out + <usize>row * outStride;
    let squares = f32x4.splat(0);
    let at: usize = 0;
    for (; at < simdBytes; at += 16) {
      const v = v128.load(from + at);
      squares = f32x4.add(squares, f32x4.mul(v, v));
    }
    let total = sum4(squares);
    for (; at < bytes; at += 4) {
      const v = load<f32>(from + at);
      total += v * v;
    }
    const scale: f32 = <f32>1 / sqrt<f32>(total / <f32>dim + eps);
    const scales = f32x4.splat(scale);
    for (at = 0; at < simdBytes; at += 16) {
      v128.store(
        to + at,
        f32x4.mul(f32x4.mul(v128.load(from + at), scales), v128.load(weight + at)),
      );
    }
    for (; at < bytes; at += 4) {
      store<f32>(to + at, load<f32>(from + at) * scale * load<f32>(weight + at));
    }
  }
}
