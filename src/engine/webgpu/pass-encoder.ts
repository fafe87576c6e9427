/** Records dispatches into compute passes, counts them, and times them when asked. */
import type { PassTiles } from './attention-plan.ts';
import type { GpuContext } from './gpu-context.ts';
import type { Call } from './kernel.ts';
import type { Operation } from './operations.ts';

export interface PassCounts {
  readonly dispatches: number;
  readonly passes: number;
  readonly submits: number;
  /** Slots that one KV head reads in one layer, over all passes: at most, as lanes may end early; and
   * what it would be if every row read its own list. */
  readonly readSlots: number;
  readonly listedSlots: number;
}

export interface KernelTime {
  readonly label: string;
  readonly nanoseconds: number;
}

const MOST_TIMED = 2048;

/**
 * Everything between `begin` and `submit` goes to the GPU in one submission and one compute pass.
 * With timing each dispatch has a pass of its own, as timestamps are written at its borders; that
 * makes the whole slower, so totals must be taken without it.
 */
export class PassEncoder {
  private dispatches = 0;
  private passes = 0;
  private submits = 0;
  private readSlots = 0;
  private listedSlots = 0;
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private timing: { readonly set: GPUQuerySet; readonly labels: string[] } | null = null;

  constructor(private readonly context: GpuContext) {}

  get counts(): PassCounts {
    const { dispatches, passes, submits, readSlots, listedSlots } = this;
    return { dispatches, passes, submits, readSlots, listedSlots };
  }

  /** The device was opened with the feature `timestamp-query`. */
  get canTime(): boolean {
    return this.context.device.features.has('timestamp-query');
  }

  /** Only where `canTime`. */
  startTiming(): void {
    const set = this.context.device.createQuerySet({ type: 'timestamp', count: MOST_TIMED });
    this.timing = { set, labels: [] };
  }

  begin(): void {
    this.encoder = this.context.device.createCommandEncoder();
  }

  /** Keeps account of what one step attends to. */
  attends(pass: PassTiles): void {
    this.readSlots += pass.readSlots;
    this.listedSlots += pass.listedSlots;
  }

  /** `callOffset`: where the `Call` of these dispatches lies, in bytes. */
  add(operation: Operation, call: Call, callOffset: number): void {
    const { variant, grid } = operation.choose(call);
    if (grid[0] === 0 || grid[1] === 0) return;
    const pass = this.openPass(operation.label);
    pass.setPipeline(this.context.pipelines.get(variant));
    pass.setBindGroup(0, operation.bindGroup, [callOffset]);
    pass.dispatchWorkgroups(grid[0], grid[1]);
    this.dispatches++;
    if (this.timing) this.closePass();
  }

  /** Copies into a buffer that can be mapped, behind everything added so far. */
  copy(from: GPUBuffer, to: GPUBuffer, bytes: number): void {
    this.closePass();
    this.encoder?.copyBufferToBuffer(from, 0, to, 0, bytes);
  }

  submit(): void {
    this.closePass();
    if (this.encoder) this.context.device.queue.submit([this.encoder.finish()]);
    this.encoder = null;
    this.submits++;
  }

  /** Ends timing; the time of every dispatch since `startTiming`, in order. */
  async readTiming(): Promise<KernelTime[]> {
    const { timing, context } = this;
    if (!timing) return [];
    this.timing = null;
    const bytes = timing.labels.length * 16;
    const { memory, device } = context;
    const resolved = memory.create(
      'timestamps',
      Math.max(bytes, 16),
      GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    );
    const copy = memory.create(
      'timestamps read back',
      Math.max(bytes, 16),
      GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    );
    const encoder = device.createCommandEncoder();
    encoder.resolveQuerySet(timing.set, 0, timing.labels.length * 2, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, copy, 0, resolved.size);
    device.queue.submit([encoder.finish()]);
    await context.map(copy, copy.size);
    const stamps = new BigUint64Array(copy.getMappedRange().slice(0));
    timing.set.destroy();
    memory.release(resolved);
    memory.release(copy);
    return timing.labels.map((label, i) => ({
      label,
      nanoseconds: Number(stamps[2 * i + 1] - stamps[2 * i]),
    }));
  }

  private openPass(label: string): GPUComputePassEncoder {
    if (this.pass) return this.pass;
    if (!this.encoder) throw new Error('invariant: dispatches are added between begin and submit');
    const { timing } = this;
    let timestampWrites: GPUComputePassTimestampWrites | undefined;
    if (timing && timing.labels.length * 2 < MOST_TIMED) {
      const first = timing.labels.push(label) * 2 - 2;
      timestampWrites = {
        querySet: timing.set,
        beginningOfPassWriteIndex: first,
        endOfPassWriteIndex: first + 1,
      };
    }
    this.passes++;
    this.pass = this.encoder.beginComputePass({ timestampWrites });
    return this.pass;
  }

  private closePass(): void {
    this.pass?.end();
    this.pass = null;
  }
}
