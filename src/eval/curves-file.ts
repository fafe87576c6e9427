/** A file that `curves` wrote, checked. */
import * as z from 'zod/mini';
import { AppError } from '../shared/errors.ts';
import { ledgerSchema } from '../shared/ledger.ts';
import type { Curves } from './curves.ts';
import { DIFFICULTY_KINDS } from './difficulty.ts';

const count = z.number();
const interval = { mean: z.number(), low: z.number(), high: z.number() };
const difference = { ...interval, problems: count, tie: z.boolean() };

const pointSchema = z.object({
  strategy: z.string(),
  budget: count,
  problems: count,
  seeds: count,
  accuracy: z.nullable(z.number()),
  low: z.nullable(z.number()),
  high: z.nullable(z.number()),
  ledger: ledgerSchema,
});

const comparisonSchema = z.object({
  strategy: z.string(),
  against: z.string(),
  budget: count,
  ...difference,
});

const savingSchema = z.object({
  baselineBudget: count,
  baselineAccuracy: z.number(),
  budget: z.nullable(z.number()),
  ratio: z.nullable(z.number()),
  low: z.nullable(z.number()),
  high: z.nullable(z.number()),
  most: z.number(),
  reached: z.number(),
});

const choiceSchema = z.object({
  bin: count,
  budget: count,
  strategy: z.string(),
  byFold: z.readonly(z.tuple([z.string(), z.string()])),
  accuracy: z.number(),
  problems: count,
});

const difficultySchema = z.object({
  kind: z.enum(DIFFICULTY_KINDS),
  source: z.string(),
  independent: z.boolean(),
  samples: z.number(),
  cost: ledgerSchema,
  thresholds: z.array(z.number()),
  sizes: z.array(count),
  meanEase: z.array(z.number()),
  members: z.array(z.array(z.string())),
  points: z.array(
    z.object({ bin: count, strategy: z.string(), budget: count, accuracy: z.number() }),
  ),
  bins: z.array(z.array(pointSchema)),
  optimal: z.object({
    choices: z.array(choiceSchema),
    points: z.array(
      z.object({ budget: count, problems: count, seeds: count, ledger: ledgerSchema, ...interval }),
    ),
  }),
  gains: z.array(comparisonSchema),
  saving: z.nullable(z.object({ free: savingSchema, charged: savingSchema })),
});

const curvesSchema = z.object({
  format: z.literal('overthink-curves'),
  version: z.literal(2),
  label: z.string(),
  measuredAt: z.string(),
  revision: z.string(),
  models: z.record(z.string(), z.string()),
  seeds: z.array(count),
  points: z.array(pointSchema),
  byFamily: z.array(
    z.object({
      family: z.string(),
      points: z.array(pointSchema),
      comparisons: z._default(z.array(comparisonSchema), []),
    }),
  ),
  comparisons: z.array(comparisonSchema),
  // Files of before these were measured do without.
  savings: z._default(z.array(z.object({ strategy: z.string(), saving: savingSchema })), []),
  separate: z._default(
    z.array(z.object({ strategy: z.string(), budget: count, ...difference })),
    [],
  ),
  passAtK: z.array(
    z.object({ k: count, value: z.number(), problems: count, ledger: ledgerSchema }),
  ),
  byDifficulty: z.array(difficultySchema),
  flags: z.array(
    z.object({ strategy: z.string(), budget: count, flag: z.string(), share: z.number() }),
  ),
  trends: z.array(
    z.object({
      strategy: z.string(),
      from: count,
      to: count,
      scores: z.readonly(z.tuple([z.number(), z.number()])),
      accuracy: z.object(difference),
    }),
  ),
  detailed: count,
  larger: z.nullable(
    z.object({
      label: z.string(),
      modelRatio: z.nullable(z.number()),
      results: z.array(
        z.object({ id: z.string(), correct: z.nullable(z.boolean()), seed: z.int() }),
      ),
    }),
  ),
});

/** Throws AppError `bad-input`. */
export function readCurves(json: unknown): Curves {
  const parsed = z.safeParse(curvesSchema, json);
  if (parsed.success) return parsed.data;
  throw new AppError('bad-input', 'These are no curves that this version can read.', {
    advice: 'Make them anew with the curves command.',
    cause: z.prettifyError(parsed.error),
  });
}
