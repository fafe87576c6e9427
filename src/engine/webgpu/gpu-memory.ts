/**
 * Every buffer of one device, counted, so that a leak shows and a model that cannot fit is refused
 * before work begins.
 */
import { AppError, invariant } from '../../shared/errors.ts';

export interface MemoryStatus {
  readonly buffers: number;
  readonly bytes: number;
}

/** `size` in bytes is rounded up to whole words; no buffer is empty. */
export class GpuMemory {
  private readonly open = new Set<GPUBuffer>();
  private total = 0;

  constructor(private readonly device: GPUDevice) {}

  get status(): MemoryStatus {
    return { buffers: this.open.size, bytes: this.total };
  }

  /** Largest buffer that a kernel can see whole. */
  get largestBytes(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /** Throws AppError `out-of-memory` when the adapter allows no such buffer. */
  create(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.max(16, Math.ceil(bytes / 4) * 4);
    if (size > this.largestBytes) {
      throw outOfMemory(`${label} needs ${size} bytes; this GPU binds ${this.largestBytes}.`);
    }
    const buffer = this.device.createBuffer({ label, size, usage });
    this.open.add(buffer);
    this.total += size;
    return buffer;
  }

  upload(label: string, data: ArrayBufferView<ArrayBuffer>, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.create(label, data.byteLength, usage | GPUBufferUsage.COPY_DST);
    this.device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }

  release(buffer: GPUBuffer): void {
    invariant(this.open.delete(buffer), 'a buffer is released once, by the memory that made it');
    this.total -= buffer.size;
    buffer.destroy();
  }

  releaseAll(): void {
    for (const buffer of [...this.open]) this.release(buffer);
  }

  /** Runs `make`; if the GPU ran out of memory meanwhile, releases what it made and throws AppError
   * `out-of-memory`. */
  async checked<T>(make: () => T): Promise<T> {
    const before = new Set(this.open);
    this.device.pushErrorScope('out-of-memory');
    let made: T | undefined;
    let thrown: unknown = null;
    try {
      made = make();
    } catch (error) {
      thrown = error;
    }
    const failure = await this.device.popErrorScope().catch(() => null);
    if (thrown === null && failure === null) return made as T;
    for (const buffer of [...this.open]) if (!before.has(buffer)) this.release(buffer);
    throw thrown ?? outOfMemory(failure?.message ?? 'The GPU is out of memory.');
  }
}

function outOfMemory(message: string): AppError {
  return new AppError('out-of-memory', message, {
    advice: 'Use a smaller model or a lower budget, or close other tabs.',
  });
}
