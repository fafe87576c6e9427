/**
 * The buffers that passes read and write: activations for `maxRows` rows, slot lists, tiles of rows,
 * KV memory of every layer, sampling state, results. Slot lists, tiles and KV memory grow when a call
 * needs more, before the call does any work; everything else is made once.
 */
import { invariant } from '../../shared/errors.ts';
import type { ModelConfig } from '../weights/model-config.ts';
import type { GpuContext } from './gpu-context.ts';
import { LANE_WORDS, resultWords } from './kernels/sample.ts';

/** Bytes between the two `Call` uniforms: the largest offset alignment that WebGPU allows. */
export const CALL_STRIDE = 256;
const ROW_WORDS = 4;
const FIRST_SLOTS = 4096;

export interface WorkSizes {
  readonly maxRows: number;
  readonly slots: number;
  readonly steps: number;
}

/** Bytes of one slot in one layer. */
export function slotBytes({ kvHeads, headDim }: ModelConfig): number {
  return 2 * kvHeads * headDim * 4;
}

/** The widest activation of a row, in bytes. */
export function widestRowBytes(config: ModelConfig): number {
  const { dim, ffDim, heads, kvHeads, headDim, vocab } = config;
  return 4 * Math.max(dim, ffDim, (heads + 2 * kvHeads) * headDim, vocab);
}

export class WorkMemory {
  readonly call: GPUBuffer;
  readonly rows: GPUBuffer;
  readonly x: GPUBuffer;
  readonly qkv: GPUBuffer;
  readonly attention: GPUBuffer;
  readonly hidden: GPUBuffer;
  readonly outputs: GPUBuffer;
  readonly picks: GPUBuffer;
  /** 0, 1, 2 …: picks of passes whose every row is an output. */
  readonly everyRow: GPUBuffer;
  readonly lanes: GPUBuffer;
  readonly ends: GPUBuffer;
  readonly results: GPUBuffer;
  slotLists: GPUBuffer;
  /** Tables of the attention kernel (`attention-tiles.ts`). */
  tiles: GPUBuffer;
  /** `[layers]` */
  kv: readonly GPUBuffer[];
  /** Slots that `kv` holds at present. */
  slotsHeld: number;
  private readBack: GPUBuffer | null = null;

  constructor(
    private readonly context: GpuContext,
    private readonly config: ModelConfig,
    private readonly sizes: WorkSizes,
  ) {
    const { memory } = context;
    const { maxRows } = sizes;
    const { dim, ffDim, heads, kvHeads, headDim } = config;
    const floats = (label: string, count: number): GPUBuffer =>
      memory.create(label, count * 4, STORAGE);
    this.call = memory.create(
      'call',
      2 * CALL_STRIDE,
      GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    );
    this.rows = floats('rows', maxRows * ROW_WORDS);
    this.x = floats('x', maxRows * dim);
    this.qkv = floats('qkv', maxRows * (heads + 2 * kvHeads) * headDim);
    this.attention = floats('attention', maxRows * heads * headDim);
    this.hidden = floats('hidden', maxRows * ffDim);
    this.outputs = floats('outputs', maxRows * (config.head === 'value' ? 1 : config.vocab));
    this.picks = floats('picks', maxRows);
    const everyRow = Uint32Array.from({ length: maxRows }, (_, row) => row);
    this.everyRow = memory.upload('every row', everyRow, GPUBufferUsage.STORAGE);
    this.lanes = floats('lanes', maxRows * LANE_WORDS);
    this.ends = floats('ends', ENDS);
    this.results = floats('results', resultWords(maxRows, sizes.steps));
    this.slotLists = floats('slot lists', FIRST_SLOTS);
    this.tiles = floats('tiles', FIRST_SLOTS);
    this.slotsHeld = Math.min(FIRST_SLOTS, sizes.slots);
    this.kv = this.createKv(this.slotsHeld);
  }

  /** Makes room for a call. True when buffers were replaced, so that bind groups must be renewed.
   * Throws AppError `out-of-memory` and changes nothing when the GPU has no room. */
  async reserve(slotLists: Uint32Array, tiles: Uint32Array): Promise<boolean> {
    const highest = slotLists.reduce((high, slot) => Math.max(high, slot), 0);
    invariant(highest < this.sizes.slots, 'slots are numbered within the device');
    const longer = slotLists.byteLength > this.slotLists.size;
    const wider = tiles.byteLength > this.tiles.size;
    const deeper = highest >= this.slotsHeld;
    if (!longer && !wider && !deeper) return false;
    const { memory } = this.context;
    const target = Math.min(this.sizes.slots, Math.max(highest + 1, this.slotsHeld * 2));
    const made = await memory.checked(() => ({
      slotLists: longer ? memory.create('slot lists', slotLists.byteLength * 2, STORAGE) : null,
      tiles: wider ? memory.create('tiles', tiles.byteLength * 2, STORAGE) : null,
      kv: deeper ? this.createKv(target) : null,
    }));
    if (made.slotLists) {
      memory.release(this.slotLists);
      this.slotLists = made.slotLists;
    }
    if (made.tiles) {
      memory.release(this.tiles);
      this.tiles = made.tiles;
    }
    if (made.kv) this.moveKv(made.kv, target);
    return true;
  }

  /** A buffer to map, of at least `bytes`. The same one for every call: calls never overlap. */
  readBackBuffer(bytes: number): GPUBuffer {
    if (this.readBack && this.readBack.size >= bytes) return this.readBack;
    if (this.readBack) this.context.memory.release(this.readBack);
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    this.readBack = this.context.memory.create('read back', bytes, usage);
    return this.readBack;
  }

  private createKv(slots: number): GPUBuffer[] {
    return Array.from({ length: this.config.layers }, (_, layer) =>
      this.context.memory.create(`kv ${layer}`, slots * slotBytes(this.config), STORAGE),
    );
  }

  private moveKv(larger: readonly GPUBuffer[], slots: number): void {
    const { device, memory } = this.context;
    const encoder = device.createCommandEncoder({ label: 'grow kv' });
    this.kv.forEach((buffer, layer) => {
      encoder.copyBufferToBuffer(buffer, 0, larger[layer], 0, buffer.size);
    });
    device.queue.submit([encoder.finish()]);
    for (const buffer of this.kv) memory.release(buffer);
    this.kv = larger;
    this.slotsHeld = slots;
  }
}

/** The most stop and final tokens of one plan. */
export const ENDS = 256;

// COPY_SRC and COPY_DST: written from the host, read back, or moved when it grows.
const STORAGE = 0x80 | 0x04 | 0x08;
