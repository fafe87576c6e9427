// Attention of ragged rows over slot lists, with grouped queries, in one pass (online softmax):
//   out[row, h] = sum over positions p <= position of row of
//                 softmax_p(q[row, h] . key[slot(p), h / group] / sqrt(headDim)) * value[slot(p), h / group]
//
// call    uniform  where the table of tiles begins in `tiles`
// rows    [rows]   token, position, listStart, alive
// slots   flat slot lists; entry p of a row is slots[listStart + p]
// tiles   for tileRows > 1 (attention-tiles.ts): first row, rows, entries, where the entries begin; an
//         entry is a slot, then position * 256 + members, one bit for each row of the tile
// qkv     [rows, (heads + 2 * kvHeads) * headDim / 2] pairs of f32, queries first, already rotated
// kv      [slots, 2, kvHeads, headDim / 2] pairs of f32: keys, then values
// out     [rows, heads * headDim / 2] pairs of f32; dead rows are left as they are
// One workgroup of 64 threads for a tile of rows and a KV head: each key and each value is read once,
// for all query heads of all rows of the tile that attend to it. With tileRows = 1 the entries are the
// row's own list. Entries go by in chunks of 64: a thread scores an entry, teams turn scores into
// weights (reduce.wgsl), then threads share out the sums by pairs of dimensions and by entries.
// f32 throughout; exp of differences to the maximum.

override headDim: u32 = 32u;
override group: u32 = 1u;
override kvHeads: u32 = 1u;
override tileRows: u32 = 1u;
// Query heads of one workgroup: `group` of them, or a part where there are many.
override blockHeads: u32 = 1u;
override blocks: u32 = (group + blockHeads - 1u) / blockHeads;
override queries: u32 = tileRows * blockHeads;
override pairs: u32 = headDim / 2u;
// Pairs of dimensions that one workgroup sums, and the threads that share the entries of one pair.
override columns: u32 = min(pairs, THREADS);
override slices: u32 = (pairs + THREADS - 1u) / THREADS;
override walkers: u32 = THREADS / columns;
override queryPairs: u32 = queries * pairs;
override scoreCount: u32 = queries * THREADS;

// `queries` is at most this, and a team has at most eight threads: two rounds serve all queries.
const MOST_QUERIES = 16u;
const ROUNDS = 2u;
const LOWEST = -3.4e38;

struct Call {
  rows: u32, outputs: u32, lanes: u32, steps: u32, stops: u32, finals: u32, tiles: u32
}
struct Row { token: u32, position: u32, listStart: u32, alive: u32 }
struct Tile { firstRow: u32, rows: u32, entries: u32, start: u32 }
struct Entry { slot: u32, position: u32, members: u32 }

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> slots: array<u32>;
@group(0) @binding(3) var<storage, read> tiles: array<u32>;
@group(0) @binding(4) var<storage, read> qkv: array<vec2f>;
@group(0) @binding(5) var<storage, read> kv: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> out: array<vec2f>;

var<workgroup> query: array<vec2f, queryPairs>;
var<workgroup> scores: array<f32, scoreCount>;
// Where the value of an entry lies, and the rows that attend to it.
var<workgroup> places: array<vec2u, THREADS>;
var<workgroup> shrink: array<f32, queries>;
var<workgroup> totals: array<f32, queries>;
// Positions that each row attends to.
var<workgroup> ends: array<u32, tileRows>;
var<workgroup> listed: u32;
var<workgroup> partial: array<vec2f, 2u * THREADS>;

fn tileOf(index: u32) -> Tile {
  if (tileRows == 1u) {
    let row = rows[index];
    return Tile(index, 1u, row.position + 1u, row.listStart);
  }
  let at = call.tiles + 4u * index;
  return Tile(tiles[at], tiles[at + 1u], tiles[at + 2u], tiles[at + 3u]);
}

fn entryOf(tile: Tile, i: u32) -> Entry {
  if (tileRows == 1u) { return Entry(slots[tile.start + i], i, 1u); }
  let word = tiles[tile.start + 2u * i + 1u];
  return Entry(tiles[tile.start + 2u * i], word >> 8u, word & 255u);
}

// The members that have come so far, as lanes move on while the table stays.
fn attending(entry: Entry) -> u32 {
  var members = 0u;
  for (var r = 0u; r < tileRows; r++) {
    if (((entry.members >> r) & 1u) == 1u && entry.position < ends[r]) { members |= 1u << r; }
  }
  return members;
}

// Scores of entry `j` of the chunk, whose key is at `keyAt`; LOWEST for rows that do not attend.
fn score(j: u32, keyAt: u32, members: u32) {
  let scale = inverseSqrt(f32(headDim));
  var sums = array<f32, MOST_QUERIES>();
  for (var q = 0u; q < queries; q++) { scores[q * THREADS + j] = LOWEST; }
  if (countOneBits(members) == 1u) {
    let first = firstTrailingBit(members) * blockHeads;
    for (var d = 0u; d < pairs; d++) {
      let key = kv[keyAt + d];
      for (var h = 0u; h < blockHeads; h++) { sums[h] += dot(query[(first + h) * pairs + d], key); }
    }
    for (var h = 0u; h < blockHeads; h++) { scores[(first + h) * THREADS + j] = sums[h] * scale; }
  } else if (members != 0u) {
    for (var d = 0u; d < pairs; d++) {
      let key = kv[keyAt + d];
      for (var q = 0u; q < queries; q++) { sums[q] += dot(query[q * pairs + d], key); }
    }
    for (var q = 0u; q < queries; q++) {
      if (((members >> (q / blockHeads)) & 1u) == 1u) { scores[q * THREADS + j] = sums[q] * scale; }
    }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3u, thread: Thread) {
  let place = placeOf(thread);
  let kvHead = id.x / (blocks * slices);
  let firstHead = id.x / slices % blocks * blockHeads;
  let tile = tileOf(id.y);
  if (place < tileRows) {
    var end = 0u;
    if (place < tile.rows) {
      let row = rows[tile.firstRow + place];
      end = row.alive * (row.position + 1u);
    }
    ends[place] = end;
  }
  for (var i = place; i < queryPairs; i += THREADS) {
    let r = i / pairs / blockHeads;
    let head = firstHead + i / pairs % blockHeads;
    var two = vec2f();
    if (r < tile.rows && head < group) {
      let row = (tile.firstRow + r) * (group + 2u) * kvHeads;
      two = qkv[(row + kvHead * group + head) * pairs + i % pairs];
    }
    query[i] = two;
  }
  workgroupBarrier();
  if (place == 0u) {
    var longest = 0u;
    for (var r = 0u; r < tileRows; r++) { longest = max(longest, ends[r]); }
    listed = select(0u, tile.entries, longest > 0u);
  }
  let count = workgroupUniformLoad(&listed);
  if (count == 0u) { return; }

  // What a team knows of its queries.
  var highest = array<f32, ROUNDS>();
  var total = array<f32, ROUNDS>();
  for (var round = 0u; round < ROUNDS; round++) { highest[round] = LOWEST; }
  let member = place % SPLIT;
  let teams = THREADS / SPLIT;
  // What a thread sums: one pair of dimensions, every walkers-th entry.
  var sums = array<vec2f, MOST_QUERIES>();
  let column = id.x % slices * THREADS + place % columns;
  let walker = place / columns;
  let summing = walker < walkers && column < pairs;

  for (var start = 0u; start < count; start += THREADS) {
    let size = min(THREADS, count - start);
    if (place < size) {
      let entry = entryOf(tile, start + place);
      let members = attending(entry);
      let keyAt = (entry.slot * 2u * kvHeads + kvHead) * pairs;
      places[place] = vec2u(keyAt + kvHeads * pairs, members);
      score(place, keyAt, members);
    }
    workgroupBarrier();

    for (var round = 0u; round * teams < queries; round++) {
      let q = round * teams + place / SPLIT;
      let at = q * THREADS;
      let last = select(0u, size, q < queries);
      var most = highest[round];
      for (var j = member; j < last; j += SPLIT) { most = max(most, scores[at + j]); }
      most = teamHighest(thread, most);
      var sum = 0.0;
      for (var j = member; j < last; j += SPLIT) {
        let value = scores[at + j];
        let weight = select(0.0, exp(value - most), value > LOWEST);
        scores[at + j] = weight;
        sum += weight;
      }
      sum = teamSum(thread, sum);
      let fade = exp(highest[round] - most);
      total[round] = total[round] * fade + sum;
      highest[round] = most;
      if (member == 0u && q < queries) { shrink[q] = fade; }
    }
    workgroupBarrier();

    if (summing) {
      for (var q = 0u; q < queries; q++) { sums[q] *= shrink[q]; }
      for (var j = walker; j < size; j += walkers) {
        let found = places[j];
        if (found.y == 0u) { continue; }
        let value = kv[found.x + column];
        for (var r = 0u; r < tileRows; r++) {
          if (((found.y >> r) & 1u) == 0u) { continue; }
          for (var h = 0u; h < blockHeads; h++) {
            let q = r * blockHeads + h;
            sums[q] += scores[q * THREADS + j] * value;
          }
        }
      }
    }
    workgroupBarrier();
  }

  for (var round = 0u; round * teams < queries; round++) {
    let q = round * teams + place / SPLIT;
    if (member == 0u && q < queries) { totals[q] = total[round]; }
  }
  for (var q = 0u; q < queries; q++) {
    // Two halves by turns, so that one barrier is enough.
    let half = q % 2u * THREADS;
    partial[half + place] = sums[q];
    workgroupBarrier();
    let r = q / blockHeads;
    let head = firstHead + q % blockHeads;
    if (place < columns && summing && ends[r] > 0u && head < group) {
      var sum = vec2f();
      for (var w = 0u; w < walkers; w++) { sum += partial[half + w * columns + place]; }
      let row = (tile.firstRow + r) * kvHeads * group;
      out[(row + kvHead * group + head) * pairs + column] = sum / totals[q];
    }
  }
}
