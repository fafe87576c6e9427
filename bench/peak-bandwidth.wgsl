// Bandwidth peak: reads a buffer far larger than any cache once, coalesced, and writes one sum for
// each thread.
//
// words   uniform  vec4 in `data`
// data    [words] vec4f
// out     [threads] f32

@group(0) @binding(0) var<uniform> words: u32;
@group(0) @binding(1) var<storage, read> data: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  var sum = vec4f();
  let threads = groups.x * 64u;
  for (var i = id.x; i < words; i += threads) { sum += data[i]; }
  out[id.x] = dot(sum, vec4f(1.0));
}
