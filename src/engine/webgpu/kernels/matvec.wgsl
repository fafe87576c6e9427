// The same product as matmul.wgsl for few rows: reads each weight once for four rows and keeps all
// threads busy where a tile would be mostly empty. Same bindings, shapes, formats and epilogues:
//   y[m, n] = epilogue(sum over k of norm(x[m])[k] * w[n, k] + bias[n])
//
// call    uniform  rows in use (outputs in use when `gathered`)
// shape   uniform  inner = K; outer = N, rows of w; wordStride and scaleStride of w; eps of the norm
// x       [rows, inner] f32; when `gathered`, row m of the product reads row picks[m] of x
// w       [outer, inner] in `format`, each row padded with zeros to whole words
// scales  [outer, scaleStride] for int8 and q4     bias [outer]     gamma [inner]     picks [outputs]
// y       [rows, outer] f32, or [rows, outer / 2] for SwiGLU (epilogue 2); epilogue 1 adds to y
// A workgroup of 64 threads makes 4 rows by 64 / SPLIT columns; SPLIT threads share a column and split
// k (reduce.wgsl). Sums are f32: each thread in order of k, then the parts.

override format: u32 = 0u;
override epilogue: u32 = 0u;
override normed: bool = false;
override biased: bool = false;
override gathered: bool = false;

const ROWS = 4u;

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

// Four values of x from k; zero past the end of the row, or past the last row.
fn values(m: u32, k: u32) -> vec4f {
  if (m >= select(call.rows, call.outputs, gathered)) { return vec4f(); }
  var source = m;
  if (gathered) { source = picks[m]; }
  let at = source * shape.inner + k;
  var four = vec4f(x[at], 0.0, 0.0, 0.0);
  if (k + 1u < shape.inner) { four.y = x[at + 1u]; }
  if (k + 2u < shape.inner) { four.z = x[at + 2u]; }
  if (k + 3u < shape.inner) { four.w = x[at + 3u]; }
  return four;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, thread: Thread) {
  let width = select(shape.outer, shape.outer / 2u, epilogue == 2u);
  let place = placeOf(thread);
  let n = group.x * (THREADS / SPLIT) + place / SPLIT;
  let firstRow = group.y * ROWS;
  // Of the column, of the up projection behind it, and of the squares of x, for each row.
  var parts = array<vec4f, 3>();
  if (n < width) {
    for (var k = place % SPLIT * 4u; k < shape.inner; k += SPLIT * 4u) {
      let scale = gammas(k);
      let first = weights(n, k) * scale;
      var second = vec4f();
      if (epilogue == 2u) { second = weights(n + width, k) * scale; }
      for (var r = 0u; r < ROWS; r++) {
        let four = values(firstRow + r, k);
        parts[0][r] += dot(first, four);
        if (epilogue == 2u) { parts[1][r] += dot(second, four); }
        if (normed) { parts[2][r] += dot(four, four); }
      }
    }
  }
  var sums = teamSums(thread, parts);
  if (place % SPLIT != 0u || n >= width) { return; }
  if (normed) {
    let root = inverseSqrt(sums[2] / f32(shape.inner) + shape.eps);
    sums[0] *= root;
    sums[1] *= root;
  }
  for (var r = 0u; r < ROWS; r++) {
    let m = firstRow + r;
    if (m >= select(call.rows, call.outputs, gathered)) { return; }
    let at = m * width + n;
    let sum = sums[0][r];
    if (epilogue == 2u) {
      y[at] = sum / (1.0 + exp(-sum)) * sums[1][r];
      continue;
    }
    let total = sum + select(0.0, bias[n], biased);
    if (epilogue == 1u) { y[at] += total; } else { y[at] = total; }
  }
}
