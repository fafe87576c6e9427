import { AppError } from '../../shared/errors.ts';
import type { WasmKernels } from './wasm-kernels.ts';

const PAGE_BYTES = 65536;
const ALIGNMENT = 64;

/** Hands out regions of the kernels' memory, front to back, and grows it. Nothing is given back: the
 * whole memory goes when the engine does. */
export class WasmMemory {
  private end: number;

  constructor(private readonly kernels: WasmKernels) {
    this.end = kernels.heapBase();
  }

  /** Address of `bytes` fresh bytes, 64-aligned, zero. Throws AppError `out-of-memory`. */
  allocate(bytes: number): number {
    const address = Math.ceil(this.end / ALIGNMENT) * ALIGNMENT;
    const end = address + bytes;
    const { memory } = this.kernels;
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) {
      try {
        memory.grow(Math.ceil(missing / PAGE_BYTES));
      } catch (error) {
        throw outOfMemory(end, error);
      }
    }
    this.end = end;
    return address;
  }

  /** Views are valid until the next `allocate`. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.kernels.memory.buffer, address, length);
  }

  words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.kernels.memory.buffer, address, length);
  }

  allocateFloats(values: ArrayLike<number>): number {
    const address = this.allocate(values.length * 4);
    this.floats(address, values.length).set(values);
    return address;
  }
}

function outOfMemory(bytes: number, cause: unknown): AppError {
  const megabytes = Math.ceil(bytes / 1e6);
  return new AppError('out-of-memory', `The CPU engine needs ${megabytes} MB of memory.`, {
    advice: 'Close other tabs, or choose a smaller model.',
    cause,
  });
}
