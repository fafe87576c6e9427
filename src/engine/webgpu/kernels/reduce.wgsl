// Reductions among the 64 threads of a workgroup, put in front of the kernels that reduce. Twin:
// reduce-subgroups.wgsl, which has the same functions. All threads call them, from uniform control
// flow, and all get the result. Sums are f32, in an order that depends on nothing but the threads.

const THREADS = 64u;
const NONE = 0xffffffffu;
// Threads of one team: a power of two. A team is SPLIT threads whose `placeOf` divided by SPLIT agree.
override SPLIT: u32 = 8u;

struct Thread { @builtin(local_invocation_index) index: u32 }

var<workgroup> reducedNumbers: array<f32, THREADS>;
var<workgroup> reducedPairs: array<vec2f, THREADS>;
var<workgroup> reducedIds: array<u32, THREADS>;
var<workgroup> reducedTriples: array<array<vec4f, 3>, THREADS>;

// The number of this thread, 0 … 63, that says what it works on.
fn placeOf(thread: Thread) -> u32 {
  return thread.index;
}

fn workgroupSum(thread: Thread, part: vec2f) -> vec2f {
  reducedPairs[thread.index] = part;
  workgroupBarrier();
  for (var step = THREADS / 2u; step > 0u; step /= 2u) {
    if (thread.index < step) { reducedPairs[thread.index] += reducedPairs[thread.index + step]; }
    workgroupBarrier();
  }
  let sum = reducedPairs[0];
  workgroupBarrier();
  return sum;
}

// The id of the largest value, ties to the lowest id.
fn workgroupBest(thread: Thread, value: f32, id: u32) -> u32 {
  reducedNumbers[thread.index] = value;
  reducedIds[thread.index] = id;
  workgroupBarrier();
  for (var step = THREADS / 2u; step > 0u; step /= 2u) {
    if (thread.index < step) {
      let other = reducedNumbers[thread.index + step];
      let otherId = reducedIds[thread.index + step];
      let mine = reducedNumbers[thread.index];
      if (other > mine || (other == mine && otherId < reducedIds[thread.index])) {
        reducedNumbers[thread.index] = other;
        reducedIds[thread.index] = otherId;
      }
    }
    workgroupBarrier();
  }
  let best = reducedIds[0];
  workgroupBarrier();
  return best;
}

fn teamSum(thread: Thread, part: f32) -> f32 {
  reducedNumbers[thread.index] = part;
  workgroupBarrier();
  let first = thread.index / SPLIT * SPLIT;
  var sum = 0.0;
  for (var i = 0u; i < SPLIT; i++) { sum += reducedNumbers[first + i]; }
  workgroupBarrier();
  return sum;
}

fn teamHighest(thread: Thread, value: f32) -> f32 {
  reducedNumbers[thread.index] = value;
  workgroupBarrier();
  let first = thread.index / SPLIT * SPLIT;
  var most = value;
  for (var i = 0u; i < SPLIT; i++) { most = max(most, reducedNumbers[first + i]); }
  workgroupBarrier();
  return most;
}

// Three sums at once, for the price of one wait.
fn teamSums(thread: Thread, parts: array<vec4f, 3>) -> array<vec4f, 3> {
  reducedTriples[thread.index] = parts;
  workgroupBarrier();
  let first = thread.index / SPLIT * SPLIT;
  var sums = array<vec4f, 3>();
  for (var i = 0u; i < SPLIT; i++) {
    for (var j = 0u; j < 3u; j++) { sums[j] += reducedTriples[first + i][j]; }
  }
  workgroupBarrier();
  return sums;
}
