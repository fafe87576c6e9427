/** One GPU device with what belongs to it: memory, pipelines, and the news of its loss. */
import { AppError } from '../../shared/errors.ts';
import { GpuMemory } from './gpu-memory.ts';
import type { Subgroups } from './kernels/reduction.ts';
import { Pipelines } from './pipelines.ts';

export interface GpuContextOptions {
  /** Default 0: reductions go through workgroup memory. */
  readonly subgroups?: Subgroups;
  /** Default: none compiled yet. */
  readonly pipelines?: Pipelines;
}

export class GpuContext {
  readonly memory: GpuMemory;
  readonly pipelines: Pipelines;
  readonly subgroups: Subgroups;
  /** Resolves when the device is lost, also by `close`. */
  readonly lost: Promise<GPUDeviceLostInfo>;
  private loss: GPUDeviceLostInfo | null = null;
  private fault: string | null = null;

  constructor(
    readonly device: GPUDevice,
    /** The adapter's name, for people. */
    readonly label: string,
    options: GpuContextOptions = {},
  ) {
    this.pipelines = options.pipelines ?? new Pipelines(device);
    this.subgroups = options.subgroups ?? 0;
    this.memory = new GpuMemory(device);
    this.lost = device.lost.then((info) => (this.loss = info));
    device.addEventListener('uncapturederror', (event) => {
      this.fault ??= event.error.message;
    });
  }

  /** Throws AppError `device-lost`, or `internal` when the GPU refused a command. */
  check(): void {
    if (this.loss) throw this.lostError(this.loss.message);
    if (this.fault !== null) {
      throw new AppError('internal', 'The GPU refused a command.', {
        advice: 'Choose the CPU as the engine, and report this with the details below.',
        cause: this.fault,
      });
    }
  }

  /** Waits until a mapped buffer can be read. Throws AppError `device-lost`. */
  async map(buffer: GPUBuffer, bytes: number): Promise<void> {
    try {
      await buffer.mapAsync(GPUMapMode.READ, 0, bytes);
    } catch (error) {
      this.check();
      throw this.lostError(error);
    }
    this.check();
  }

  /** Destroys buffers and device. */
  close(): void {
    this.memory.releaseAll();
    this.device.destroy();
  }

  private lostError(cause: unknown): AppError {
    return new AppError('device-lost', 'The GPU was lost.', {
      advice: 'The run can go on from where it was, on the GPU again or on the CPU.',
      retryable: true,
      cause,
    });
  }
}
