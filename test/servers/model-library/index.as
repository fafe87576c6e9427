/**
 * A model library for web-llm 0.2.86 made by hand: it answers TVM's FFI as far as web-llm asks, and
 * holds a small model that writes (model.as). Real ones cannot be had on a closed network; with this
 * one the package, its worker, tokenizer, sampler and error paths are the real ones. AssemblyScript.
 * What differs between libraries, also what is wrong with them, is written into AREA once it is
 * compiled.
 */
import { callHostFunction, fail, makeHostFunction, numberOfHost, register, setKernel } from './host';
import {
  addBias,
  clearCache,
  embed,
  forward,
  makeCache,
  parameters,
  sample,
  setWeights,
  softmax,
  sort,
} from './model';
import {
  ANY,
  ARRAY,
  FUNCTION,
  HEADER,
  INT,
  MODULE,
  OTHER,
  RAW_STRING,
  STRING,
  argument,
  arraySize,
  give,
  giveObject,
  item,
  keep,
  make,
  makeArray,
  makeFunction,
  makeShape,
  makeString,
  numberAt,
  setItem,
  sizeOf,
  textAt,
  textOf,
} from './objects';
import { AREA } from './settings';
import { bytesOf, copyTensor, makeTensor, makeView, release } from './tensors';

/** Each setting is its length and its UTF-8, in this order. */
const FORGETS = setting(0);
const REFUSES = setting(1);
const METADATA = setting(2);
const FMAP = setting(3);
/** Name, NUL, code, NUL, name … */
const SHADERS = setting(4).split('\0');
const CACHE_BYTES_A_TOKEN = <i64>parseInt(setting(5));
const VOCABULARY = <i32>parseInt(setting(6));
/** A description and, from the second line on, the code of a kernel compiled at its first call. */
const LATE_KERNEL = setting(7);
const HANGS = setting(8).length > 0;

function setting(index: i32): string {
  let at = AREA;
  for (let i = 0; i < index; i++) at += 4 + load<u32>(at);
  return String.UTF8.decodeUnsafe(at + 4, load<u32>(at));
}

function call(object: usize, args: usize, count: i32, result: usize): i32 {
  if (numberOfHost(object) !== 0) return callHostFunction(object, args, count, result);
  const name = changetype<string>(<usize>load<u32>(object, HEADER));
  if (callRuntime(name, args, count, result)) return 0;
  if (callModel(name, args, result)) return 0;
  return give(result, 0, 0);
}

/** Whether it is a function of TVM's runtime. */
function callRuntime(name: string, args: usize, count: i32, result: usize): bool {
  if (name == 'ffi.ModuleGetFunction') {
    // The functions of the model exist under any name.
    give(result, FUNCTION, makeFunction(textAt(args, 1), 0));
  } else if (name == 'ffi.SystemLib' || name == 'vm_load_executable') {
    give(result, MODULE, make(MODULE, 0));
  } else if (name == 'ffi.Shape') {
    const sizes: i64[] = [];
    for (let i = 0; i < count; i++) sizes.push(numberAt(args, i));
    giveObject(result, makeShape(sizes));
  } else if (name == 'ffi.Array') {
    const array = makeArray(count);
    for (let i = 0; i < count; i++) {
      const isObject = load<i32>(args + i * ANY) >= STRING;
      setItem(array, i, isObject ? keep(argument(args, i)) : 0);
    }
    giveObject(result, array);
  } else if (name == 'ffi.ArrayGetItem') {
    giveObject(result, keep(item(argument(args, 0), <i32>numberAt(args, 1))));
  } else if (name == 'ffi.ArraySize') {
    give(result, INT, arraySize(argument(args, 0)));
  } else if (name == 'runtime.TVMTensorAllocWithScope') {
    // shape, data type, device.
    const dtype = load<u8>(argument(args, 1));
    giveObject(result, makeTensor(argument(args, 0), dtype, load<i32>(args + 2 * ANY, 8)));
  } else if (name == 'runtime.TVMTensorCreateView') {
    giveObject(result, makeView(argument(args, 0), argument(args, 1)));
  } else if (name == 'runtime.TVMTensorCopyFromTo') {
    copyTensor(argument(args, 0), argument(args, 1));
    give(result, 0, 0);
  } else if (name == 'tvmjs.runtime.TensorCopyToBytes') {
    giveObject(result, bytesOf(argument(args, 0)));
  } else if (name == 'vm.builtin.tensor_cache.update') {
    setWeights(argument(args, 1));
    give(result, 0, 0);
  } else if (name == 'vm.builtin.param_module_from_cache_by_name') {
    if (REFUSES.length > 0) fail(REFUSES);
    give(result, MODULE, make(MODULE, 0));
  } else if (name == 'vm.builtin.kv_state_clear') {
    clearCache();
    give(result, 0, 0);
  } else return false;
  return true;
}

/** Whether it is a function of the model, or of its module. */
function callModel(name: string, args: usize, result: usize): bool {
  if (name == '_metadata') {
    while (HANGS) {}
    giveObject(result, makeString(METADATA));
  }
  else if (name == 'webgpu.get_fmap') giveObject(result, makeString(FMAP));
  else if (name == 'webgpu.get_shader') {
    giveObject(result, makeString(SHADERS[SHADERS.indexOf(textAt(args, 0)) + 1]));
  } else if (name == 'webgpu.update_prebuild') {
    setKernel(textAt(args, 0), argument(args, 1));
    give(result, 0, 0);
  } else if (name == 'get_params') giveObject(result, parameters());
  else if (name == 'create_tir_paged_kv_cache') {
    // sequences, tokens, …
    makeCache(sizeOf(argument(args, 1), 0), CACHE_BYTES_A_TOKEN);
    give(result, OTHER, make(OTHER, 0));
  } else if (name == 'embed') giveObject(result, embed(argument(args, 0)));
  else if (name == 'prefill' || name == 'decode') {
    giveObject(result, forward(argument(args, 0), VOCABULARY, LATE_KERNEL));
  } else if (name == 'apply_logit_bias_inplace') {
    // logits, the row of each, ids, what is added.
    addBias(argument(args, 0), argument(args, 2), argument(args, 3));
    give(result, 0, 0);
  } else if (name == 'softmax_with_temperature') {
    giveObject(result, softmax(argument(args, 0), argument(args, 1)));
  } else if (name == 'argsort_probs') giveObject(result, sort(argument(args, 0)));
  else if (name == 'sample_with_top_p') {
    // sorted, their tokens, a draw, rows, top-p.
    const chosen = sample(
      argument(args, 0),
      argument(args, 1),
      argument(args, 2),
      argument(args, 4),
    );
    giveObject(result, chosen);
  } else if (name.startsWith('apply_')) fail(`Check failed: ${name} is not here`);
  else return false;
  return true;
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
  const text = textOf(name);
  store<u32>(out, FORGETS == text ? 0 : <u32>makeFunction(text, 0));
  return 0;
}
export function TVMFFIFunctionSetGlobal(name: usize, object: usize, _override: i32): i32 {
  register(textOf(name), object);
  return 0;
}
export function TVMFFIWasmFunctionCreate(host: i32, out: usize): i32 {
  store<u32>(out, <u32>makeHostFunction(host));
  return 0;
}
export function TVMFFIFunctionCall(object: usize, args: usize, count: i32, result: usize): i32 {
  return call(object, args, count, result);
}
export function TVMFFITypeKeyToIndex(name: usize, out: usize): i32 {
  store<i32>(out, textOf(name) == 'ffi.Module' ? MODULE : ARRAY);
  return 0;
}
export function TVMFFIAnyViewToOwnedAny(view: usize, owned: usize): i32 {
  const type = load<i32>(view);
  if (type === RAW_STRING) return giveObject(owned, makeString(textAt(view, 0)));
  if (type >= STRING) keep(argument(view, 0));
  memory.copy(owned, view, ANY);
  return 0;
}
export function TVMFFIErrorSetRaisedFromCStr(_kind: usize, _message: usize): void {}
export function TVMFFIObjectIncRef(object: usize): i32 {
  keep(object);
  return 0;
}
export function TVMFFIObjectDecRef(object: usize): i32 {
  release(object);
  return 0;
}
