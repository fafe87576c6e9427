/**
 * What a search strategy is, and all it may know: a policy that writes, a verifier that scores and
 * a grader. A strategy is an async generator of run events; it never names a backend, never reads
 * the clock except for the ledger, and is a pure function of its context otherwise.
 */
import type { Policy } from '../shared/policy.ts';
import type { RunConfig, StrategyId } from '../shared/run-config.ts';
import type { RunEvent } from '../shared/run-events.ts';
import type { Verifier } from '../verify/verifier.ts';
import type { ChoiceTable } from './compute-optimal-table.ts';

/** What a solution says, read by the family's exact checker. */
export interface Grade {
  /** Canonical answer, so that equal answers group together; null when there is none. */
  readonly answer: string | null;
  readonly answerText: string | null;
  /** null where the truth is not known. */
  readonly correct: boolean | null;
  /** The steps lead to an answer, whatever it is worth. */
  readonly finished: boolean;
}

/** Limits in sampled tokens; what runs into them ends with `length` and is not a solution. */
export interface TokenLimits {
  readonly step: number;
  readonly solution: number;
}

/** Ample for every shipped family: the longest printed step has some 60 characters. */
export const DEFAULT_TOKEN_LIMITS: TokenLimits = { step: 96, solution: 480 };

export interface SearchContext {
  readonly config: RunConfig;
  /** The canonical prompt. */
  readonly prompt: string;
  /** Steps of an earlier run to go on from; the search writes only what comes behind them. */
  readonly from?: readonly string[] | undefined;
  readonly family: string;
  readonly level: string | null;
  readonly policy: Policy;
  /** null: nothing is scored, every selection becomes a vote, tree searches refuse to run. */
  readonly verifier: Verifier | null;
  /** Writes revisions, given `revisionPrompt` texts, and its own verifier that sees the attempts. */
  readonly reviser?: { readonly policy: Policy; readonly verifier: Verifier | null } | null;
  /** Measured choices for `auto`; null where nothing was measured. */
  readonly computeOptimal?: ChoiceTable | null;
  grade(steps: readonly string[]): Grade;
  readonly engineLabel: string;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, monotone; read for the ledger only. */
  clock(): number;
  readonly limits?: TokenLimits;
  /** Ask for the greedy answer too once the run is done (not charged). Default true. */
  readonly baseline?: boolean;
}

export interface Strategy {
  readonly id: StrategyId;
  /** For people, short. */
  readonly label: string;
  /** One sentence a student understands. */
  readonly description: string;
  /**
   * The whole run as events in a deterministic order, from `start` to `end`. Never throws for what
   * a visitor can meet: an abort ends with reason `stopped` after selecting from what was found,
   * any other error with `failed` and its text.
   */
  run(context: SearchContext): AsyncGenerator<RunEvent, void, void>;
}
