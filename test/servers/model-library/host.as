/** What the library asks of its host: buffers and kernels of the GPU, and an end of the program. */
import {
  ANY,
  FLOAT,
  FUNCTION,
  HEADER,
  INT,
  POINTER,
  RAW_STRING,
  give,
  keep,
  makeFunction,
} from './objects';

@external('wasi_snapshot_preview1', 'fd_write')
declare function fdWrite(fd: i32, parts: usize, count: i32, written: usize): i32;
@external('wasi_snapshot_preview1', 'proc_exit')
declare function procExit(code: i32): void;
@external('env', 'TVMFFIWasmSafeCall')
declare function callHost(self: i32, args: usize, count: i32, result: usize): i32;

const MOST_ARGUMENTS = 12;
const PASSED: usize = memory.data(MOST_ARGUMENTS * ANY, 8);
const ANSWER: usize = memory.data(ANY, 8);
let given = 0;

/** What the host registered under a name, such as its GPU. */
const registered = new Map<string, usize>();
/** Functions of the GPU's interface, asked for once. */
const deviceFunctions = new Map<string, usize>();
const kernels = new Map<string, usize>();

export function register(name: string, object: usize): void {
  registered.set(name, keep(object));
}

export function numberOfHost(object: usize): i32 {
  return load<i32>(object, HEADER + 4);
}

export function callHostFunction(object: usize, args: usize, count: i32, result: usize): i32 {
  return callHost(numberOfHost(object), args, count, result);
}

/** Arguments of the next `invoke`, in order. */
export function passPointer(value: usize): void {
  give(PASSED + ANY * given++, POINTER, value);
}

export function passNumber(value: f64): void {
  const at = PASSED + ANY * given++;
  give(at, FLOAT, 0);
  store<f64>(at, value, 8);
}

function passText(text: string): void {
  const bytes = changetype<usize>(String.UTF8.encode(text, true));
  give(PASSED + ANY * given++, RAW_STRING, bytes);
}

/** The address of what came back: a type and a value. */
function invoke(object: usize): usize {
  memory.fill(ANSWER, 0, ANY);
  const count = given;
  given = 0;
  if (callHostFunction(object, PASSED, count, ANSWER) !== 0) fail('Check failed: the host threw');
  return ANSWER;
}

function deviceFunction(name: string): usize {
  if (!deviceFunctions.has(name)) {
    const taken = given;
    if (taken !== 0) fail('Check failed: arguments before their function');
    passText(name);
    deviceFunctions.set(name, <usize>load<u32>(invoke(registered.get('wasm.WebGPUDeviceAPI')), 8));
  }
  return deviceFunctions.get(name);
}

/** The number of a new buffer; 0 where the host has no GPU yet. */
export function allocateOnDevice(bytes: i64): i32 {
  if (!registered.has('wasm.WebGPUDeviceAPI')) return 0;
  const allocate = deviceFunction('deviceAllocDataSpace');
  passNumber(<f64>bytes);
  const made = invoke(allocate);
  return load<i32>(made) === INT ? load<i32>(made, 8) : <i32>load<f64>(made, 8);
}

export function freeOnDevice(buffer: i32): void {
  const free = deviceFunction('deviceFreeDataSpace');
  passNumber(<f64>buffer);
  invoke(free);
}

/** Within the GPU, or from it (`to` is an address here then). Offsets and size in bytes. */
export function copyFromDevice(
  inside: bool,
  from: i32,
  fromOffset: i32,
  to: usize,
  toOffset: i32,
  bytes: i32,
): void {
  const copy = deviceFunction(inside ? 'deviceCopyWithinGPU' : 'deviceCopyFromGPU');
  passNumber(<f64>from);
  passNumber(<f64>fromOffset);
  passNumber(<f64>to);
  if (inside) passNumber(<f64>toOffset);
  passNumber(<f64>bytes);
  invoke(copy);
}

/** A kernel that the host compiled beforehand. */
export function setKernel(name: string, object: usize): void {
  kernels.set(name, keep(object));
}

/** Compiles a kernel at its first call: its errors reach nobody but the console. */
export function compileLate(name: string, about: string, code: string): void {
  if (kernels.has(name)) return;
  passText(about);
  passText(code);
  kernels.set(name, <usize>load<u32>(invoke(registered.get('wasm.WebGPUCreateShader')), 8));
}

/** Runs one workgroup with the arguments passed before. */
export function launch(name: string): void {
  // Of the grid and of the workgroup, along x.
  passNumber(1);
  passNumber(1);
  if (!kernels.has(name)) fail(`Check failed: no kernel ${name}`);
  invoke(kernels.get(name));
}

/** As TVM does: a line on the error stream, then the end of the program. */
export function fail(line: string): void {
  const text = String.UTF8.encode(line + '\n');
  const parts = heap.alloc(16);
  store<u32>(parts, <u32>changetype<usize>(text));
  store<u32>(parts, text.byteLength, 4);
  fdWrite(2, parts, 1, parts + 8);
  procExit(1);
}

export function makeHostFunction(number: i32): usize {
  return makeFunction('', number);
}
