/** Lays a model's weights out in the kernels' memory. */
import type { ModelConfig } from '../weights/model-config.ts';
import type { LayerTensors, ModelTensors } from '../weights/model-tensors.ts';
import type { WasmMemory } from './wasm-memory.ts';

/** Outputs of one panel: two vectors of four floats. */
const PANEL = 8;

/** A matrix in panels of 8 outputs, `[panel][in][8]`, the last panel filled up with zeros. */
export interface PackedMatrix {
  readonly address: number;
  readonly inDim: number;
  readonly outDim: number;
  readonly panels: number;
  /** Bytes of one row of output, padding included. */
  readonly outStride: number;
}

export interface PackedLayer {
  readonly attentionNorm: number;
  /** Outputs: queries, then keys, then values. */
  readonly qkv: PackedMatrix;
  /** 0 without attention bias. */
  readonly qkvBias: number;
  readonly o: PackedMatrix;
  readonly mlpNorm: number;
  /** Outputs: gate, then up, each from a multiple of 8 on. */
  readonly gateUp: PackedMatrix;
  readonly down: PackedMatrix;
}

export interface PackedModel {
  /** `[vocab, dim]`, not packed: rows are looked up. */
  readonly embedding: number;
  readonly layers: readonly PackedLayer[];
  readonly norm: number;
  readonly head: PackedMatrix;
  readonly headBias: number;
  /** `[maxPositions][headDim / 2 cosines, headDim / 2 sines]` */
  readonly rotary: number;
}

export function packModel(
  memory: WasmMemory,
  config: ModelConfig,
  tensors: ModelTensors,
): PackedModel {
  return {
    embedding: memory.allocateFloats(tensors.embedding),
    layers: tensors.layers.map((layer) => packLayer(memory, config, layer)),
    norm: memory.allocateFloats(tensors.norm),
    head: packMatrix(memory, config.dim, [tensors.head]),
    headBias: tensors.headBias ? memory.allocateFloats(tensors.headBias) : 0,
    rotary: memory.allocateFloats(rotaryTable(config)),
  };
}

function packLayer(memory: WasmMemory, config: ModelConfig, layer: LayerTensors): PackedLayer {
  const { dim, ffDim, heads, headDim } = config;
  const biases = [layer.qBias, layer.kBias, layer.vBias].filter((bias) => bias !== null);
  const ffPadding = new Float32Array((roundUp(ffDim, PANEL) - ffDim) * dim);
  return {
    attentionNorm: memory.allocateFloats(layer.attentionNorm),
    qkv: packMatrix(memory, dim, [layer.q, layer.k, layer.v]),
    qkvBias: biases.length > 0 ? memory.allocateFloats(concat(biases)) : 0,
    o: packMatrix(memory, heads * headDim, [layer.o]),
    mlpNorm: memory.allocateFloats(layer.mlpNorm),
    gateUp: packMatrix(memory, dim, [layer.gate, ffPadding, layer.up]),
    down: packMatrix(memory, ffDim, [layer.down]),
  };
}

/** Packs matrices `[out, in]`, stacked along their outputs. */
export function packMatrix(
  memory: WasmMemory,
  inDim: number,
  parts: readonly Float32Array[],
): PackedMatrix {
  const outDim = parts.reduce((sum, part) => sum + part.length, 0) / inDim;
  const panels = Math.ceil(outDim / PANEL);
  const address = memory.allocate(panels * PANEL * inDim * 4);
  const packed = memory.floats(address, panels * PANEL * inDim);
  let out = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length; from += inDim, out++) {
      const at = Math.floor(out / PANEL) * PANEL * inDim + (out % PANEL);
      for (let i = 0; i < inDim; i++) packed[at + i * PANEL] = part[from + i];
    }
  }
  return { address, inDim, outDim, panels, outStride: panels * PANEL * 4 };
}

function rotaryTable({ maxPositions, headDim, ropeTheta }: ModelConfig): Float32Array {
  const half = headDim / 2;
  const table = new Float32Array(maxPositions * headDim);
  for (let position = 0; position < maxPositions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * ropeTheta ** (-i / half);
      table[position * headDim + i] = Math.cos(angle);
      table[position * headDim + half + i] = Math.sin(angle);
    }
  }
  return table;
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
