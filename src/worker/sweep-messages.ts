/** A sweep as the page asks for it, and one measured point of it (product.md, "Command line"). */
import * as z from 'zod/mini';
import { ledgerSchema } from '../shared/ledger.ts';
import { runConfigSchema } from '../shared/run-config.ts';

export const sweepProblemSchema = z.object({
  id: z.string(),
  prompt: z.string(),
  answer: z.optional(z.string()),
});

export const sweepSpecSchema = z.object({
  /** Everything but problem, strategy, budget and seed, which the sweep varies. */
  config: runConfigSchema,
  problems: z.array(sweepProblemSchema),
  /** Strategies, with a selection rule where it is not the default: `best-of-n:majority`. */
  strategies: z.array(z.string()),
  budgets: z.array(z.int().check(z.positive())),
  /** How many seeds, counted up from the config's. */
  seeds: z.int().check(z.positive()),
});

export const sweepResultSchema = z.object({
  id: z.string(),
  strategy: z.string(),
  budget: z.int(),
  seed: z.int(),
  answer: z.nullable(z.string()),
  correct: z.nullable(z.boolean()),
  ledger: ledgerSchema,
  /** Share of the votes the answer got, and its mean verifier score; for unknown truths. */
  voteShare: z.optional(z.nullable(z.number())),
  score: z.optional(z.nullable(z.number())),
});

export type SweepProblem = z.infer<typeof sweepProblemSchema>;
export type SweepSpec = z.infer<typeof sweepSpecSchema>;
export type SweepResult = z.infer<typeof sweepResultSchema>;

export function resultKey(
  result: Pick<SweepResult, 'id' | 'strategy' | 'budget' | 'seed'>,
): string {
  return JSON.stringify([result.id, result.strategy, result.budget, result.seed]);
}
