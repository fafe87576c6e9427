import type { Branch } from './branch.ts';
import { addKnown } from './known-costs.ts';
import type { Stream } from './random.ts';

export interface PolicyCapabilities {
  /** Shown to the visitor, such as "policy (0.8 M) on CPU". */
  readonly label: string;
  /** Children share their parent's KV cache without copying or re-reading the prefix. */
  readonly forks: boolean;
  /** Many continuations advance in one pass. */
  readonly batches: boolean;
  /** The same stream gives the same tokens whatever runs beside it. */
  readonly reproducible: boolean;
  /** Works while other models do, on a device that is not this thread. Default false. */
  readonly ownDevice?: boolean;
  /** Calls may overlap freely, and putting several runs' calls together gains nothing: requests go out
   * one by one, and the backend has its own limit on how many. Default false. */
  readonly overlaps?: boolean;
  /** Whether an answer as long as this one has room behind the prompt. Missing: it always has. */
  readonly fits?: (prompt: string, answer: string) => boolean;
}

export interface ExtendRequest {
  readonly branch: Branch;
  /** One continuation is sampled for each stream. */
  readonly streams: readonly Stream[];
  /** 0 is argmax. */
  readonly temperature: number;
  /** Stop after one step, or go on to the end of the solution. */
  readonly until: 'step' | 'solution';
  /** At most so many tokens for each continuation; a longer one ends with `length`. */
  readonly maxTokens: number;
  /** With `until: 'solution'`: stop early after so many steps (lookahead). */
  readonly maxSteps?: number;
}

/** What one request cost; shared rows are charged to the request that ran them. */
export interface Usage {
  readonly prefillTokens: number;
  readonly sampledTokens: number;
  readonly flopsExecuted: number;
  readonly flopsNominal: number;
  /** Prompt tokens that a server read from its prefix cache; they are not in `prefillTokens`. */
  readonly cachedTokens?: number;
  /** In the currency of the visitor's prices. */
  readonly cost?: number;
}

export interface Extension {
  /** The last new step of each continuation, in the order of `streams`. Ancestors up to the
   * request's branch are new as well when a continuation wrote several steps. */
  readonly leaves: readonly Branch[];
  readonly usage: Usage;
  /** The part of `usage` that each leaf caused, without reading what they share; in their order.
   * Absent where the backend cannot tell. */
  readonly leafUsage?: readonly Usage[];
}

/** Writes solutions. Implementations own whatever cache stands behind a branch. */
export interface Policy {
  readonly capabilities: PolicyCapabilities;
  /**
   * Extends every request in one batch where the backend can.
   * Throws AppError (`aborted`, `out-of-slots`, `device-lost`, `server`…); on a throw no branch
   * handed in before is harmed and nothing new is kept.
   */
  extend(requests: readonly ExtendRequest[], signal?: AbortSignal): Promise<Extension[]>;
  /** Lets go of what is cached for these branches. A released branch may still be extended: its
   * prefix is then read anew and charged. Unknown branches are ignored. */
  release(branches: Iterable<Branch>): void;
}

export const NO_USAGE: Usage = {
  prefillTokens: 0,
  sampledTokens: 0,
  flopsExecuted: 0,
  flopsNominal: 0,
};

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    prefillTokens: a.prefillTokens + b.prefillTokens,
    sampledTokens: a.sampledTokens + b.sampledTokens,
    flopsExecuted: a.flopsExecuted + b.flopsExecuted,
    flopsNominal: a.flopsNominal + b.flopsNominal,
    ...addKnown(a, b),
  };
}
