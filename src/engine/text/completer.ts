/**
 * What a language model behind a completion interface must do: continue a text, and weigh two words.
 * Implemented by OpenAI-compatible servers and by web-llm; policies and judges are built on it once
 * (`text-policy.ts`, `verify/judge.ts`). It knows texts, not problems or branches.
 */
import type { AppError } from '../../shared/errors.ts';
import type { Stream } from '../../shared/random.ts';

export interface CompletionRequest {
  /** The whole text to be continued, without a beginning-of-sequence token. */
  readonly prompt: string;
  /** A step ends before any of these. */
  readonly stop: readonly string[];
  /** The turn ends before any of these, where its end comes out as text. */
  readonly ends: readonly string[];
  readonly maxTokens: number;
  /** 0 is argmax. */
  readonly temperature: number;
  /** One completion is sampled for each, 31 bits, well mixed (`hashedSeed`). */
  readonly seeds: readonly number[];
}

/** A sampled piece of text with its natural log-probability at temperature 1. */
export interface TokenPiece {
  readonly text: string;
  readonly logProb: number;
}

/**
 * - `stop-string`: one of `stop` came up; `end`: the model ended its turn, or one of `ends`;
 * - `stop`: one of the two, the backend does not say which;
 * - `length`: cut by `maxTokens` or by the context window.
 */
export type Finish = 'stop-string' | 'end' | 'stop' | 'length';

export interface Completion {
  /** Without what stopped it. */
  readonly text: string;
  readonly finish: Finish;
  readonly promptTokens: number;
  /** Of these, read from a prefix cache. */
  readonly cachedTokens: number;
  readonly sampledTokens: number;
  /** In the currency of the visitor's prices. */
  readonly cost?: number;
  /** null where the backend does not report log-probabilities. */
  readonly pieces: readonly TokenPiece[] | null;
}

export interface CompleterCapabilities {
  /** For people: model and place, never a key. */
  readonly label: string;
  /** Parameters of the model for FLOPs; 0 where unknown. */
  readonly parameters: number;
  /** Equal requests with equal seeds give equal texts. */
  readonly reproducible: boolean;
  /** Many completions advance side by side. */
  readonly batches: boolean;
  /** Prompt and answer together, in tokens; missing where it is not known. */
  readonly contextTokens?: number;
  /** The backend puts a beginning-of-sequence token before the prompt by itself. */
  readonly addsBos: boolean;
}

export interface Completer {
  readonly capabilities: CompleterCapabilities;
  /**
   * One result for each seed, in their order. A completion that failed after all retries is an
   * AppError in its place. Throws only for what dooms every request: aborts, refused keys, unknown
   * models, servers that cannot be reached.
   */
  complete(request: CompletionRequest, signal?: AbortSignal): Promise<(Completion | AppError)[]>;
}

/** Seeds of servers and of web-llm's Lehmer generator are 31 bits; streams are hashes already, so
 * both words are folded and neighbouring seeds (0, 1, 2…) never reach a weak generator. */
export function hashedSeed(stream: Stream): number {
  let word = (stream[0] ^ Math.imul(stream[1], 0x9e3779b1)) >>> 0;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  // Zero is "no seed" on some servers, and a fixed point of Lehmer generators.
  return (word ^ (word >>> 16)) & 0x7fffffff || 1;
}
