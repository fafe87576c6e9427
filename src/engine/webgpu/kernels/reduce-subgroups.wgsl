enable subgroups;
requires subgroup_id;

// Reductions among the 64 threads of a workgroup by subgroup operations: the twin of reduce.wgsl, with
// the same functions. WGSL promises no order in which threads fill subgroups, so threads are numbered
// by subgroup here, and subgroups are full because their size divides 64 or is larger.
// Sums are f32; their order depends on the subgroup size of the adapter and on nothing else.

const THREADS = 64u;
const NONE = 0xffffffffu;
// WGSL has no subgroup smaller than four.
const MOST_SUBGROUPS = 16u;
// Threads of one team: a power of two, at most the smallest subgroup of the adapter.
override SPLIT: u32 = 4u;

struct Thread {
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) size: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
}

var<workgroup> reducedNumbers: array<f32, MOST_SUBGROUPS>;
var<workgroup> reducedPairs: array<vec2f, MOST_SUBGROUPS>;
var<workgroup> reducedIds: array<u32, MOST_SUBGROUPS>;

// The number of this thread, 0 … 63, that says what it works on.
fn placeOf(thread: Thread) -> u32 {
  return thread.subgroup * thread.size + thread.lane;
}

fn workgroupSum(thread: Thread, part: vec2f) -> vec2f {
  let partial = subgroupAdd(part);
  if (thread.lane == 0u) { reducedPairs[thread.subgroup] = partial; }
  workgroupBarrier();
  var sum = vec2f();
  for (var i = 0u; i < thread.subgroups; i++) { sum += reducedPairs[i]; }
  workgroupBarrier();
  return sum;
}

// The id of the largest value, ties to the lowest id.
fn workgroupBest(thread: Thread, value: f32, id: u32) -> u32 {
  let most = subgroupMax(value);
  let lowest = subgroupMin(select(NONE, id, value == most));
  if (thread.lane == 0u) {
    reducedNumbers[thread.subgroup] = most;
    reducedIds[thread.subgroup] = lowest;
  }
  workgroupBarrier();
  var best = reducedNumbers[0];
  var bestId = reducedIds[0];
  for (var i = 1u; i < thread.subgroups; i++) {
    let other = reducedNumbers[i];
    if (other > best || (other == best && reducedIds[i] < bestId)) {
      best = other;
      bestId = reducedIds[i];
    }
  }
  workgroupBarrier();
  return bestId;
}

fn teamSum(thread: Thread, part: f32) -> f32 {
  var sum = part;
  for (var step = SPLIT / 2u; step > 0u; step /= 2u) { sum += subgroupShuffleXor(sum, step); }
  return sum;
}

fn teamHighest(thread: Thread, value: f32) -> f32 {
  var most = value;
  for (var step = SPLIT / 2u; step > 0u; step /= 2u) {
    most = max(most, subgroupShuffleXor(most, step));
  }
  return most;
}

// Three sums at once.
fn teamSums(thread: Thread, parts: array<vec4f, 3>) -> array<vec4f, 3> {
  var sums = parts;
  for (var step = SPLIT / 2u; step > 0u; step /= 2u) {
    for (var j = 0u; j < 3u; j++) { sums[j] += subgroupShuffleXor(sums[j], step); }
  }
  return sums;
}
