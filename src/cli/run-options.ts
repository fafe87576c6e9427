/** Options that define a run, shared by `solve` and `eval`. */
import * as z from 'zod/mini';
import { DEFAULT_RUN_CONFIG, runConfigSchema, type RunConfig } from '../shared/run-config.ts';
import { badInput, type Options } from './args.ts';

const shape = runConfigSchema.shape;

/** Option name, the part of the config it sets. */
const RUN_FIELDS = {
  temperature: 'temperature',
  width: 'width',
  keep: 'keep',
  lookahead: 'lookahead',
  'chain-length': 'chainLength',
  select: 'selection',
  aggregation: 'aggregation',
} as const satisfies Record<string, keyof RunConfig>;

export const RUN_OPTIONS = {
  temperature: 'string',
  width: 'string',
  keep: 'string',
  lookahead: 'string',
  'chain-length': 'string',
  select: 'string',
  aggregation: 'string',
  'keep-duplicates': 'boolean',
} as const;

export function baseConfig(options: Options): RunConfig {
  const given: Record<string, unknown> = {};
  for (const [option, field] of Object.entries(RUN_FIELDS)) {
    const value = options.checked(option, shape[field] as z.ZodMiniType<unknown>);
    if (value !== undefined) given[field] = value;
  }
  const parsed = z.safeParse(runConfigSchema, {
    ...DEFAULT_RUN_CONFIG,
    ...given,
    mergeDuplicates: !options.has('keep-duplicates'),
    policy: options.text('policy-model') ?? options.text('policy') ?? DEFAULT_RUN_CONFIG.policy,
    verifier: options.text('verifier-model') ?? options.text('verifier') ?? 'prm',
  });
  if (parsed.success) return parsed.data;
  throw badInput('These options do not fit together.', z.prettifyError(parsed.error));
}

export const budgetSchema = shape.budget;
export const seedSchema = shape.seed;
export const strategySchema = shape.strategy;
