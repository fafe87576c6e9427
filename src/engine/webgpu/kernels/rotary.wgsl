// Rotary embedding (rotate-half, as in Hugging Face Llama) of queries and keys, and the write of keys
// and values to the KV memory of one layer.
//
// call    uniform  rows in use
// heads   uniform  query heads, KV heads, values in a head
// rows    [rows]   token, position, listStart, alive
// slots   flat slot lists; the row's own slot is slots[listStart + position]
// angles  [positions, headDim / 2] pairs (cos, sin), made in double precision on the host: WGSL
//         promises only 11 bits of sin and cos
// qkv     [rows, (heads + 2 * kvHeads) * headDim] f32; queries are rotated in place
// kv      [slots, 2, kvHeads, headDim] f32: keys, then values
// One thread for each pair (i, i + headDim / 2); workgroups (ceil(pairs of a row / 64), rows).
// Dead rows touch nothing. No slot is written by two rows unless with equal values.

struct Call { rows: u32, outputs: u32, lanes: u32, steps: u32, stops: u32, finals: u32 }
struct Heads { heads: u32, kvHeads: u32, headDim: u32 }
struct Row { token: u32, position: u32, listStart: u32, alive: u32 }

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<uniform> heads: Heads;
@group(0) @binding(2) var<storage, read> rows: array<Row>;
@group(0) @binding(3) var<storage, read> slots: array<u32>;
@group(0) @binding(4) var<storage, read> angles: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> qkv: array<f32>;
@group(0) @binding(6) var<storage, read_write> kv: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let half = heads.headDim / 2u;
  let all = heads.heads + 2u * heads.kvHeads;
  if (id.y >= call.rows || id.x >= all * half) { return; }
  let row = rows[id.y];
  if (row.alive == 0u) { return; }
  let head = id.x / half;
  let i = id.x % half;
  let at = (id.y * all + head) * heads.headDim + i;
  var pair = vec2f(qkv[at], qkv[at + half]);
  if (head < heads.heads + heads.kvHeads) {
    let angle = angles[row.position * half + i];
    pair = vec2f(pair.x * angle.x - pair.y * angle.y, pair.y * angle.x + pair.x * angle.y);
  }
  if (head < heads.heads) {
    qkv[at] = pair.x;
    qkv[at + half] = pair.y;
    return;
  }
  let slot = slots[row.listStart + row.position];
  // Keys and values of one slot lie side by side, so the head number among both is the offset.
  let place = (slot * 2u * heads.kvHeads + head - heads.heads) * heads.headDim + i;
  kv[place] = pair.x;
  kv[place + half] = pair.y;
}
