/** Objects of TVM's FFI (tvm-ffi, as web-llm 0.2.86 reads them) in the memory of the library. */

// Indices of types.
export const INT = 1;
export const FLOAT = 3;
export const POINTER = 4;
export const RAW_STRING = 8;
export const STRING = 65;
export const BYTES = 66;
export const FUNCTION = 68;
export const SHAPE = 69;
export const TENSOR = 70;
export const ARRAY = 71;
export const MODULE = 73;
export const OTHER = 128;

/** Of everything that holds an object: a count of references, then its type. */
export const HEADER = 24;
/** A type and a value. */
export const ANY = 16;

/** With one reference, the caller's. Memory is never taken back: these libraries live for minutes. */
export function make(type: i32, bytes: i32): usize {
  const at = (heap.alloc(HEADER + bytes + 8) + 7) & ~7;
  memory.fill(at, 0, HEADER + bytes);
  store<i32>(at, 1);
  store<i32>(at, type, 8);
  return at;
}

export function typeOf(object: usize): i32 {
  return load<i32>(object, 8);
}

export function keep(object: usize): usize {
  if (object !== 0) store<i32>(object, load<i32>(object) + 1);
  return object;
}

/** Whether that was the last reference. */
export function drop(object: usize): bool {
  const left = load<i32>(object) - 1;
  store<i32>(object, left);
  return left === 0;
}

export function makeString(text: string): usize {
  const size = String.UTF8.byteLength(text);
  const bytes = heap.alloc(size + 1);
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, bytes, true);
  return makeBytes(STRING, bytes, size);
}

/** Strings and bytes: an address and a size. */
export function makeBytes(type: i32, bytes: usize, size: i32): usize {
  const at = make(type, 8);
  store<u32>(at, <u32>bytes, HEADER);
  store<u32>(at, size, HEADER + 4);
  return at;
}

/** A function is its name; one of the host has a number instead. */
export function makeFunction(name: string, host: i32): usize {
  const at = make(FUNCTION, 8);
  store<u32>(at, <u32>changetype<usize>(name), HEADER);
  store<i32>(at, host, HEADER + 4);
  return at;
}

export function makeArray(count: i32): usize {
  const at = make(ARRAY, 8 + 4 * count);
  store<i32>(at, count, HEADER);
  return at;
}

export function arraySize(array: usize): i32 {
  return load<i32>(array, HEADER);
}

export function item(array: usize, index: i32): usize {
  return load<u32>(array + HEADER + 8 + 4 * index);
}

/** Takes the reference over. */
export function setItem(array: usize, index: i32, object: usize): void {
  store<u32>(array + HEADER + 8 + 4 * index, <u32>object);
}

export function makeShape(sizes: i64[]): usize {
  const at = make(SHAPE, 8 + 8 * sizes.length);
  store<i32>(at, sizes.length, HEADER);
  for (let i = 0; i < sizes.length; i++) store<i64>(at + HEADER + 8 + 8 * i, sizes[i]);
  return at;
}

export function rankOf(shape: usize): i32 {
  return load<i32>(shape, HEADER);
}

export function sizeOf(shape: usize, axis: i32): i64 {
  return load<i64>(shape + HEADER + 8 + 8 * axis);
}

export function give(result: usize, type: i32, object: usize): i32 {
  store<i32>(result, type);
  store<i32>(result, 0, 4);
  store<u64>(result, <u64>object, 8);
  return 0;
}

export function giveObject(result: usize, object: usize): i32 {
  return give(result, typeOf(object), object);
}

/** Of an argument that is an object, a text or a pointer. */
export function argument(args: usize, at: i32): usize {
  return load<u32>(args + at * ANY, 8);
}

/** Of an argument that is a number: web-llm passes plain ones as floats. */
export function numberAt(args: usize, at: i32): i64 {
  const value = args + at * ANY;
  return load<i32>(value) === FLOAT ? <i64>load<f64>(value, 8) : load<i64>(value, 8);
}

/** Of an argument that is a text of C. */
export function textAt(args: usize, at: i32): string {
  const bytes = argument(args, at);
  if (load<i32>(args + at * ANY) === STRING) return textOf(bytes + HEADER);
  let size = 0;
  while (load<u8>(bytes + size) !== 0) size++;
  return String.UTF8.decodeUnsafe(bytes, size);
}

/** Of an address and a size. */
export function textOf(bytes: usize): string {
  return String.UTF8.decodeUnsafe(load<u32>(bytes), load<u32>(bytes, 4));
}
