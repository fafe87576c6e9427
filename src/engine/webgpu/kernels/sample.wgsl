// Samples one token for every lane that is alive and prepares the lane's next row. The rules stand in
// engine/device.ts ("Sampling"); words come from pcg4d as in shared/random.ts.
//
// call    uniform  lanes in use; steps = room for tokens of a lane; numbers of stop and final tokens
// vocab   uniform  values in a row of logits
// logits  [outputs, vocab] f32
// ends    stop tokens, then final tokens
// lanes   [lanes]  state, advanced here
// rows    [lanes]  overwritten: the sampled token at its position, alive or not
// results counts [lanes], tokens [lanes, steps], log-probabilities [lanes, steps] as bits
// One workgroup of 64 threads for a lane; they add up and compare by reduce.wgsl. Logits and noise are
// f32, exact to about 1e-6: draws differ from a float64 twin only where two candidates are closer.

struct Call { rows: u32, outputs: u32, lanes: u32, steps: u32, stops: u32, finals: u32 }
struct Row { token: u32, position: u32, listStart: u32, alive: u32 }
struct Lane {
  stream: vec2u,
  temperature: f32,
  topP: f32,
  topK: u32,
  maxTokens: u32,
  stopsLeft: u32,
  // Row of the logits to sample from; the lane's own number after the first token.
  source: u32,
  // Absolute position of the token to be sampled next.
  position: u32,
  listStart: u32,
  count: u32,
  done: u32,
}

@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<uniform> vocab: u32;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read> ends: array<u32>;
@group(0) @binding(4) var<storage, read_write> lanes: array<Lane>;
@group(0) @binding(5) var<storage, read_write> rows: array<Row>;
@group(0) @binding(6) var<storage, read_write> results: array<u32>;

// 1 unless done, 2 more for top-k, 4 more for top-p: uniform, so that barriers may stand behind it.
var<workgroup> todo: u32;

// What top-k and top-p have kept so far: entries above keptKey, and those equal to it up to keptId.
var<private> keptKey: u32 = 0u;
var<private> keptId: u32 = NONE;
var<private> thread: Thread;
var<private> place: u32;
var<private> base: u32;

fn pcg4d(start: vec4u) -> vec4u {
  var v = start * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}

// -log(u) of u = (word + 0.5) / 2^32. Above one half it is written as -log(1 - q) with the small q
// taken from the inverted word, since u itself would round to 1 and log is coarse near 1; the series
// of 2 artanh(q / (2 - q)) is exact to f32 there.
fn exponential(word: u32) -> f32 {
  if (word < 0x80000000u) { return -log((f32(word) + 0.5) * 0x1p-32); }
  let q = (f32(~word) + 0.5) * 0x1p-32;
  let s = q / (2.0 - q);
  let t = s * s;
  return 2.0 * s * (1.0 + t * (1.0 / 3.0 + t * (1.0 / 5.0 + t * (1.0 / 7.0 + t * (1.0 / 9.0
    + t * (1.0 / 11.0 + t * (1.0 / 13.0 + t / 15.0)))))));
}

fn gumbel(word: u32) -> f32 {
  return -log(exponential(word));
}

// Unsigned order of the bits = order of the numbers.
fn orderKey(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

fn sumOf(part: f32) -> f32 {
  return workgroupSum(thread, vec2f(part, 0.0)).x;
}

fn above(value: f32, id: u32, cutKey: u32, cutId: u32) -> bool {
  let key = orderKey(value);
  return key > cutKey || (key == cutKey && id <= cutId);
}

// Number, or probability mass relative to the largest, of what is kept and not below the cut.
fn weigh(cutKey: u32, cutId: u32, byMass: bool, highest: f32, temperature: f32) -> f32 {
  var part = 0.0;
  for (var v = place; v < vocab; v += THREADS) {
    let value = logits[base + v];
    if (above(value, v, keptKey, keptId) && above(value, v, cutKey, cutId)) {
      part += select(1.0, exp((value - highest) / temperature), byMass);
    }
  }
  return sumOf(part);
}

// Narrows what is kept to the fewest entries that weigh `goal`, bit by bit: first the logit of the
// last one, then its id among equals.
fn narrow(goal: f32, byMass: bool, highest: f32, temperature: f32) {
  var cutKey = 0u;
  for (var bit = 0x80000000u; bit > 0u; bit >>= 1u) {
    if (weigh(cutKey | bit, NONE, byMass, highest, temperature) >= goal) { cutKey |= bit; }
  }
  var cutId = 0xfffffu;
  for (var bit = 0x80000u; bit > 0u; bit >>= 1u) {
    if (weigh(cutKey, cutId & ~bit, byMass, highest, temperature) >= goal) { cutId &= ~bit; }
  }
  // A later cut is never looser than an earlier one: entries it was measured on were kept.
  keptKey = cutKey;
  keptId = cutId;
}

fn isIn(token: u32, first: u32, count: u32) -> bool {
  for (var i = first; i < first + count; i++) {
    if (ends[i] == token) { return true; }
  }
  return false;
}

fn finish(lane: u32, token: u32, logProb: f32) {
  var state = lanes[lane];
  let at = call.lanes + lane * call.steps + state.count;
  results[at] = token;
  results[at + call.lanes * call.steps] = bitcast<u32>(logProb);
  state.count += 1u;
  results[lane] = state.count;
  if (isIn(token, 0u, call.stops)) { state.stopsLeft -= 1u; }
  let over = state.count >= state.maxTokens || state.stopsLeft == 0u
    || isIn(token, call.stops, call.finals);
  state.done = select(0u, 1u, over);
  rows[lane] = Row(token, state.position, state.listStart, 1u - state.done);
  state.source = lane;
  state.position += 1u;
  lanes[lane] = state;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3u, own: Thread) {
  let lane = id.x;
  thread = own;
  place = placeOf(thread);
  let state = lanes[lane];
  if (place == 0u) {
    let warm = state.temperature > 0.0;
    todo = (1u - state.done)
      + select(0u, 2u, warm && state.topK > 0u && state.topK < vocab)
      + select(0u, 4u, warm && state.topP < 1.0);
  }
  let plan = workgroupUniformLoad(&todo);
  if ((plan & 1u) == 0u) { return; }
  base = state.source * vocab;

  var highest = -3.4e38;
  var highestId = NONE;
  for (var v = place; v < vocab; v += THREADS) {
    if (logits[base + v] > highest || highestId == NONE) {
      highest = logits[base + v];
      highestId = v;
    }
  }
  var token = workgroupBest(thread, highest, highestId);
  highest = logits[base + token];
  var part = 0.0;
  for (var v = place; v < vocab; v += THREADS) { part += exp(logits[base + v] - highest); }
  let mass = sumOf(part);

  if ((plan & 2u) != 0u) { narrow(f32(state.topK), false, highest, state.temperature); }
  if ((plan & 4u) != 0u) {
    let whole = weigh(0u, NONE, true, highest, state.temperature);
    narrow(max(state.topP * whole, 1e-30), true, highest, state.temperature);
  }

  var best = -3.4e38;
  var bestId = NONE;
  if (state.temperature > 0.0) {
    for (var block = place; block * 4u < vocab; block += THREADS) {
      let words = pcg4d(vec4u(state.stream, state.position, block));
      for (var i = 0u; i < 4u; i++) {
        let v = block * 4u + i;
        if (v >= vocab || !above(logits[base + v], v, keptKey, keptId)) { continue; }
        let value = logits[base + v] / state.temperature + gumbel(words[i]);
        if (value > best || bestId == NONE) {
          best = value;
          bestId = v;
        }
      }
    }
  } else if (place == 0u) {
    bestId = token;
  }
  token = workgroupBest(thread, best, bestId);
  if (place == 0u) { finish(lane, token, logits[base + token] - highest - log(mass)); }
}
