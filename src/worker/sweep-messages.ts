/** A sweep as the page asks for it. Its results are those of `eval`. */
import * as z from 'zod/mini';
import { runConfigSchema } from '../shared/run-config.ts';

export const sweepProblemSchema = z.object({
  id: z.string(),
  prompt: z.string(),
  answer: z.optional(z.string()),
});

export const sweepSpecSchema = z.object({
  /** Everything but problem, strategy and budget, which the sweep varies. */
  config: runConfigSchema,
  problems: z.array(sweepProblemSchema),
  /** Strategies, with a selection rule where it is not the default: `best-of-n:majority`. */
  strategies: z.array(z.string()),
  budgets: z.array(z.int().check(z.positive())),
  /** How many seeds, counted up from the config's. */
  seeds: z.int().check(z.positive()),
});

export type SweepProblem = z.infer<typeof sweepProblemSchema>;
export type SweepSpec = z.infer<typeof sweepSpecSchema>;
