/**
 * A Llama decoder in plain float64, one row at a time and layer by layer: the oracle. Written to be
 * obviously right, not fast.
 */
import type { ModelConfig } from '../weights/model-config.ts';
import type { LayerTensors, ModelTensors } from '../weights/model-tensors.ts';

/** Keys and values of one slot in one layer, `[kvHeads * headDim]` each. */
export interface KeyValue {
  key: Float64Array;
  value: Float64Array;
}

export interface Row {
  readonly token: number;
  readonly position: number;
  /** Slots of positions 0 … `position`; the last one is this row's own. */
  readonly slots: ArrayLike<number>;
}

/** `memory[layer][slot]` */
export type KvMemory = KeyValue[][];

/** Head outputs `[rows][outputs]`; writes the rows' keys and values into `memory`. */
export function forward(
  config: ModelConfig,
  tensors: ModelTensors,
  memory: KvMemory,
  rows: readonly Row[],
): Float64Array[] {
  const { dim } = config;
  const states = rows.map(({ token }) =>
    Float64Array.from(tensors.embedding.subarray(token * dim, (token + 1) * dim)),
  );
  tensors.layers.forEach((layer, index) => {
    const normed = states.map((x) => rmsNorm(x, layer.attentionNorm, config.normEps));
    const queries = rows.map((row, r) => projectRow(config, layer, memory[index], row, normed[r]));
    rows.forEach((row, r) => {
      addTo(states[r], matVec(layer.o, attend(config, memory[index], row, queries[r])));
      const x = rmsNorm(states[r], layer.mlpNorm, config.normEps);
      const gate = matVec(layer.gate, x);
      const up = matVec(layer.up, x);
      addTo(
        states[r],
        matVec(
          layer.down,
          gate.map((g, i) => (g / (1 + Math.exp(-g))) * up[i]),
        ),
      );
    });
  });
  return states.map((x) => {
    const outputs = matVec(tensors.head, rmsNorm(x, tensors.norm, config.normEps));
    if (tensors.headBias) addTo(outputs, tensors.headBias);
    return outputs;
  });
}

/** Writes the row's key and value, returns its rotated query. */
function projectRow(
  config: ModelConfig,
  layer: LayerTensors,
  memory: KeyValue[],
  row: Row,
  x: Float64Array,
): Float64Array {
  const query = matVec(layer.q, x);
  const key = matVec(layer.k, x);
  const value = matVec(layer.v, x);
  if (layer.qBias) addTo(query, layer.qBias);
  if (layer.kBias) addTo(key, layer.kBias);
  if (layer.vBias) addTo(value, layer.vBias);
  rotate(query, row.position, config);
  rotate(key, row.position, config);
  memory[row.slots[row.position]] = { key, value };
  return query;
}

function attend(config: ModelConfig, memory: KeyValue[], row: Row, query: Float64Array) {
  const { heads, kvHeads, headDim } = config;
  const out = new Float64Array(heads * headDim);
  for (let head = 0; head < heads; head++) {
    const kvAt = Math.floor((head * kvHeads) / heads) * headDim;
    const scores: number[] = [];
    for (let p = 0; p <= row.position; p++) {
      const { key } = memory[row.slots[p]];
      let dot = 0;
      for (let i = 0; i < headDim; i++) dot += query[head * headDim + i] * key[kvAt + i];
      scores.push(dot / Math.sqrt(headDim));
    }
    const highest = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - highest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let p = 0; p <= row.position; p++) {
      const { value } = memory[row.slots[p]];
      for (let i = 0; i < headDim; i++) {
        out[head * headDim + i] += (weights[p] / total) * value[kvAt + i];
      }
    }
  }
  return out;
}

/** Rotary embedding, rotate-half: pairs (i, i + headDim / 2) of every head. */
function rotate(x: Float64Array, position: number, { headDim, ropeTheta }: ModelConfig): void {
  const half = headDim / 2;
  for (let head = 0; head < x.length; head += headDim) {
    for (let i = 0; i < half; i++) {
      const angle = position * ropeTheta ** (-i / half);
      const a = x[head + i];
      const b = x[head + i + half];
      x[head + i] = a * Math.cos(angle) - b * Math.sin(angle);
      x[head + i + half] = b * Math.cos(angle) + a * Math.sin(angle);
    }
  }
}

function rmsNorm(x: Float64Array, weight: Float32Array, eps: number): Float64Array {
  let sum = 0;
  for (const value of x) sum += value * value;
  const scale = 1 / Math.sqrt(sum / x.length + eps);
  return x.map((value, i) => value * scale * weight[i]);
}

/** `matrix` is `[out, in]` row-major, `in` = x.length. */
function matVec(matrix: Float32Array, x: Float64Array): Float64Array {
  const out = new Float64Array(matrix.length / x.length);
  for (let o = 0; o < out.length; o++) {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += matrix[o * x.length + i] * x[i];
    out[o] = sum;
  }
  return out;
}

function addTo(x: Float64Array, y: ArrayLike<number>): void {
  for (let i = 0; i < x.length; i++) x[i] += y[i];
}
