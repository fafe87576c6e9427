/**
 * Floating-point operations of a Llama-family decoder: 2 per matmul parameter and token, and
 * 4 · layers · heads · headDim · (position + 1) for attention (scores and weighted sum).
 */
import type { ModelConfig } from './weights/model-config.ts';

/** Parameters that a token is multiplied with: all matrices but the embedding look-up. */
export function matmulParameters(config: ModelConfig): number {
  const { dim, ffDim, heads, kvHeads, headDim, layers, vocab, head } = config;
  const attention = dim * headDim * (2 * heads + 2 * kvHeads);
  const outputs = head === 'value' ? 1 : vocab;
  return layers * (attention + 3 * dim * ffDim) + outputs * dim;
}

/** FLOPs of running the tokens at positions `from` … `to` − 1 of one sequence. */
export function flopsOfRange(config: ModelConfig, from: number, to: number): number {
  if (to <= from) return 0;
  const tokens = to - from;
  const positions = ((from + 1 + to) * tokens) / 2;
  const attention = 4 * config.layers * config.heads * config.headDim * positions;
  return 2 * matmulParameters(config) * tokens + attention;
}
