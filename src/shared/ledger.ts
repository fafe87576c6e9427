import * as z from 'zod/mini';
import { addKnown } from './known-costs.ts';

const count = z.number().check(z.nonnegative());

/**
 * What a run has spent (algorithms.md, "Compute accounting"). Monotone while a run goes on.
 * - `generations`: complete-answer equivalents, as the paper counts a budget (N, or N(k+1)).
 * - `policyTokens`: tokens the policy sampled; `prefillTokens`: prompt tokens it read.
 * - `verifierTokens`: tokens the verifier read.
 * - `cachedTokens`: prompt tokens of both that a server read from its prefix cache; missing where
 *   none says so.
 * - `cost`: what a server charges, in the currency of the visitor's prices; missing without prices.
 * - `flopsExecuted`: what the engine ran; a prefix shared through a fork counts once. Every sample
 *   counts, also where an engine finds equal samples and runs their tokens once.
 * - `flopsNominal`: the same work with nothing shared: each sample pays for its whole prefix.
 */
export const ledgerSchema = z.object({
  generations: count,
  policyTokens: count,
  prefillTokens: count,
  verifierTokens: count,
  flopsExecuted: count,
  flopsNominal: count,
  elapsedMs: count,
  cachedTokens: z.optional(count),
  cost: z.optional(count),
});

export type Ledger = z.infer<typeof ledgerSchema>;

export const EMPTY_LEDGER: Ledger = {
  generations: 0,
  policyTokens: 0,
  prefillTokens: 0,
  verifierTokens: 0,
  flopsExecuted: 0,
  flopsNominal: 0,
  elapsedMs: 0,
};

export function addLedgers(a: Ledger, b: Ledger): Ledger {
  return {
    generations: a.generations + b.generations,
    policyTokens: a.policyTokens + b.policyTokens,
    prefillTokens: a.prefillTokens + b.prefillTokens,
    verifierTokens: a.verifierTokens + b.verifierTokens,
    flopsExecuted: a.flopsExecuted + b.flopsExecuted,
    flopsNominal: a.flopsNominal + b.flopsNominal,
    elapsedMs: a.elapsedMs + b.elapsedMs,
    ...addKnown(a, b),
  };
}
