/** For tests: models of any shape with random weights, large enough that attention matters. */
import type { ModelConfig } from '../../weights/model-config.ts';
import type { ModelTensors } from '../../weights/model-tensors.ts';
import { noise } from './noise.ts';

export interface RandomModel {
  readonly config: ModelConfig;
  readonly tensors: ModelTensors;
}

const BASE: ModelConfig = {
  head: 'causal',
  dim: 16,
  ffDim: 24,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 4,
  vocab: 21,
  maxPositions: 256,
  normEps: 1e-5,
  ropeTheta: 10000,
  tiedEmbeddings: false,
  attentionBias: false,
  int8Rows: null,
  bosToken: 1,
  eosToken: 2,
};

export function randomModel(shape: Partial<ModelConfig> = {}): RandomModel {
  const config = { ...BASE, ...shape };
  const { dim, ffDim, heads, kvHeads, headDim, vocab } = config;
  let seed = 1;
  const matrix = (outer: number, inner: number): Float32Array =>
    noise(outer * inner, seed++).map((value) => (value * 2) / Math.sqrt(inner));
  const norm = (): Float32Array => noise(dim, seed++).map((value) => 1 + value / 4);
  const bias = (length: number): Float32Array | null =>
    config.attentionBias ? noise(length, seed++) : null;
  const embedding = matrix(vocab, dim).map((value) => value * 4);
  const tensors: ModelTensors = {
    embedding,
    layers: Array.from({ length: config.layers }, () => ({
      attentionNorm: norm(),
      q: matrix(heads * headDim, dim),
      k: matrix(kvHeads * headDim, dim),
      v: matrix(kvHeads * headDim, dim),
      qBias: bias(heads * headDim),
      kBias: bias(kvHeads * headDim),
      vBias: bias(kvHeads * headDim),
      o: matrix(dim, heads * headDim),
      mlpNorm: norm(),
      gate: matrix(ffDim, dim),
      up: matrix(ffDim, dim),
      down: matrix(dim, ffDim),
    })),
    norm: norm(),
    head:
      config.head === 'value'
        ? matrix(1, dim)
        : config.tiedEmbeddings
          ? embedding
          : matrix(vocab, dim),
    headBias: config.head === 'value' ? Float32Array.of(0.5) : null,
    rowScales: new Map(),
  };
  return { config, tensors };
}
