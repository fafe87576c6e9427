// Arithmetic peak: every thread runs `rounds` * 64 dependent-free multiply-adds on four vec4.
//
// rounds  uniform
// out     [threads] f32, so that nothing is optimised away
// 2 * 16 * 64 * rounds floating-point operations a thread.

@group(0) @binding(0) var<uniform> rounds: u32;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let seed = f32(id.x) * 1e-6;
  let factor = vec4f(0.999 + seed * 1e-6);
  var a = vec4f(seed);
  var b = vec4f(seed + 0.1);
  var c = vec4f(seed + 0.2);
  var d = vec4f(seed + 0.3);
  for (var i = 0u; i < rounds; i++) {
    for (var j = 0u; j < 64u; j++) {
      a = fma(a, factor, factor);
      b = fma(b, factor, factor);
      c = fma(c, factor, factor);
      d = fma(d, factor, factor);
    }
  }
  out[id.x] = dot(a + b, c + d);
}
