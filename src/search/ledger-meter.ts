/**
 * Counts what a run spends (algorithms.md, "Compute accounting").
 *
 * The unit of `generations` is the complete sampled answer, as the paper counts a budget (version
 * 1: policy generations only). Closed forms:
 * - greedy 1; best-of-n N; revisions chains x length = N;
 * - beam search and DVTS with N beams: N. Each of the N slots is one answer in the end, however
 *   often it was pruned and refilled from another beam on the way, so it is charged when opened;
 * - lookahead with N beams and k rollout steps: N(k+1).
 * Merged duplicates, pruned beams, dropped answers and rollouts are charged like all the rest.
 */
import { addKnown } from '../shared/known-costs.ts';
import type { Ledger } from '../shared/ledger.ts';
import type { Usage } from '../shared/policy.ts';

export class LedgerMeter {
  private generations = 0;
  private policyTokens = 0;
  private prefillTokens = 0;
  private verifierTokens = 0;
  private flopsExecuted = 0;
  private flopsNominal = 0;
  private known: { cachedTokens?: number; cost?: number } = {};

  /** `clock` in milliseconds. */
  constructor(
    private readonly clock: () => number,
    private readonly startedAt: number = clock(),
  ) {}

  openGenerations(count: number): void {
    this.generations += count;
  }

  addPolicy(usage: Usage): void {
    this.policyTokens += usage.sampledTokens;
    this.prefillTokens += usage.prefillTokens;
    this.addRest(usage);
  }

  addVerifier(usage: Usage): void {
    this.verifierTokens += usage.prefillTokens + usage.sampledTokens;
    this.addRest(usage);
  }

  ledger(): Ledger {
    return {
      generations: this.generations,
      policyTokens: this.policyTokens,
      prefillTokens: this.prefillTokens,
      verifierTokens: this.verifierTokens,
      flopsExecuted: this.flopsExecuted,
      flopsNominal: this.flopsNominal,
      elapsedMs: Math.max(0, this.clock() - this.startedAt),
      ...this.known,
    };
  }

  private addRest(usage: Usage): void {
    this.known = addKnown(this.known, usage);
    this.flopsExecuted += usage.flopsExecuted;
    this.flopsNominal += usage.flopsNominal;
  }
}
