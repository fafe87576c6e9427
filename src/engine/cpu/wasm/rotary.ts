// Rotary embedding, rotate-half, in place: pairs (i, i + headDim / 2) of the first `heads` heads of
// every row. `table[position]` holds headDim / 2 cosines, then as many sines.

export function rotate(
  x: usize,
  stride: usize,
  positions: usize,
  table: usize,
  rows: i32,
  heads: i32,
  headDim: i32,
): void {
  const half: usize = (<usize>headDim) << 1;
  const headBytes: usize = (<usize>headDim) << 2;
  const simdHalf = half & ~15;
  for (let row = 0; row < rows; row++) {
    const cosines = table + <usize>load<u32>(positions + ((<usize>row) << 2)) * headBytes;
    const sines = cosines + half;
    let head = x + <usize>row * stride;
    for (let h = 0; h < heads; h++) {
      let at: usize = 0;
      for (; at < simdHalf; at += 16) {
        const a = v128.load(head + at);
        const b = v128.load(head + half + at);
        const c = v128.load(cosines + at);
        const s = v128.load(sines + at);
        v128.store(head + at, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
        v128.store(head + half + at, f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s)));
      }
      for (; at < half; at += 4) {
        const a = load<f32>(head + at);
        const b = load<f32>(head + half + at);
        const c = load<f32>(cosines + at);
        const s = load<f32>(sines + at);
        store<f32>(head + at, a * c - b * s);
        store<f32>(head + half + at, b * c + a * s);
      }
      head += headBytes;
    }
  }
}
