/**
 * What a backend that runs transformers offers: many sequences that share prefixes, advanced
 * together. Below it: the KV pool and the kernels of one device. Above it: policies and verifiers.
 * It knows tokens, not problems; it never retries, splits or schedules.
 */
import type { Stream } from '../shared/random.ts';
import type { ModelConfig } from './weights/model-config.ts';

/** An open sequence. Opaque: only the engine that made it may read it. */
export interface Sequence {
  /** Tokens known to the sequence, prompt included. */
  readonly length: number;
}

export interface EngineCapabilities {
  readonly backend: 'cpu' | 'webgpu' | 'reference';
  /** For people, such as "CPU (WASM SIMD)" or the adapter's name. */
  readonly label: string;
  /** KV slots (one token of one sequence each) in all. */
  readonly slots: number;
  /** Rows (tokens) of one device pass; longer work is cut into passes by the engine itself. */
  readonly maxRows: number;
}

export interface PoolStatus {
  readonly slotsUsed: number;
  readonly slotsTotal: number;
  readonly sequences: number;
  /** KV bytes copied by forks since the engine started. Forks are copy-free, so it stays 0. */
  readonly copiedBytes: number;
}

export interface StepRequest {
  readonly sequence: Sequence;
  /** One new sequence, forked from `sequence`, is sampled for each stream. */
  readonly streams: readonly Stream[];
  /** 0 is argmax. */
  readonly temperature: number;
  /** Keep the k most probable tokens only; 0 keeps all. */
  readonly topK?: number;
  /** Keep the smallest set of tokens with at least this probability; 1 keeps all. */
  readonly topP?: number;
  readonly maxTokens: number;
  /** Sampling stops after any of these tokens, which stays in the output. */
  readonly stopTokens: readonly number[];
  /** Stop at the n-th stop token rather than the first; `finalTokens` end at once. Default 1. */
  readonly stopCount?: number;
  /** Tokens that end a continuation whatever `stopCount` says (end of sequence). */
  readonly finalTokens?: readonly number[];
}

export interface StepResult {
  /** Owned by the caller, who must free it. */
  readonly sequence: Sequence;
  readonly tokens: readonly number[];
  /** Natural log-probability of each token at temperature 1 over the whole vocabulary. */
  readonly logProbs: readonly number[];
}

export interface ScoreRequest {
  /** Grows by `tokens`, in place. Fork first to keep the original. */
  readonly sequence: Sequence;
  readonly tokens: readonly number[];
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * Rules for all members: a sequence handed in stays the caller's; results are in the order of the
 * requests and do not depend on what else is in the batch; calls on one engine may overlap and are
 * run one after another. AppError codes: `out-of-slots` is thrown before any work is done and
 * changes nothing; `aborted` frees what the call had made; `device-lost` ends the engine.
 */
export interface Engine {
  readonly capabilities: EngineCapabilities;
  readonly config: ModelConfig;
  readonly pool: PoolStatus;

  /** Opens one sequence for each prompt and reads all of it. */
  prefill(prompts: readonly (readonly number[])[], options?: CallOptions): Promise<Sequence[]>;

  /** New sequences that share every KV slot of `sequence`. Copies integers, no KV data. */
  fork(sequence: Sequence, count: number): Sequence[];

  /** Samples continuations of every request in lockstep. `results[r][s]` belongs to stream s of
   * request r. The request's own sequence stays as it was. */
  step(requests: readonly StepRequest[], options?: CallOptions): Promise<StepResult[][]>;

  /** Head outputs after each appended token: `[tokens.length, outputs]` row-major, where outputs is
   * the vocabulary for a causal model and 1 for a value head (raw, before the sigmoid). */
  score(requests: readonly ScoreRequest[], options?: CallOptions): Promise<Float32Array[]>;

  /** Shortens a sequence to its first `length` tokens and releases the slots behind them. */
  truncate(sequence: Sequence, length: number): void;

  /** Releases a sequence. Twice is a bug (invariant). */
  free(sequence: Sequence): void;

  /** Releases everything; the engine is unusable afterwards. Safe to call twice. */
  dispose(): Promise<void>;
}

/** Whether it works while this thread does something else; may change when a device is lost. */
export function hasOwnDevice({ capabilities }: Engine): boolean {
  return capabilities.backend === 'webgpu';
}
