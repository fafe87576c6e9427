// Value head: values[o] = bias + sum over k of norm(x[picks[o]])[k] * w[k], raw (before the sigmoid).
//
// call    uniform  outputs in use
// shape   uniform  inner = dim; outer = 1; wordStride and scaleStride of w; eps of the norm
// x       [rows, inner] f32     w [1, inner] f32     bias [1]     gamma [inner]     picks [outputs]
// values  [outputs] f32
// One workgroup of 64 threads for an output. Sums are f32: each thread in order of k, then the parts
// (reduce.wgsl).

struct Call { rows: u32, outputs: u32, lanes: u32, steps: u32, stops: u32, finals: u32 }
struct Shape { inner: u32, outer: u32, wordStride: u32, scaleStride: u32, eps: f32 }

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> w: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> gamma: array<f32>;
@group(0) @binding(6) var<storage, read> picks: array<u32>;
@group(0) @binding(7) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3u, thread: Thread) {
  let start = picks[id.x] * shape.inner;
  let place = placeOf(thread);
  // Sum of products, sum of squares.
  var part = vec2f();
  for (var k = place; k < shape.inner; k += THREADS) {
    let value = x[start + k];
    part += vec2f(value * gamma[k] * w[k], value * value);
  }
  let sums = workgroupSum(thread, part);
  if (place == 0u) {
    let root = inverseSqrt(sums.y / f32(shape.inner) + shape.eps);
    values[id.x] = sums.x * root + bias[0];
  }
}
