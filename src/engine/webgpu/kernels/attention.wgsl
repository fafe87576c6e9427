// Attention of ragged rows over slot lists, with grouped queries, in one pass (online softmax):
//   out[row, h] = sum over positions p <= position of row of
//                 softmax_p(q[row, h] . key[slot(p), h / group] / sqrt(headDim)) * value[slot(p), h / group]
//
// call    uniform  rows in use
// rows    [rows]   token, position, listStart, alive
// slots   flat slot lists; entry p of a row is slots[listStart + p]
// qkv     [rows, (heads + 2 * kvHeads) * headDim] f32, queries first, already rotated
// kv      [slots, 2, kvHeads, headDim] f32: keys, then values
// out     [rows, heads * headDim] f32; dead rows are left as they are
// One workgroup of 64 threads for a row and a KV head: keys and values are read once for all `group`
// query heads that share them. Positions go by in chunks of 64: one thread scores one position, then
// the threads share out the group * headDim sums. f32 throughout; exp of differences to the maximum.

override headDim: u32 = 32u;
override group: u32 = 1u;
override kvHeads: u32 = 1u;
override groupWidth: u32 = group * headDim;
override groupScores: u32 = group * 64u;

const CHUNK = 64u;
const LOWEST = -3.4e38;

struct Call { rows: u32, outputs: u32, lanes: u32, steps: u32, stops: u32, finals: u32 }
struct Row { token: u32, position: u32, listStart: u32, alive: u32 }

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> slots: array<u32>;
@group(0) @binding(3) var<storage, read> qkv: array<f32>;
@group(0) @binding(4) var<storage, read> kv: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

var<workgroup> attended: u32;
var<workgroup> query: array<f32, groupWidth>;
var<workgroup> sums: array<f32, groupWidth>;
var<workgroup> scores: array<f32, groupScores>;
var<workgroup> places: array<u32, CHUNK>;
var<workgroup> highest: array<f32, group>;
var<workgroup> shrink: array<f32, group>;
var<workgroup> total: array<f32, group>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = rows[id.y];
  let kvHead = id.x;
  if (thread == 0u) { attended = row.alive * (row.position + 1u); }
  let queryStart = (id.y * (group + 2u) * kvHeads + kvHead * group) * headDim;
  for (var i = thread; i < groupWidth; i += 64u) {
    query[i] = qkv[queryStart + i];
    sums[i] = 0.0;
  }
  for (var g = thread; g < group; g += 64u) {
    highest[g] = LOWEST;
    total[g] = 0.0;
  }
  let end = workgroupUniformLoad(&attended);
  if (end == 0u) { return; }
  let scale = inverseSqrt(f32(headDim));

  for (var start = 0u; start < end; start += CHUNK) {
    let size = min(CHUNK, end - start);
    if (thread < size) {
      let keyAt = (slots[row.listStart + start + thread] * 2u * kvHeads + kvHead) * headDim;
      places[thread] = keyAt + kvHeads * headDim;
      for (var g = 0u; g < group; g++) {
        var score = 0.0;
        for (var d = 0u; d < headDim; d++) { score += query[g * headDim + d] * kv[keyAt + d]; }
        scores[g * CHUNK + thread] = score * scale;
      }
    }
    workgroupBarrier();
    for (var g = thread; g < group; g += 64u) {
      let before = highest[g];
      var most = before;
      for (var j = 0u; j < size; j++) { most = max(most, scores[g * CHUNK + j]); }
      highest[g] = most;
      shrink[g] = exp(before - most);
    }
    workgroupBarrier();
    if (thread < size) {
      for (var g = 0u; g < group; g++) {
        let at = g * CHUNK + thread;
        scores[at] = exp(scores[at] - highest[g]);
      }
    }
    workgroupBarrier();
    for (var i = thread; i < groupWidth; i += 64u) {
      let g = i / headDim;
      var sum = sums[i] * shrink[g];
      for (var j = 0u; j < size; j++) { sum += scores[g * CHUNK + j] * kv[places[j] + i % headDim]; }
      sums[i] = sum;
    }
    for (var g = thread; g < group; g += 64u) {
      var sum = total[g] * shrink[g];
      for (var j = 0u; j < size; j++) { sum += scores[g * CHUNK + j]; }
      total[g] = sum;
    }
    workgroupBarrier();
  }

  let outStart = (id.y * kvHeads + kvHead) * groupWidth;
  for (var i = thread; i < groupWidth; i += 64u) { out[outStart + i] = sums[i] / total[i / headDim]; }
}
