/**
 * The kernels of the hand-made model (model.as), as TVM describes kernels to web-llm: buffers first,
 * then numbers, then the size of the grid. One workgroup, one thread a token of the vocabulary.
 */

interface Kernel {
  /** Of each buffer, whether it is written. */
  readonly writes: readonly boolean[];
  readonly numbers: readonly string[];
  readonly code: string;
}

const THREADS = 128;

/**
 * After which tokens the text (the weights) went on with this one: each place counts the more, the
 * more tokens before it are those before the end of the context. What was read earlier shifts all
 * probabilities a little, so that no two contexts are alike.
 */
const NEXT_LOGITS: Kernel = {
  writes: [false, false, true],
  numbers: ['filled', 'vocabulary'],
  code: `
@group(0) @binding(0) var<storage, read> text : array<i32>;
@group(0) @binding(1) var<storage, read> context : array<i32>;
@group(0) @binding(2) var<storage, read_write> logits : array<f32>;
const DEPTH = 12;
const REACH = 256;
fn mixed(word : u32) -> u32 {
  var at = word * 747796405u + 2891336453u;
  at = ((at >> ((at >> 28u) + 4u)) ^ at) * 277803737u;
  return (at >> 22u) ^ at;
}
@compute @workgroup_size(${THREADS})
fn next_logits(@builtin(local_invocation_index) thread : u32) {
  let token = i32(thread);
  if (token >= args.vocabulary) { return; }
  var weight = 1e-3;
  for (var at = 1; at < i32(arrayLength(&text)); at++) {
    if (text[at] != token) { continue; }
    var alike = 0;
    while (alike < DEPTH && alike < at && alike < args.filled &&
           text[at - 1 - alike] == context[args.filled - 1 - alike]) { alike++; }
    weight += exp2(2.0 * f32(alike));
  }
  var hash = 0u;
  for (var at = max(0, args.filled - REACH); at < args.filled; at++) {
    hash = mixed(hash ^ u32(context[at]));
  }
  logits[thread] = log(weight) + f32(mixed(hash ^ thread) >> 8u) / 16777216.0;
}`,
};

const ADD_BIAS: Kernel = {
  writes: [false, false, true],
  numbers: ['count'],
  code: `
@group(0) @binding(0) var<storage, read> ids : array<i32>;
@group(0) @binding(1) var<storage, read> bias : array<f32>;
@group(0) @binding(2) var<storage, read_write> logits : array<f32>;
@compute @workgroup_size(1)
fn add_bias() {
  for (var i = 0; i < args.count; i++) { logits[ids[i]] += bias[i]; }
}`,
};

const SOFTMAX: Kernel = {
  writes: [false, false, true],
  numbers: ['vocabulary'],
  code: `
@group(0) @binding(0) var<storage, read> logits : array<f32>;
@group(0) @binding(1) var<storage, read> temperature : array<f32>;
@group(0) @binding(2) var<storage, read_write> probabilities : array<f32>;
@compute @workgroup_size(${THREADS})
fn softmax(@builtin(local_invocation_index) thread : u32) {
  if (i32(thread) >= args.vocabulary) { return; }
  var largest = logits[0];
  for (var i = 1; i < args.vocabulary; i++) { largest = max(largest, logits[i]); }
  var sum = 0.0;
  for (var i = 0; i < args.vocabulary; i++) { sum += exp((logits[i] - largest) / temperature[0]); }
  probabilities[thread] = exp((logits[thread] - largest) / temperature[0]) / sum;
}`,
};

const SORT: Kernel = {
  writes: [false, true, true],
  numbers: ['vocabulary'],
  code: `
@group(0) @binding(0) var<storage, read> probabilities : array<f32>;
@group(0) @binding(1) var<storage, read_write> sorted : array<f32>;
@group(0) @binding(2) var<storage, read_write> tokens : array<i32>;
@compute @workgroup_size(${THREADS})
fn sort(@builtin(local_invocation_index) thread : u32) {
  let own = i32(thread);
  if (own >= args.vocabulary) { return; }
  var rank = 0;
  for (var i = 0; i < args.vocabulary; i++) {
    let more = probabilities[i] > probabilities[own];
    if (more || (probabilities[i] == probabilities[own] && i < own)) { rank++; }
  }
  sorted[rank] = probabilities[own];
  tokens[rank] = own;
}`,
};

const SAMPLE: Kernel = {
  writes: [false, false, false, false, true],
  numbers: ['vocabulary'],
  code: `
@group(0) @binding(0) var<storage, read> sorted : array<f32>;
@group(0) @binding(1) var<storage, read> tokens : array<i32>;
@group(0) @binding(2) var<storage, read> uniform_draw : array<f32>;
@group(0) @binding(3) var<storage, read> top_p : array<f32>;
@group(0) @binding(4) var<storage, read_write> chosen : array<i32>;
@compute @workgroup_size(1)
fn sample() {
  var mass = 0.0;
  var count = 0;
  while (count < args.vocabulary && mass < top_p[0]) { mass += sorted[count]; count++; }
  var left = uniform_draw[0] * mass;
  var at = 0;
  while (at < count - 1 && left >= sorted[at]) { left -= sorted[at]; at++; }
  chosen[0] = tokens[at];
}`,
};

export const KERNELS = {
  next_logits: NEXT_LOGITS,
  add_bias: ADD_BIAS,
  softmax: SOFTMAX,
  sort: SORT,
  sample: SAMPLE,
} as const;

export type KernelName = keyof typeof KERNELS;

/** With its numbers, and the size of the grid that web-llm adds. */
export function codeOf(name: KernelName): string {
  const { writes, numbers, code } = KERNELS[name];
  const fields = [...numbers.map((field) => `${field} : i32`), 'grid : u32'];
  const uniforms = `@group(0) @binding(${writes.length}) var<uniform> args : Args;`;
  return `struct Args { ${fields.join(', ')} }\n${uniforms}${code}`;
}

/** What TVM says of a kernel. */
export function aboutKernel(name: KernelName): object {
  const { writes, numbers } = KERNELS[name];
  return {
    name,
    arg_types: [...writes.map(() => 'handle'), ...numbers.map(() => 'int32')],
    launch_param_tags: [
      'blockIdx.x',
      'threadIdx.x',
      `paramWriteAccess:[${writes.map(Number).join(',')}]`,
    ],
  };
}
