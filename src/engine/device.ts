/**
 * What one kind of hardware must do for the transformer engine: run rows, and sample. Implemented
 * by the float64 reference, the WASM CPU backend and WebGPU. It knows slots and rows; it does not
 * know sequences, reference counts, requests, queues or aborts (`transformer-engine.ts` does).
 *
 * The KV memory is an array of `slots` slots; one slot holds the key and value vectors of one token
 * in every layer. The device never allocates or clears slots: the caller says where each row's key
 * and value go and which slots it attends to, so a fork is a copied list of integers.
 *
 * Calls never overlap: the engine awaits one before it makes the next.
 */
import type { ModelConfig } from './weights/model-config.ts';

export interface TransformerDevice {
  readonly backend: 'cpu' | 'webgpu' | 'reference';
  /** For people, such as "CPU (WASM SIMD)" or the adapter's name. */
  readonly label: string;
  readonly config: ModelConfig;
  /** Values of one head output: `config.vocab`, or 1 for a value head. */
  readonly outputs: number;
  /** Size of the KV memory in slots; slot numbers are 0 … slots − 1. */
  readonly slots: number;
  /** The most rows of one `RowBatch`, and the most lanes of one `DecodePlan`. */
  readonly maxRows: number;
  /** Decode steps that suit one `decode` call: few where aborts must be seen soon, more where a
   * read-back is dear. */
  readonly stepsPerPlan: number;
  /**
   * Lanes of one parent that have sampled the same tokens so far may share a source row; what it
   * writes is then copied into the slots of each of them, and `decode` runs equal lanes once.
   */
  readonly mergesLanes?: boolean;

  /**
   * Runs all rows through all layers and writes their keys and values into their slots. Resolves to
   * the head outputs of the rows named in `outputRows`, `[outputRows.length, outputs]` row-major
   * (raw logits or raw values). May resolve before the device has finished if nothing is read back.
   */
  run(rows: RowBatch, outputRows: Uint32Array): Promise<Float32Array>;

  /** Runs `plan.rows`, samples every lane from them, then goes on lane by lane, in lockstep. */
  decode(plan: DecodePlan): Promise<DecodeResult>;

  /** Frees all memory. Safe to call twice. */
  dispose(): Promise<void>;
}

/**
 * A flat list of rows. Row r is token `tokens[r]` at absolute position `positions[r]`. Its slot list
 * begins at `slotLists[listStarts[r]]`: entry i is the slot of the token at position i of the same
 * sequence. The row writes its key and value to entry `positions[r]` and attends to entries
 * 0 … `positions[r]`, both ends included; list entries behind that belong to later rows.
 * Rows of one sequence may share one list. A row may attend to slots that other rows of the same
 * batch write (prefill): in each layer all keys and values are written before any attention.
 * Two rows may write one slot only with the same token and the same prefix.
 */
export interface RowBatch {
  /** Rows in use, 1 … maxRows. The arrays may be longer. */
  readonly count: number;
  readonly tokens: Uint32Array;
  readonly positions: Uint32Array;
  readonly listStarts: Uint32Array;
  readonly slotLists: Uint32Array;
}

/**
 * Decoding of many lanes for up to `steps` tokens each, without a read-back in between.
 *
 * 1. Run `rows`. Lane l samples its first token from the head outputs of row `sources[l]`; several
 *    lanes may share a source (forked children of one parent, which is computed once).
 * 2. For each further step, every lane that is still alive runs one row: the token it sampled last,
 *    at position `firstPositions[l] + k` (k = tokens sampled before that one), over its own slot list
 *    at `laneListStarts[l]` in `rows.slotLists` (same meaning as in RowBatch). Entries up to
 *    `firstPositions[l] + maxTokens[l] − 2` are valid (the engine has reserved the slots); what lies
 *    behind belongs to other lanes, so a dead lane must write no key and no value.
 *    Then it samples the next token.
 *
 * The last token a lane samples is never run: its key and value are computed by a later call.
 * A lane dies after it has sampled `maxTokens[l]` tokens, or a token of `finalTokens`, or its
 * `stopCounts[l]`-th token of `stopTokens`.
 */
export interface DecodePlan {
  readonly rows: RowBatch;
  /** Lanes in use, 1 … maxRows. */
  readonly lanes: number;
  /** The most tokens any lane samples in this plan, ≥ 1. */
  readonly steps: number;
  /** `[lanes]`: index into `rows`. */
  readonly sources: Uint32Array;
  /** `[lanes]`: absolute position of the first token to be sampled (source row's position + 1). */
  readonly firstPositions: Uint32Array;
  /** `[lanes]`: offset into `rows.slotLists`. */
  readonly laneListStarts: Uint32Array;
  /** `[2 * lanes]`: the two words of each lane's stream. */
  readonly streams: Uint32Array;
  /** `[lanes]`: 0 is argmax. See `Sampling`. */
  readonly temperatures: Float32Array;
  /** `[lanes]`: 0 keeps all. */
  readonly topK: Uint32Array;
  /** `[lanes]`: 1 keeps all. */
  readonly topP: Float32Array;
  /** `[lanes]`: 1 … steps. */
  readonly maxTokens: Uint32Array;
  /** `[lanes]`: ≥ 1. */
  readonly stopCounts: Uint32Array;
  readonly stopTokens: readonly number[];
  readonly finalTokens: readonly number[];
}

export interface DecodeResult {
  /** `[lanes]`: tokens sampled, 1 … steps. */
  readonly counts: Uint32Array;
  /** `[lanes, steps]` row-major; entries behind a lane's count are undefined. */
  readonly tokens: Uint32Array;
  /** `[lanes, steps]`: natural log-probability at temperature 1 over the whole vocabulary. */
  readonly logProbs: Float32Array;
}

/*
 * Sampling, the same on every device (twin: `reference/sampling.ts`):
 * - temperature 0: the largest logit, ties to the lowest id; no randomness is used.
 * - else Gumbel-max: argmax over v of logit[v] / temperature + g[v], ties to the lowest id, where
 *   words = pcg4d(stream0, stream1, position of the token being sampled, v >> 2) and
 *   g[v] = toGumbel(words[v & 3]) (`shared/random.ts`).
 * - top-k keeps the k largest logits, ties to the lowest id. top-p then keeps, in descending order
 *   (ties to the lowest id), the smallest set whose probability at this temperature, renormalised
 *   over what top-k kept, reaches p; at least one token. Others cannot win.
 */
