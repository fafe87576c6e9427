import type { Branch } from '../shared/branch.ts';
import type { ErrorData } from '../shared/errors.ts';
import type { Usage } from '../shared/policy.ts';
import type { Aggregation } from '../shared/run-config.ts';

export interface VerifierCapabilities {
  readonly label: string;
  /** Scores every step (PRM); without it only finished solutions can be scored (ORM, vote). */
  readonly perStep: boolean;
  /** How step scores become one score, unless the visitor overrides it. */
  readonly aggregation: Aggregation;
  /** Works while other models do, on a device that is not this thread. Default false. */
  readonly ownDevice?: boolean;
  /** As `PolicyCapabilities.overlaps`. */
  readonly overlaps?: boolean;
}

export interface Verdict {
  /** One score in [0, 1] for each step from the first to the scored branch; one only for verifiers
   * without `perStep`. */
  readonly stepScores: readonly number[];
  /** The value of the bare prompt, where the verifier has one: predicted ease of the problem. */
  readonly promptScore?: number;
  readonly usage: Usage;
  /** Set when the backend failed on a step of this branch after all retries; that score is 0. */
  readonly lost?: ErrorData;
}

/** Scores partial or whole solutions, in batches. Owns whatever cache stands behind a branch. */
export interface Verifier {
  readonly capabilities: VerifierCapabilities;
  /** Scores each branch with everything before it. Already scored ancestors are not run again.
   * Throws AppError; on a throw, earlier verdicts stay valid. */
  score(branches: readonly Branch[], signal?: AbortSignal): Promise<Verdict[]>;
  release(branches: Iterable<Branch>): void;
}
