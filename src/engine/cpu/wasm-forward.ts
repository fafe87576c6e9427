/**
 * One pass of rows through the decoder with the WASM kernels: owns weights, KV memory and activation
 * buffers, and knows the order of the kernels. Not the sampling.
 */
import { AppError } from '../../shared/errors.ts';
import type { ModelConfig } from '../weights/model-config.ts';
import type { ModelTensors } from '../weights/model-tensors.ts';
import {
  packModel,
  roundUp,
  type PackedLayer,
  type PackedMatrix,
  type PackedModel,
} from './packed-model.ts';
import type { WasmKernels } from './wasm-kernels.ts';
import { WasmMemory } from './wasm-memory.ts';

/** Addresses of the buffers of one pass; strides in bytes, multiples of 32. */
interface Buffers {
  readonly tokens: number;
  readonly positions: number;
  readonly listStarts: number;
  readonly picks: number;
  readonly state: number;
  readonly normed: number;
  readonly dimStride: number;
  readonly qkv: number;
  readonly attended: number;
  readonly attendedStride: number;
  readonly gateUp: number;
  readonly activated: number;
  readonly activatedStride: number;
  readonly scores: number;
  readonly outputs: number;
}

export class WasmForward {
  readonly memory: WasmMemory;
  /** Bytes from one row of head outputs to the next. */
  readonly outputStride: number;
  private readonly model: PackedModel;
  private readonly keys: number;
  private readonly kvLayerBytes: number;
  private readonly buffers: Buffers;
  private lists = 0;
  private listsCapacity = 0;

  /** Throws AppError `out-of-memory` or `model-unsupported`. */
  constructor(
    private readonly kernels: WasmKernels,
    private readonly config: ModelConfig,
    tensors: ModelTensors,
    slots: number,
    maxRows: number,
  ) {
    if (config.headDim % 4 !== 0) {
      throw new AppError('model-unsupported', 'The CPU engine needs heads of a multiple of 4.', {
        advice: `This model has head_dim ${config.headDim}.`,
      });
    }
    this.memory = new WasmMemory(kernels);
    this.model = packModel(this.memory, config, tensors);
    this.kvLayerBytes = slots * config.kvHeads * config.headDim * 4;
    this.keys = this.memory.allocate(this.kvLayerBytes * 2 * config.layers);
    this.buffers = this.allocateBuffers(maxRows);
    // The sampler reads up to the next multiple of 16 behind the vocabulary.
    this.outputStride = roundUp(this.model.head.outDim, 16) * 4;
  }

  /** Views for the caller to fill before `forward`; valid until memory grows. */
  rowInputs(count: number): Record<'tokens' | 'positions' | 'listStarts', Uint32Array> {
    const { tokens, positions, listStarts } = this.buffers;
    return {
      tokens: this.memory.words(tokens, count),
      positions: this.memory.words(positions, count),
      listStarts: this.memory.words(listStarts, count),
    };
  }

  setSlotLists(slotLists: Uint32Array): void {
    if (slotLists.length > this.listsCapacity) {
      this.listsCapacity = Math.max(slotLists.length, this.listsCapacity * 2, 16384);
      this.lists = this.memory.allocate(this.listsCapacity * 4);
    }
    this.memory.words(this.lists, slotLists.length).set(slotLists);
  }

  /** Copies the keys and values of one slot, in every layer. */
  copySlot(from: number, to: number): void {
    const { layers, kvHeads, headDim } = this.config;
    const bytes = kvHeads * headDim * 4;
    const memory = new Uint8Array(this.kernels.memory.buffer);
    for (let part = 0; part < layers * 2; part++) {
      const base = this.keys + part * this.kvLayerBytes;
      memory.copyWithin(base + to * bytes, base + from * bytes, base + (from + 1) * bytes);
    }
  }

  /** Runs `rows` rows through all layers; their states stay for `readHead`. */
  forward(rows: number): void {
    this.embed(rows);
    this.model.layers.forEach((layer, index) => this.runLayer(layer, index, rows));
  }

  /** Head outputs of the picked rows; returns the address of the first. */
  readHead(picked: Uint32Array): number {
    const { kernels, config, model, buffers } = this;
    const { picks, state, normed, dimStride, outputs } = buffers;
    this.memory.words(picks, picked.length).set(picked);
    kernels.rmsNorm(
      ...([state, dimStride, model.norm, normed, dimStride, picks] as const),
      ...([picked.length, config.dim, config.normEps] as const),
    );
    this.multiply(normed, dimStride, model.head, outputs, this.outputStride, picked.length);
    if (model.headBias !== 0) {
      kernels.addBias(outputs, this.outputStride, model.headBias, picked.length, model.head.outDim);
    }
    return outputs;
  }

  private embed(rows: number): void {
    const { buffers, memory, config } = this;
    const { dim } = config;
    const tokens = memory.words(buffers.tokens, rows);
    const table = memory.floats(this.model.embedding, config.vocab * dim);
    const state = memory.floats(buffers.state, (rows * buffers.dimStride) / 4);
    for (let row = 0; row < rows; row++) {
      const from = tokens[row] * dim;
      state.set(table.subarray(from, from + dim), (row * buffers.dimStride) / 4);
    }
  }

  private runLayer(layer: PackedLayer, index: number, rows: number): void {
    const { kernels, config, buffers } = this;
    const { dim, ffDim, normEps } = config;
    const { state, normed, dimStride, attended, attendedStride } = buffers;
    const { gateUp, activated, activatedStride } = buffers;
    kernels.rmsNorm(
      ...([state, dimStride, layer.attentionNorm, normed, dimStride, 0] as const),
      ...([rows, dim, normEps] as const),
    );
    this.attention(layer, index, rows);
    this.multiply(attended, attendedStride, layer.o, state, dimStride, rows, true);
    kernels.rmsNorm(
      ...([state, dimStride, layer.mlpNorm, normed, dimStride, 0] as const),
      ...([rows, dim, normEps] as const),
    );
    const stride = layer.gateUp.outStride;
    this.multiply(normed, dimStride, layer.gateUp, gateUp, stride, rows);
    kernels.siluMultiply(
      ...([gateUp, stride, roundUp(ffDim, 8) * 4] as const),
      ...([activated, activatedStride, rows, ffDim] as const),
    );
    this.multiply(activated, activatedStride, layer.down, state, dimStride, rows, true);
  }

  private attention(layer: PackedLayer, index: number, rows: number): void {
    const { kernels, config, buffers, model } = this;
    const { heads, kvHeads, headDim } = config;
    const { qkv, positions, listStarts, normed, dimStride } = buffers;
    const stride = layer.qkv.outStride;
    const keys = this.keys + index * 2 * this.kvLayerBytes;
    const values = keys + this.kvLayerBytes;
    this.multiply(normed, dimStride, layer.qkv, qkv, stride, rows);
    if (layer.qkvBias !== 0) {
      kernels.addBias(qkv, stride, layer.qkvBias, rows, layer.qkv.outDim);
    }
    // Queries and keys lie side by side, so one call turns both.
    kernels.rotate(qkv, stride, positions, model.rotary, rows, heads + kvHeads, headDim);
    kernels.storeKeyValue(
      ...([qkv, stride, heads * headDim * 4, kvHeads * headDim * 4] as const),
      ...([keys, values, positions, listStarts, this.lists, rows] as const),
    );
    kernels.attend(
      ...([qkv, stride, buffers.attended, buffers.attendedStride, keys, values] as const),
      ...([positions, listStarts, this.lists, buffers.scores] as const),
      ...([rows, heads, kvHeads, headDim] as const),
    );
  }

  private multiply(
    x: number,
    xStride: number,
    matrix: PackedMatrix,
    out: number,
    outStride: number,
    rows: number,
    accumulate = false,
  ): void {
    const { address, inDim, panels } = matrix;
    this.kernels.matmul(
      ...([x, xStride, address, out, outStride, rows, inDim, panels] as const),
      accumulate ? 1 : 0,
    );
  }

  private allocateBuffers(maxRows: number): Buffers {
    const { dim, ffDim, heads, headDim, maxPositions } = this.config;
    const [layer] = this.model.layers;
    const dimStride = roundUp(dim, 8) * 4;
    const attendedStride = roundUp(heads * headDim, 8) * 4;
    const activatedStride = roundUp(ffDim, 8) * 4;
    const rows = (stride: number) => this.memory.allocate(maxRows * stride);
    return {
      tokens: rows(4),
      positions: rows(4),
      listStarts: rows(4),
      picks: rows(4),
      state: rows(dimStride),
      normed: rows(dimStride),
      dimStride,
      qkv: rows(layer.qkv.outStride),
      attended: rows(attendedStride),
      attendedStride,
      gateUp: rows(layer.gateUp.outStride),
      activated: rows(activatedStride),
      activatedStride,
      scores: this.memory.allocate(roundUp(maxPositions, 4) * 4),
      outputs: rows(roundUp(this.model.head.outDim, 16) * 4),
    };
  }
}
