/** One measured run of a sweep, as stored and exported (product.md, "Command line"). */
import * as z from 'zod/mini';
import { ledgerSchema } from '../shared/ledger.ts';

/** What analyses need beyond the answer; left out of the compact form. */
const detailsSchema = z.object({
  /** Candidates, merged duplicates included, and how many of them are right. */
  samples: z.int(),
  correctSamples: z.nullable(z.int()),
  /** Mean over candidates of the final verifier score, unfinished ones as 0: predicted ease. */
  meanScore: z.nullable(z.number()),
  /** Symptoms of an over-optimised verifier in the chosen solution. */
  flags: z.array(z.string()),
});

export const sweepResultSchema = z.object({
  id: z.string(),
  /** The strategy as the sweep names it, selection rule and parameters included. */
  strategy: z.string(),
  budget: z.int(),
  seed: z.int(),
  answer: z.nullable(z.string()),
  correct: z.nullable(z.boolean()),
  ledger: ledgerSchema,
  /** Share of the parsed answers that agree with the chosen one, and its score: all there is to
   * show where the truth is not known. */
  voteShare: z.optional(z.nullable(z.number())),
  score: z.optional(z.nullable(z.number())),
  details: z.optional(detailsSchema),
});

export type SweepResult = z.infer<typeof sweepResultSchema>;
export type SweepDetails = z.infer<typeof detailsSchema>;
export type ResultKey = Pick<SweepResult, 'id' | 'strategy' | 'budget' | 'seed'>;

export function resultKey({ id, strategy, budget, seed }: ResultKey): string {
  return JSON.stringify([id, strategy, budget, seed]);
}

export function withoutDetails(result: SweepResult): SweepResult {
  const { id, strategy, budget, seed, answer, correct, ledger } = result;
  return { id, strategy, budget, seed, answer, correct, ledger };
}
