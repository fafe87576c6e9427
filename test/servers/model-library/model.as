/**
 * The model: its weights are the tokens of a text, its cache the tokens read so far, and what follows
 * in the text after the same tokens is likely to follow (kernels.ts). All of it on the GPU.
 */
import { allocateOnDevice, compileLate, copyFromDevice, fail, launch, passNumber, passPointer } from './host';
import { keep, makeArray, makeShape, setItem } from './objects';
import { axisOf, countOf, dataOf, makeTensor, makeView, WEBGPU } from './tensors';

const FLOATS: u8 = 0x66;
const INTS: u8 = 0x69;

let weights: usize = 0;
let cache: i32 = 0;
let room = 0;
let filled = 0;

export function setWeights(tensor: usize): void {
  weights = keep(tensor);
}

export function parameters(): usize {
  if (weights === 0) return makeArray(0);
  const all = makeArray(1);
  setItem(all, 0, keep(weights));
  return all;
}

export function makeCache(tokens: i64, bytesPerToken: i64): void {
  room = <i32>tokens;
  cache = allocateOnDevice(tokens * bytesPerToken);
  filled = 0;
}

export function clearCache(): void {
  filled = 0;
}

/** One number a token: the token. */
export function embed(tokens: usize): usize {
  return makeView(tokens, makeShape([countOf(tokens), 1]));
}

/** Reads tokens behind those in the cache; [logits of the next one]. */
export function forward(embeddings: usize, vocabulary: i32, lateKernel: string): usize {
  const count = axisOf(embeddings, 1);
  if (filled + count > room) fail('Check failed: the KV cache is full');
  copyFromDevice(true, dataOf(embeddings), 0, cache, 4 * filled, 4 * count);
  filled += count;
  const logits = makeTensor(makeShape([1, 1, vocabulary]), FLOATS, WEBGPU);
  const late = lateKernel.indexOf('\n');
  if (late !== -1) {
    compileLate('next_logits', lateKernel.substring(0, late), lateKernel.substring(late + 1));
  }
  passPointer(dataOf(weights));
  passPointer(cache);
  passPointer(dataOf(logits));
  passNumber(filled);
  passNumber(vocabulary);
  launch('next_logits');
  const all = makeArray(1);
  setItem(all, 0, logits);
  return all;
}

/** In place: [1, vocabulary], ids [n], what is added to their logits [n]. */
export function addBias(logits: usize, ids: usize, bias: usize): void {
  passPointer(dataOf(ids));
  passPointer(dataOf(bias));
  passPointer(dataOf(logits));
  passNumber(countOf(ids));
  launch('add_bias');
}

export function softmax(logits: usize, temperature: usize): usize {
  const vocabulary = countOf(logits);
  const probabilities = makeTensor(makeShape([1, 1, vocabulary]), FLOATS, WEBGPU);
  passPointer(dataOf(logits));
  passPointer(dataOf(temperature));
  passPointer(dataOf(probabilities));
  passNumber(vocabulary);
  launch('softmax');
  return probabilities;
}

/** [probabilities from the largest on, their tokens]. */
export function sort(probabilities: usize): usize {
  const vocabulary = countOf(probabilities);
  const sorted = makeTensor(makeShape([1, vocabulary]), FLOATS, WEBGPU);
  const tokens = makeTensor(makeShape([1, vocabulary]), INTS, WEBGPU);
  passPointer(dataOf(probabilities));
  passPointer(dataOf(sorted));
  passPointer(dataOf(tokens));
  passNumber(vocabulary);
  launch('sort');
  const both = makeArray(2);
  setItem(both, 0, sorted);
  setItem(both, 1, tokens);
  return both;
}

/** The token at `uniform` of the mass of the most probable ones that together hold `topP`. */
export function sample(sorted: usize, tokens: usize, uniform: usize, topP: usize): usize {
  const chosen = makeTensor(makeShape([1]), INTS, WEBGPU);
  passPointer(dataOf(sorted));
  passPointer(dataOf(tokens));
  passPointer(dataOf(uniform));
  passPointer(dataOf(topP));
  passPointer(dataOf(chosen));
  passNumber(countOf(sorted));
  launch('sample');
  return chosen;
}

