/**
 * The shell of a compiled model library for web-llm 0.2.86, without a model: it answers the calls of
 * TVM's FFI (objects, strings, shapes, tensors on the GPU) as far as loading goes, so that web-llm
 * itself gets to the tokenizer, the weights, the set-up and the shaders, and fails there by itself.
 * AssemblyScript. What differs between libraries is written into AREA once it is compiled.
 */
import { AREA } from './settings';

@external('wasi_snapshot_preview1', 'fd_write')
declare function fdWrite(fd: i32, parts: usize, count: i32, written: usize): i32;
@external('wasi_snapshot_preview1', 'proc_exit')
declare function procExit(code: i32): void;
@external('env', 'TVMFFIWasmSafeCall')
declare function callHost(self: i32, args: usize, count: i32, result: usize): i32;

// Indices of TVM's types.
const INT = 1;
const FLOAT = 3;
const RAW_STRING = 8;
const STRING = 65;
const FUNCTION = 68;
const SHAPE = 69;
const TENSOR = 70;
const ARRAY = 71;
const MODULE = 73;
const OTHER = 128;

/** Before what an object holds: a count of references, then its type. */
const HEADER = 24;
const ANY = 16;

let deviceApi: usize = 0;

/** Each setting is its length and its UTF-8, in this order. */
const FORGETS = setting(0);
const REFUSES = setting(1);
const SHADER = setting(2);
const METADATA = setting(3);
const FMAP = setting(4);
const HOARDS = setting(5);

function setting(index: i32): string {
  let at = AREA;
  for (let i = 0; i < index; i++) at += 4 + load<u32>(at);
  return String.UTF8.decodeUnsafe(at + 4, load<u32>(at));
}

function make(type: i32, bytes: i32): usize {
  const at = (heap.alloc(HEADER + bytes + 8) + 7) & ~7;
  memory.fill(at, 0, HEADER + bytes);
  store<i32>(at, type, 8);
  return at;
}

function makeString(text: string): usize {
  const size = String.UTF8.byteLength(text);
  const at = make(STRING, 8);
  const bytes = heap.alloc(size + 1);
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, bytes, true);
  store<u32>(at, <u32>bytes, HEADER);
  store<u32>(at, size, HEADER + 4);
  return at;
}

/** A function is its name; one of the host has a number instead. */
function makeFunction(name: string, host: i32): usize {
  const at = make(FUNCTION, 8);
  store<u32>(at, <u32>changetype<usize>(name), HEADER);
  store<i32>(at, host, HEADER + 4);
  return at;
}

function give(result: usize, type: i32, object: usize): i32 {
  store<i32>(result, type);
  store<i32>(result, 0, 4);
  store<u64>(result, <u64>object, 8);
  return 0;
}

function textAt(array: usize): string {
  return String.UTF8.decodeUnsafe(load<u32>(array), load<u32>(array, 4));
}

function argument(args: usize, at: i32): usize {
  return load<u32>(args + at * ANY, 8);
}

function call(object: usize, args: usize, count: i32, result: usize): i32 {
  const host = load<i32>(object, HEADER + 4);
  if (host !== 0) return callHost(host, args, count, result);
  const name = changetype<string>(<usize>load<u32>(object, HEADER));
  if (name == 'ffi.ModuleGetFunction') return getFunction(args, result);
  if (name == 'ffi.SystemLib' || name == 'vm_load_executable') {
    return give(result, MODULE, make(MODULE, 0));
  }
  if (name == 'vm.builtin.param_module_from_cache_by_name') {
    if (REFUSES.length > 0) fail(REFUSES);
    return give(result, MODULE, make(MODULE, 0));
  }
  if (name == 'ffi.Shape') return give(result, SHAPE, makeShape(args, count));
  if (name == 'runtime.TVMTensorAllocWithScope') return give(result, TENSOR, makeTensor(args));
  if (name == 'get_params' || name == 'ffi.Array') return give(result, ARRAY, make(ARRAY, 0));
  if (name == 'create_tir_paged_kv_cache' && HOARDS.length > 0) {
    allocateOnDevice(<i64>parseInt(HOARDS));
  }
  if (name == 'create_tir_paged_kv_cache') return give(result, OTHER, make(OTHER, 0));
  if (name == '_metadata') return give(result, STRING, makeString(METADATA));
  if (name == 'webgpu.get_fmap') return give(result, STRING, makeString(FMAP));
  if (name == 'webgpu.get_shader') return give(result, STRING, makeString(SHADER));
  return give(result, 0, 0);
}

/** The VM's functions exist under any name. */
function getFunction(args: usize, result: usize): i32 {
  const bytes = argument(args, 1);
  let size = 0;
  while (load<u8>(bytes + size) !== 0) size++;
  const name = String.UTF8.decodeUnsafe(bytes, size);
  return give(result, FUNCTION, makeFunction(name, 0));
}

function makeShape(args: usize, count: i32): usize {
  const at = make(SHAPE, 8 + 8 * count);
  store<i32>(at, count, HEADER);
  for (let i = 0; i < count; i++) {
    const value = args + i * ANY;
    const size = load<i32>(value) === INT ? load<i64>(value, 8) : <i64>load<f64>(value, 8);
    store<i64>(at + HEADER + 8 + 8 * i, size);
  }
  return at;
}

/** shape, data type, device: a DLTensor whose data is a buffer of the host's GPU. */
function makeTensor(args: usize): usize {
  const shape = argument(args, 0);
  const rank = load<i32>(shape, HEADER);
  let size: i64 = 4;
  for (let i = 0; i < rank; i++) size *= load<i64>(shape + HEADER + 8 + 8 * i);
  const at = make(TENSOR, 40);
  const tensor = at + HEADER;
  store<i32>(tensor, allocateOnDevice(size));
  store<u64>(tensor, load<u64>(args + 2 * ANY, 8), 4);
  store<i32>(tensor, rank, 12);
  // int32 or float32, one lane.
  const isFloat = load<u8>(argument(args, 1)) === 0x66;
  store<u32>(tensor, (isFloat ? 2 : 0) | (32 << 8) | (1 << 16), 16);
  store<u32>(tensor, <u32>(shape + HEADER + 8), 20);
  return at;
}

function allocateOnDevice(bytes: i64): i32 {
  if (deviceApi === 0) return 0;
  const one = heap.alloc(ANY);
  const result = heap.alloc(ANY);
  const name = String.UTF8.encode('deviceAllocDataSpace', true);
  give(one, RAW_STRING, changetype<usize>(name));
  memory.fill(result, 0, ANY);
  call(deviceApi, one, 1, result);
  const allocate = <usize>load<u32>(result, 8);
  give(one, INT, 0);
  store<i64>(one, bytes, 8);
  call(allocate, one, 1, result);
  return load<i32>(result) === FLOAT ? <i32>load<f64>(result, 8) : load<i32>(result, 8);
}

/** As TVM does: a line on the error stream, then the end of the program. */
function fail(line: string): void {
  const text = String.UTF8.encode(line + '\n');
  const parts = heap.alloc(16);
  store<u32>(parts, <u32>changetype<usize>(text));
  store<u32>(parts, text.byteLength, 4);
  fdWrite(2, parts, 1, parts + 8);
  procExit(1);
}

export function _initialize(): void {}
export function TVMWasmAllocSpace(size: i32): usize {
  return (heap.alloc(size + 8) + 7) & ~7;
}
export function TVMWasmFreeSpace(_at: usize): void {}
export function TVMFFIWasmGetLastError(): usize {
  return changetype<usize>(String.UTF8.encode('no reason given', true));
}
export function TVMFFIFunctionGetGlobal(name: usize, out: usize): i32 {
  const text = textAt(name);
  store<u32>(out, FORGETS == text ? 0 : <u32>makeFunction(text, 0));
  return 0;
}
export function TVMFFIFunctionSetGlobal(name: usize, object: usize, _override: i32): i32 {
  if (textAt(name) == 'wasm.WebGPUDeviceAPI') deviceApi = object;
  return 0;
}
export function TVMFFIWasmFunctionCreate(host: i32, out: usize): i32 {
  store<u32>(out, <u32>makeFunction('', host));
  return 0;
}
export function TVMFFIFunctionCall(object: usize, args: usize, count: i32, result: usize): i32 {
  return call(object, args, count, result);
}
export function TVMFFITypeKeyToIndex(name: usize, out: usize): i32 {
  store<i32>(out, textAt(name) == 'ffi.Module' ? MODULE : ARRAY);
  return 0;
}
export function TVMFFIAnyViewToOwnedAny(view: usize, owned: usize): i32 {
  if (load<i32>(view) === RAW_STRING) {
    const bytes = <usize>load<u32>(view, 8);
    let size = 0;
    while (load<u8>(bytes + size) !== 0) size++;
    return give(owned, STRING, makeString(String.UTF8.decodeUnsafe(bytes, size)));
  }
  memory.copy(owned, view, ANY);
  return 0;
}
export function TVMFFIErrorSetRaisedFromCStr(_kind: usize, _message: usize): void {}
export function TVMFFIObjectIncRef(_object: usize): i32 {
  return 0;
}
export function TVMFFIObjectDecRef(_object: usize): i32 {
  return 0;
}
