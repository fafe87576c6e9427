// Embedding: x[row] = table[token of row].
//
// call    uniform  rows in use
// shape   uniform  inner = dim; outer = vocabulary; wordStride and scaleStride of the table
// rows    [rows]   token, position, listStart, alive
// table   [outer, inner] in `format`; scales [outer, scaleStride] for int8 and q4
// x       [rows, inner] f32, overwritten
// One thread for each value; workgroups (ceil(inner / 64), rows). Exact: no arithmetic but the scale.
// Formats: 0 f32, 1 f16 pairs, 2 int8 quads (value * scale), 3 q4 octets ((nibble - 7) * scale, low
// nibble first); one scale for 32 values along the row.

override format: u32 = 0u;

struct Call { rows: u32, outputs: u32, lanes: u32, steps: u32, stops: u32, finals: u32 }
struct Shape { inner: u32, outer: u32, wordStride: u32, scaleStride: u32, eps: f32 }
struct Row { token: u32, position: u32, listStart: u32, alive: u32 }

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> rows: array<Row>;
@group(0) @binding(3) var<storage, read> table: array<u32>;
@group(0) @binding(4) var<storage, read> scales: array<f32>;
@group(0) @binding(5) var<storage, read_write> x: array<f32>;

fn tableValue(n: u32, k: u32) -> f32 {
  let base = n * shape.wordStride;
  if (format == 0u) { return bitcast<f32>(table[base + k]); }
  if (format == 1u) { return unpack2x16float(table[base + k / 2u])[k % 2u]; }
  let scale = scales[n * shape.scaleStride + k / 32u];
  if (format == 2u) {
    return scale * f32(extractBits(bitcast<i32>(table[base + k / 4u]), 8u * (k % 4u), 8u));
  }
  return scale * (f32(extractBits(table[base + k / 8u], 4u * (k % 8u), 4u)) - 7.0);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= shape.inner || id.y >= call.rows) { return; }
  x[id.y * shape.inner + id.x] = tableValue(min(rows[id.y].token, shape.outer - 1u), id.x);
}
