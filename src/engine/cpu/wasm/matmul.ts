// out[rows, panels * 8] (+)= x[rows, inDim] · w. Weights lie in panels of 8 outputs:
// w[panel][k][8], outputs behind the last one are zero. Strides are in bytes.
// Register tiles: 4x8, 3x8, 2x16 and 1x32 accumulators hide the latency of the additions.

/** Bytes of x that stay in the first-level cache while all panels pass by. */
const BLOCK_BYTES: i32 = 24 * 1024;

export function matmul(
  x: usize,
  xStride: usize,
  w: usize,
  out: usize,
  outStride: usize,
  rows: i32,
  inDim: i32,
  panels: i32,
  accumulate: bool,
): void {
  const panelBytes: usize = (<usize>inDim) << 5;
  const block = max(4, (BLOCK_BYTES / (inDim << 2)) & ~3);
  for (let first = 0; first < rows; first += block) {
    const last = min(rows, first + block);
    const full = first + ((last - first) & ~3);
    if (full > first) {
      for (let panel = 0; panel < panels; panel++) {
        const at = w + <usize>panel * panelBytes;
        for (let row = first; row < full; row += 4) {
          tile4(
            x + <usize>row * xStride,
            xStride,
            at,
            out + <usize>row * outStride + ((<usize>panel) << 5),
            outStride,
            inDim,
            accumulate,
          );
        }
      }
    }
    const left = last - full;
    if (left == 0) continue;
    const xTail = x + <usize>full * xStride;
    const outTail = out + <usize>full * outStride;
    if (left == 3) tail3(xTail, xStride, w, panelBytes, outTail, outStride, inDim, panels, accumulate);
    else if (left == 2) tail2(xTail, xStride, w, panelBytes, outTail, outStride, inDim, panels, accumulate);
    else tail1(xTail, w, panelBytes, outTail, inDim, panels, accumulate);
  }
}

function tail3(
  x: usize, xStride: usize, w: usize, panelBytes: usize, out: usize, outStride: usize,
  inDim: i32, panels: i32, accumulate: bool,
): void {
  for (let panel = 0; panel < panels; panel++) {
    tile3(x, xStride, w, out, outStride, inDim, accumulate);
    w += panelBytes;
    out += 32;
  }
}

function tail2(
  x: usize, xStride: usize, w: usize, panelBytes: usize, out: usize, outStride: usize,
  inDim: i32, panels: i32, accumulate: bool,
): void {
  let panel = 0;
  for (; panel + 2 <= panels; panel += 2) {
    tile2(x, xStride, w, w + panelBytes, out, outStride, inDim, accumulate);
    w += panelBytes << 1;
    out += 64;
  }
  if (panel < panels) {
    tile1(x, w, out, inDim, accumulate);
    tile1(x + xStride, w, out + outStride, inDim, accumulate);
  }
}

function tail1(
  x: usize, w: usize, panelBytes: usize, out: usize, inDim: i32, panels: i32, accumulate: bool,
): void {
  let panel = 0;
  for (; panel + 4 <= panels; panel += 4) {
    tile1by4(x, w, panelBytes, out, inDim, accumulate);
    w += panelBytes << 2;
    out += 128;
  }
  for (; panel < panels; panel++) {
    tile1(x, w, out, inDim, accumulate);
    w += panelBytes;
    out += 32;
  }
}

// @ts-ignore: decorator
@inline
function madd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

// @ts-ignore: decorator
@inline
function put(out: usize, a: v128, b: v128, accumulate: bool): void {
  if (accumulate) {
    a = f32x4.add(v128.load(out), a);
    b = f32x4.add(v128.load(out, 16), b);
  }
  v128.store(out, a);
  v128.store(out, b, 16);
}

function tile4(
  x: usize, xStride: usize, w: usize, out: usize, outStride: usize, inDim: i32, accumulate: bool,
): void {
  let x0 = x;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let x3 = x2 + xStride;
  let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0;
  const end = x0 + ((<usize>inDim) << 2);
  const end2 = x0 + ((<usize>(inDim & ~1)) << 2);
  while (x0 < end2) {
    let wa = v128.load(w);
    let wb = v128.load(w, 16);
    let s = v128.load_splat<f32>(x0);
    a0 = madd(a0, s, wa);
    b0 = madd(b0, s, wb);
    s = v128.load_splat<f32>(x1);
    a1 = madd(a1, s, wa);
    b1 = madd(b1, s, wb);
    s = v128.load_splat<f32>(x2);
    a2 = madd(a2, s, wa);
    b2 = madd(b2, s, wb);
    s = v128.load_splat<f32>(x3);
    a3 = madd(a3, s, wa);
    b3 = madd(b3, s, wb);
    wa = v128.load(w, 32);
    wb = v128.load(w, 48);
    s = v128.load_splat<f32>(x0, 4);
    a0 = madd(a0, s, wa);
    b0 = madd(b0, s, wb);
    s = v128.load_splat<f32>(x1, 4);
    a1 = madd(a1, s, wa);
    b1 = madd(b1, s, wb);
    s = v128.load_splat<f32>(x2, 4);
    a2 = madd(a2, s, wa);
    b2 = madd(b2, s, wb);
    s = v128.load_splat<f32>(x3, 4);
    a3 = madd(a3, s, wa);
    b3 = madd(b3, s, wb);
    w += 64;
    x0 += 8;
    x1 += 8;
    x2 += 8;
    x3 += 8;
  }
  if (x0 < end) {
    const wa = v128.load(w);
    const wb = v128.load(w, 16);
    let s = v128.load_splat<f32>(x0);
    a0 = madd(a0, s, wa);
    b0 = madd(b0, s, wb);
    s = v128.load_splat<f32>(x1);
    a1 = madd(a1, s, wa);
    b1 = madd(b1, s, wb);
    s = v128.load_splat<f32>(x2);
    a2 = madd(a2, s, wa);
    b2 = madd(b2, s, wb);
    s = v128.load_splat<f32>(x3);
    a3 = madd(a3, s, wa);
    b3 = madd(b3, s, wb);
  }
  put(out, a0, b0, accumulate);
  out += outStride;
  put(out, a1, b1, accumulate);
  out += outStride;
  put(out, a2, b2, accumulate);
  out += outStride;
  put(out, a3, b3, accumulate);
}

function tile3(
  x: usize, xStride: usize, w: usize, out: usize, outStride: usize, inDim: i32, accumulate: bool,
): void {
  let x0 = x;
  let x1 = x + xStride;
  let x2 = x1 + xStride;
  let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0;
  const end = x0 + ((<usize>inDim) << 2);
  while (x0 < end) {
    const wa = v128.load(w);
    const wb = v128.load(w, 16);
    let s = v128.load_splat<f32>(x0);
    a0 = madd(a0, s, wa);
    b0 = madd(b0, s, wb);
    s = v128.load_splat<f32>(x1);
    a1 = madd(a1, s, wa);
    b1 = madd(b1, s, wb);
    s = v128.load_splat<f32>(x2);
    a2 = madd(a2, s, wa);
    b2 = madd(b2, s, wb);
    w += 32;
    x0 += 4;
    x1 += 4;
    x2 += 4;
  }
  put(out, a0, b0, accumulate);
  out += outStride;
  put(out, a1, b1, accumulate);
  out += outStride;
  put(out, a2, b2, accumulate);
}

function tile2(
  x: usize, xStride: usize, w: usize, v: usize, out: usize, outStride: usize,
  inDim: i32, accumulate: bool,
): void {
  let x0 = x;
  let x1 = x + xStride;
  let a0 = f32x4.splat(0), b0 = a0, c0 = a0, d0 = a0, a1 = a0, b1 = a0, c1 = a0, d1 = a0;
  const end = x0 + ((<usize>inDim) << 2);
  while (x0 < end) {
    const wa = v128.load(w);
    const wb = v128.load(w, 16);
    const wc = v128.load(v);
    const wd = v128.load(v, 16);
    let s = v128.load_splat<f32>(x0);
    a0 = madd(a0, s, wa);
    b0 = madd(b0, s, wb);
    c0 = madd(c0, s, wc);
    d0 = madd(d0, s, wd);
    s = v128.load_splat<f32>(x1);
    a1 = madd(a1, s, wa);
    b1 = madd(b1, s, wb);
    c1 = madd(c1, s, wc);
    d1 = madd(d1, s, wd);
    w += 32;
    v += 32;
    x0 += 4;
    x1 += 4;
  }
  put(out, a0, b0, accumulate);
  put(out + 32, c0, d0, accumulate);
  out += outStride;
  put(out, a1, b1, accumulate);
  put(out + 32, c1, d1, accumulate);
}

function tile1by4(
  x: usize, w: usize, panelBytes: usize, out: usize, inDim: i32, accumulate: bool,
): void {
  let w1 = w + panelBytes;
  let w2 = w1 + panelBytes;
  let w3 = w2 + panelBytes;
  let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0;
  const end = x + ((<usize>inDim) << 2);
  while (x < end) {
    const s = v128.load_splat<f32>(x);
    a0 = madd(a0, s, v128.load(w));
    b0 = madd(b0, s, v128.load(w, 16));
    a1 = madd(a1, s, v128.load(w1));
    b1 = madd(b1, s, v128.load(w1, 16));
    a2 = madd(a2, s, v128.load(w2));
    b2 = madd(b2, s, v128.load(w2, 16));
    a3 = madd(a3, s, v128.load(w3));
    b3 = madd(b3, s, v128.load(w3, 16));
    w += 32;
    w1 += 32;
    w2 += 32;
    w3 += 32;
    x += 4;
  }
  put(out, a0, b0, accumulate);
  put(out + 32, a1, b1, accumulate);
  put(out + 64, a2, b2, accumulate);
  put(out + 96, a3, b3, accumulate);
}

function tile1(x: usize, w: usize, out: usize, inDim: i32, accumulate: bool): void {
  let a = f32x4.splat(0), b = a;
  const end = x + ((<usize>inDim) << 2);
  while (x < end) {
    const s = v128.load_splat<f32>(x);
    a = madd(a, s, v128.load(w));
    b = madd(b, s, v128.load(w, 16));
    w += 32;
    x += 4;
  }
  put(out, a, b, accumulate);
}
