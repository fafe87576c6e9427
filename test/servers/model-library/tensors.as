/** Tensors: a `DLTensor` behind the header, then the tensor whose data a view shows. */
import { allocateOnDevice, copyFromDevice, fail, freeOnDevice } from './host';
import {
  ARRAY,
  BYTES,
  HEADER,
  TENSOR,
  arraySize,
  drop,
  item,
  keep,
  make,
  makeBytes,
  rankOf,
  sizeOf,
  typeOf,
} from './objects';

export const CPU = 1;
export const WEBGPU = 15;

// Of a DLTensor, and of what stands behind it.
const DEVICE = HEADER + 4;
const RANK = HEADER + 12;
const DTYPE = HEADER + 16;
const SIZES = HEADER + 20;
const OWNER = HEADER + 40;

// Both of 32 bits, in one lane.
const INT32 = (32 << 8) | (1 << 16);
const FLOAT32 = INT32 | 2;

/** Of int32 or float32, as its first letter says; zeros on the GPU. */
export function makeTensor(shape: usize, dtype: u8, device: i32): usize {
  const bytes = 4 * elementsOf(shape);
  const data = device === WEBGPU ? allocateOnDevice(bytes) : <i32>heap.alloc(<i32>bytes);
  return describe(shape, dtype === 0x66 ? FLOAT32 : INT32, device, data, 0);
}

/** The same data in another shape. */
export function makeView(source: usize, shape: usize): usize {
  const owner = load<u32>(source, OWNER) === 0 ? source : <usize>load<u32>(source, OWNER);
  return describe(shape, load<i32>(source, DTYPE), deviceOf(source), dataOf(source), keep(owner));
}

function describe(shape: usize, dtype: i32, device: i32, data: i32, owner: usize): usize {
  const at = make(TENSOR, 48);
  store<i32>(at, data, HEADER);
  store<i32>(at, device, DEVICE);
  store<i32>(at, rankOf(shape), RANK);
  store<i32>(at, dtype, DTYPE);
  // Shapes are never freed.
  store<u32>(at, <u32>(shape + HEADER + 8), SIZES);
  store<u32>(at, <u32>owner, OWNER);
  return at;
}

function elementsOf(shape: usize): i64 {
  let product: i64 = 1;
  for (let i = 0; i < rankOf(shape); i++) product *= sizeOf(shape, i);
  return product;
}

/** A buffer of the GPU, or an address. */
export function dataOf(tensor: usize): i32 {
  return load<i32>(tensor, HEADER);
}

function deviceOf(tensor: usize): i32 {
  return load<i32>(tensor, DEVICE);
}

export function axisOf(tensor: usize, axis: i32): i32 {
  return <i32>load<i64>(<usize>load<u32>(tensor, SIZES) + 8 * axis);
}

export function countOf(tensor: usize): i32 {
  let product = 1;
  for (let i = 0; i < load<i32>(tensor, RANK); i++) product *= axisOf(tensor, i);
  return product;
}

export function copyTensor(from: usize, to: usize): void {
  if (deviceOf(from) !== WEBGPU) fail('Check failed: only copies from the GPU are known');
  const inside = deviceOf(to) === WEBGPU;
  copyFromDevice(inside, dataOf(from), 0, dataOf(to), 0, 4 * countOf(from));
}

export function bytesOf(tensor: usize): usize {
  return makeBytes(BYTES, dataOf(tensor), 4 * countOf(tensor));
}

/** Gives up a reference; with the last one to a tensor goes its buffer. */
export function release(object: usize): void {
  if (object === 0 || !drop(object)) return;
  if (typeOf(object) === ARRAY) {
    for (let i = 0; i < arraySize(object); i++) release(item(object, i));
  }
  if (typeOf(object) !== TENSOR) return;
  const owner = <usize>load<u32>(object, OWNER);
  if (owner !== 0) release(owner);
  else if (deviceOf(object) === WEBGPU) freeOnDevice(dataOf(object));
}
