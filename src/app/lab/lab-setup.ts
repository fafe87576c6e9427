/** What a Lab sweep is: the problems, and what is run on them. Checked wherever it comes from. Pure. */
import * as z from 'zod/mini';
import type { SweepPlan } from '../../eval/sweep-plan.ts';
import { parseStrategySpec } from '../../eval/strategy-spec.ts';
import {
  AGGREGATIONS,
  DEFAULT_RUN_CONFIG,
  runConfigSchema,
  type RunConfig,
} from '../../shared/run-config.ts';
import { toAppError } from '../../shared/errors.ts';
import type { SweepProblem, SweepSpec } from '../../worker/sweep-messages.ts';

export const SHIPPED_SETS = [
  { file: 'problems/test-100.jsonl', label: '100 problems', size: 100 },
  { file: 'problems/eval-200.jsonl', label: '200 problems', size: 200 },
  { file: 'problems/eval-500.jsonl', label: '500 problems', size: 500 },
] as const;

/** The page draws them while the visitor waits. */
export const MAX_GENERATED = 200;
export const MAX_STRATEGIES = 24;
export const MAX_SEEDS = 32;

/** Curves that are offered by name; any other name that `eval` knows can be typed. */
export const OFFERED = [
  'greedy',
  'best-of-n',
  'best-of-n:best',
  'best-of-n:majority',
  'beam',
  'beam:width=0',
  'dvts',
  'lookahead',
  'revise',
  'revise:majority',
  'auto',
] as const;

const whole = (low: number, high: number) => z.int().check(z.minimum(low), z.maximum(high));

export const labSetupSchema = z.object({
  source: z.enum(['shipped', 'generated', 'file']),
  shipped: z.enum(SHIPPED_SETS.map((set) => set.file)),
  /** At most so many problems of a shipped set or a file, the first ones. */
  limit: whole(1, 20_000),
  family: z.enum(['countdown', 'arithmetic', 'equation']),
  /** A level of the family, or `all`: the same number of each. */
  level: z.string(),
  count: whole(1, MAX_GENERATED),
  generatorSeed: whole(0, 4294967295),
  strategies: z.array(z.string()).check(z.maxLength(MAX_STRATEGIES)),
  budgets: z.array(whole(1, 1024)).check(z.maxLength(16)),
  seeds: whole(1, MAX_SEEDS),
  seed: whole(0, 4294967295),
  temperature: runConfigSchema.shape.temperature,
  width: runConfigSchema.shape.width,
  lookahead: runConfigSchema.shape.lookahead,
  chainLength: runConfigSchema.shape.chainLength,
  aggregation: z.nullable(z.enum(AGGREGATIONS)),
  workers: whole(1, 64),
});

export type LabSetup = z.infer<typeof labSetupSchema>;

export const DEFAULT_SETUP: LabSetup = {
  source: 'shipped',
  shipped: 'problems/test-100.jsonl',
  limit: 500,
  family: 'countdown',
  level: 'small-4',
  count: 50,
  generatorSeed: 1,
  strategies: ['greedy', 'best-of-n', 'best-of-n:majority', 'beam'],
  budgets: [1, 4, 16, 64],
  seeds: 1,
  seed: DEFAULT_RUN_CONFIG.seed,
  temperature: DEFAULT_RUN_CONFIG.temperature,
  width: DEFAULT_RUN_CONFIG.width,
  lookahead: DEFAULT_RUN_CONFIG.lookahead,
  chainLength: DEFAULT_RUN_CONFIG.chainLength,
  aggregation: DEFAULT_RUN_CONFIG.aggregation,
  workers: 1,
};

/** One core stays free for the page itself. */
/** More workers would load the small models; a language model has one, which asks a server for many
 * completions at once. */
export function workersFor(setup: LabSetup, languageModel: boolean): number {
  return languageModel ? 1 : setup.workers;
}

export function defaultWorkers(cores: number): number {
  return Math.max(1, Math.min(8, Math.floor(cores) - 1));
}

export function baseConfig(setup: LabSetup): RunConfig {
  const { seed, temperature, width, lookahead, chainLength, aggregation } = setup;
  const own = { seed, temperature, width, lookahead, chainLength, aggregation };
  return { ...DEFAULT_RUN_CONFIG, ...own, problem: '' };
}

/** As the worker wants it. Budgets ascend, so that cheap points come first. */
export function specOf(setup: LabSetup, problems: readonly SweepProblem[]): SweepSpec {
  return {
    config: baseConfig(setup),
    problems: [...problems],
    strategies: [...setup.strategies],
    budgets: [...setup.budgets].sort((a, b) => a - b),
    seeds: setup.seeds,
  };
}

/** Throws AppError `bad-input` where a strategy cannot be read. */
export function planOf(spec: SweepSpec): SweepPlan {
  const { config, problems, budgets, seeds } = spec;
  const strategies = spec.strategies.map((name) => parseStrategySpec(name));
  return { base: config, problems, strategies, budgets, seeds };
}

/** What the engine must have beyond policy and verifier. */
export function neededExtras(strategies: readonly string[]): ('revise' | 'auto')[] {
  const ids = new Set(strategies.map((name) => name.split(':')[0]));
  return (['revise', 'auto'] as const).filter((extra) => ids.has(extra));
}

/** Adds a strategy by its name in `eval`; a sentence where that cannot be done. */
export function addStrategy(
  strategies: readonly string[],
  text: string,
): { strategies: readonly string[] } | { problem: string } {
  if (strategies.length >= MAX_STRATEGIES) {
    return { problem: `At most ${MAX_STRATEGIES} curves at a time.` };
  }
  try {
    const { name } = parseStrategySpec(text);
    return { strategies: strategies.includes(name) ? strategies : [...strategies, name] };
  } catch (thrown) {
    const { message, advice } = toAppError(thrown);
    return { problem: `${message} ${advice}` };
  }
}

/** Why the sweep cannot start, in a sentence; null when it can. */
export function obstacleOf(
  setup: LabSetup,
  problems: readonly SweepProblem[],
  extras: readonly string[] | null,
): string | null {
  if (extras === null) return 'The models are still loading.';
  if (problems.length === 0) return 'There are no problems to run.';
  if (setup.strategies.length === 0) return 'Choose at least one strategy.';
  if (setup.budgets.length === 0) return 'Choose at least one budget.';
  const missing = neededExtras(setup.strategies).filter((extra) => !extras.includes(extra));
  if (missing.length === 0) return null;
  return `${missing.join(' and ')} cannot run here: its models or tables are not shipped or not loaded yet.`;
}
