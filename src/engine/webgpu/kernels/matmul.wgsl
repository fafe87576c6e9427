// Tiled matrix product with optional RMSNorm in front and bias, residual or SwiGLU behind:
//   y[m, n] = epilogue(sum over k of norm(x[m])[k] * w[n, k] + bias[n])
//
// call    uniform  rows in use (outputs in use when `gathered`)
// shape   uniform  inner = K; outer = N, rows of w; wordStride and scaleStride of w; eps of the norm
// x       [rows, inner] f32; when `gathered`, row m of the product reads row picks[m] of x
// w       [outer, inner] in `format`, each row padded with zeros to whole words
// scales  [outer, scaleStride] for int8 and q4     bias [outer]     gamma [inner]     picks [outputs]
// y       [rows, outer] f32, or [rows, outer / 2] for SwiGLU
// epilogue 0 stores, 1 adds to y (residual), 2 takes the first half of w as gate and the second as
// up and stores silu(gate) * up.
// A workgroup makes a tile of 4 * threadsY rows by 4 * threadsX columns (2 * threadsX of each half
// for SwiGLU) and holds K in pieces of 16 in workgroup memory. Sums are f32, in order of k.
// norm(x)[k] = x[k] * gamma[k] / sqrt(mean(x^2) + eps): gamma is multiplied into w on its way in,
// the root is a factor of the whole row and is applied at the end.

override threadsX: u32 = 8u;
override threadsY: u32 = 8u;
override format: u32 = 0u;
override epilogue: u32 = 0u;
override normed: bool = false;
override biased: bool = false;
override gathered: bool = false;

const DEPTH = 16u;
override tileRows: u32 = 4u * threadsY;
override tileColumns: u32 = 4u * threadsX;
// One element of padding: threads that store along k then hit different banks.
override rowStride: u32 = tileRows + 1u;
override columnStride: u32 = tileColumns + 1u;

struct Call { rows: u32, outputs: u32, lanes: u32, steps: u32, stops: u32, finals: u32 }
struct Shape { inner: u32, outer: u32, wordStride: u32, scaleStride: u32, eps: f32 }

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> w: array<u32>;
@group(0) @binding(4) var<storage, read> scales: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read> gamma: array<f32>;
@group(0) @binding(7) var<storage, read> picks: array<u32>;
@group(0) @binding(8) var<storage, read_write> y: array<f32>;

var<workgroup> xTile: array<f32, DEPTH * rowStride>;
var<workgroup> wTile: array<f32, DEPTH * columnStride>;

// Four consecutive values of row n of w, from k (a multiple of 4).
fn weights(n: u32, k: u32) -> vec4f {
  let base = n * shape.wordStride;
  if (format == 0u) {
    let at = base + k;
    return bitcast<vec4f>(vec4u(w[at], w[at + 1u], w[at + 2u], w[at + 3u]));
  }
  if (format == 1u) {
    let at = base + k / 2u;
    return vec4f(unpack2x16float(w[at]), unpack2x16float(w[at + 1u]));
  }
  let scale = scales[n * shape.scaleStride + k / 32u];
  if (format == 2u) {
    let word = vec4i(bitcast<i32>(w[base + k / 4u]));
    return scale * vec4f((word << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u));
  }
  let half = w[base + k / 8u] >> (4u * (k % 8u));
  return scale * (vec4f((vec4u(half) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u)) - 7.0);
}

fn gammas(k: u32) -> vec4f {
  if (!normed) { return vec4f(1.0); }
  let last = shape.inner - 1u;
  return vec4f(
    gamma[k], gamma[min(k + 1u, last)], gamma[min(k + 2u, last)], gamma[min(k + 3u, last)]);
}

// The row of w behind column c of tile `tile`; past the end it is >= outer.
fn weightRow(tile: u32, c: u32) -> u32 {
  if (epilogue != 2u) { return tile * tileColumns + c; }
  let half = tileColumns / 2u;
  let width = shape.outer / 2u;
  let j = tile * half + c % half;
  return select(select(width, 0u, c < half) + j, shape.outer, j >= width);
}

fn store(m: u32, n: u32, value: f32) {
  let at = m * shape.outer + n;
  let total = value + select(0.0, bias[n], biased);
  if (epilogue == 1u) { y[at] += total; } else { y[at] = total; }
}

fn storeGated(m: u32, n: u32, gate: f32, up: f32) {
  let width = shape.outer / 2u;
  if (n < width) { y[m * width + n] = gate / (1.0 + exp(-gate)) * up; }
}

@compute @workgroup_size(threadsX, threadsY)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let threads = threadsX * threadsY;
  let count = select(call.rows, call.outputs, gathered);
  let firstRow = group.y * tileRows;
  var sums = array<vec4f, 4>();
  var squares = vec4f();

  for (var k0 = 0u; k0 < shape.inner; k0 += DEPTH) {
    for (var i = thread; i < tileRows * DEPTH; i += threads) {
      let m = firstRow + i / DEPTH;
      let k = k0 + i % DEPTH;
      var value = 0.0;
      if (m < count && k < shape.inner) {
        var source = m;
        if (gathered) { source = picks[m]; }
        value = x[source * shape.inner + k];
      }
      xTile[(i % DEPTH) * rowStride + i / DEPTH] = value;
    }
    for (var i = thread; i < tileColumns * (DEPTH / 4u); i += threads) {
      let column = i / (DEPTH / 4u);
      let quad = i % (DEPTH / 4u) * 4u;
      let n = weightRow(group.x, column);
      var value = vec4f();
      if (n < shape.outer && k0 + quad < shape.inner) {
        value = weights(n, k0 + quad) * gammas(k0 + quad);
      }
      for (var j = 0u; j < 4u; j++) { wTile[(quad + j) * columnStride + column] = value[j]; }
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH; k++) {
      let row = k * rowStride + local.y;
      let column = k * columnStride + local.x;
      let a = vec4f(
        xTile[row], xTile[row + threadsY], xTile[row + 2u * threadsY], xTile[row + 3u * threadsY]);
      let b = vec4f(
        wTile[column], wTile[column + threadsX],
        wTile[column + 2u * threadsX], wTile[column + 3u * threadsX]);
      for (var i = 0u; i < 4u; i++) { sums[i] += a[i] * b; }
      if (normed) { squares += a * a; }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < 4u; i++) {
    let m = firstRow + local.y + i * threadsY;
    if (m >= count) { continue; }
    var sum = sums[i];
    if (normed) { sum *= inverseSqrt(squares[i] / f32(shape.inner) + shape.eps); }
    if (epilogue == 2u) {
      let n = group.x * (tileColumns / 2u) + local.x;
      storeGated(m, n, sum[0], sum[2]);
      storeGated(m, n + threadsX, sum[1], sum[3]);
    } else {
      for (var j = 0u; j < 4u; j++) {
        let n = group.x * tileColumns + local.x + j * threadsX;
        if (n < shape.outer) { store(m, n, sum[j]); }
      }
    }
  }
}
