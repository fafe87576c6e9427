/**
 * Everything that defines a run: with the same models on the same backend, an equal config gives
 * an equal event log. Checked here wherever it comes from (controls, link, file, worker, CLI).
 */
import * as z from 'zod/mini';

export const STRATEGIES = [
  'greedy',
  'best-of-n',
  'beam',
  'lookahead',
  'dvts',
  'revise',
  'auto',
] as const;
export const SELECTIONS = ['weighted', 'best', 'majority'] as const;
export const AGGREGATIONS = ['last', 'min', 'product', 'mean'] as const;
/** Log-spaced stops of the budget slider, in generations. */
export const BUDGET_STOPS = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const;
export const MAX_PROBLEM_LENGTH = 2000;
/** A beam search ends after so many rounds (Snell et al. 2024, section 5.2). */
export const MAX_ROUNDS = 40;

export type StrategyId = (typeof STRATEGIES)[number];
export type Selection = (typeof SELECTIONS)[number];
export type Aggregation = (typeof AGGREGATIONS)[number];

const whole = (low: number, high: number) => z.int().check(z.minimum(low), z.maximum(high));

export const runConfigSchema = z.object({
  /** As the visitor typed it. */
  problem: z.string().check(z.maxLength(MAX_PROBLEM_LENGTH)),
  strategy: z.enum(STRATEGIES),
  /** Generations, i.e. sampled complete answers. */
  budget: whole(1, 1024),
  /** Beam width M: continuations sampled from each kept beam. 0 means sqrt(N). */
  width: whole(0, 64),
  /** `n-over-m`: keep N/M beams (the paper). `m`: keep M beams and sample N/M from each. */
  keep: z.enum(['n-over-m', 'm']),
  /** Merge identical siblings before choosing what to keep. */
  mergeDuplicates: z.boolean(),
  /** Rollout steps k of lookahead search. */
  lookahead: whole(0, 8),
  /** Revision chains: length of each chain; budget / chainLength chains run side by side. */
  chainLength: whole(1, 256),
  selection: z.enum(SELECTIONS),
  /** null: what the verifier recommends. */
  aggregation: z.nullable(z.enum(AGGREGATIONS)),
  temperature: z.number().check(z.minimum(0), z.maximum(2)),
  seed: whole(0, 4294967295),
  policy: z.string().check(z.maxLength(200)),
  verifier: z.string().check(z.maxLength(200)),
});

export type RunConfig = z.infer<typeof runConfigSchema>;

/** What makes variants of one strategy: `beam:width=0`, `lookahead:lookahead=3`. */
export const STRATEGY_PARAMETERS = [
  'width',
  'keep',
  'mergeDuplicates',
  'lookahead',
  'chainLength',
  'aggregation',
  'temperature',
] as const satisfies readonly (keyof RunConfig)[];

export const DEFAULT_RUN_CONFIG: RunConfig = {
  problem: 'make 24: 4 6 7 8',
  strategy: 'beam',
  budget: 16,
  width: 4,
  keep: 'n-over-m',
  mergeDuplicates: true,
  lookahead: 1,
  chainLength: 4,
  selection: 'weighted',
  aggregation: null,
  temperature: 1,
  seed: 1,
  policy: 'policy',
  verifier: 'prm',
};
