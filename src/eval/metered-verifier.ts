/** A verifier that adds up what it cost, so that selections which do not need it need not pay. */
import type { Usage } from '../shared/policy.ts';
import { addUsage } from '../search/split-batch.ts';
import type { Verifier } from '../verify/verifier.ts';

export interface MeteredVerifier extends Verifier {
  cost(): Usage & { elapsedMs: number };
}

/** `clock` in milliseconds. */
export function meterVerifier(verifier: Verifier, clock: () => number): MeteredVerifier {
  let usage: Usage = { prefillTokens: 0, sampledTokens: 0, flopsExecuted: 0, flopsNominal: 0 };
  let elapsedMs = 0;
  return {
    capabilities: verifier.capabilities,
    async score(branches, signal) {
      const startedAt = clock();
      const verdicts = await verifier.score(branches, signal);
      elapsedMs += clock() - startedAt;
      for (const verdict of verdicts) usage = addUsage(usage, verdict.usage);
      return verdicts;
    },
    release: (branches) => verifier.release(branches),
    cost: () => ({ ...usage, elapsedMs }),
  };
}
