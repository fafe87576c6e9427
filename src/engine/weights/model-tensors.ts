/**
 * The weights of one checkpoint as plain f32 arrays with known shapes: what every device packs into
 * its own layout. All matrices are `[out, in]` row-major, as in the file.
 */
export interface LayerTensors {
  /** `[dim]` */
  readonly attentionNorm: Float32Array;
  /** `[heads * headDim, dim]` */
  readonly q: Float32Array;
  /** `[kvHeads * headDim, dim]` */
  readonly k: Float32Array;
  /** `[kvHeads * headDim, dim]` */
  readonly v: Float32Array;
  /** `[heads * headDim]`, and `[kvHeads * headDim]` for k and v; null without attention bias. */
  readonly qBias: Float32Array | null;
  readonly kBias: Float32Array | null;
  readonly vBias: Float32Array | null;
  /** `[dim, heads * headDim]` */
  readonly o: Float32Array;
  /** `[dim]` */
  readonly mlpNorm: Float32Array;
  /** `[ffDim, dim]` */
  readonly gate: Float32Array;
  /** `[ffDim, dim]` */
  readonly up: Float32Array;
  /** `[dim, ffDim]` */
  readonly down: Float32Array;
}

export interface ModelTensors {
  /** `[vocab, dim]` */
  readonly embedding: Float32Array;
  readonly layers: readonly LayerTensors[];
  /** `[dim]` */
  readonly norm: Float32Array;
  /** `[outputs, dim]`: the vocabulary (the embedding itself when tied) or the one-row value head. */
  readonly head: Float32Array;
  /** `[outputs]`; value heads only. */
  readonly headBias: Float32Array | null;
  /** Of each matrix above that lies in the file as int8, `[outer]`: every value of row n is an integer
   * from -128 to 127 times `rowScales.get(matrix)[n]`, rounded to f32. Empty where all are floats. */
  readonly rowScales: ReadonlyMap<Float32Array, Float32Array>;
}
