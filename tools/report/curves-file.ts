/** What the report reads of `public/curves/*.json` (`src/eval/curves.ts` writes them) and of
 * `docs/calibration.json` (`training/` writes it). */
import * as z from 'zod/mini';
import { AppError } from '../../src/shared/errors.ts';

const share = z.number().check(z.minimum(0), z.maximum(1));
const count = z.int().check(z.nonnegative());

const pointSchema = z.object({
  strategy: z.string(),
  budget: z.number().check(z.positive()),
  problems: count,
  seeds: count,
  accuracy: z.nullable(share),
  low: z.nullable(share),
  high: z.nullable(share),
});

const differenceSchema = z.object({
  strategy: z.string(),
  against: z.string(),
  budget: z.number(),
  mean: z.number(),
  low: z.number(),
  high: z.number(),
  tie: z.boolean(),
});

const savingSchema = z.object({
  baselineBudget: z.number(),
  baselineAccuracy: share,
  budget: z.nullable(z.number()),
  ratio: z.nullable(z.number()),
  low: z.nullable(z.number()),
  high: z.nullable(z.number()),
  most: z.number(),
  reached: share,
});

const difficultySchema = z.object({
  kind: z.string(),
  independent: z.boolean(),
  samples: z.number(),
  cost: z.object({ generations: z.number() }),
  sizes: z.array(count),
  meanEase: z.array(z.number()),
  members: z.array(z.array(z.string())),
  /** By bin, the easiest first. */
  bins: z.array(z.array(pointSchema)),
  optimal: z.object({
    choices: z.array(z.object({ bin: z.int(), budget: z.number(), strategy: z.string() })),
    points: z.array(z.object({ budget: z.number(), mean: share, low: share, high: share })),
  }),
  gains: z.array(differenceSchema),
  saving: z.nullable(z.object({ free: savingSchema, charged: savingSchema })),
});

const largerSchema = z.object({
  label: z.string(),
  modelRatio: z.nullable(z.number()),
  results: z.array(z.object({ id: z.string(), correct: z.nullable(z.boolean()) })),
});

const curvesSchema = z.object({
  format: z.literal('overthink-curves'),
  label: z.string(),
  measuredAt: z.string(),
  revision: z.string(),
  models: z.record(z.string(), z.string()),
  points: z.array(pointSchema),
  byFamily: z.optional(
    z.array(
      z.object({
        family: z.string(),
        points: z.array(pointSchema),
        comparisons: z._default(z.array(differenceSchema), []),
      }),
    ),
  ),
  comparisons: z.array(differenceSchema),
  savings: z.optional(z.array(z.object({ strategy: z.string(), saving: savingSchema }))),
  separate: z.optional(z.array(z.omit(differenceSchema, { against: true }))),
  larger: z.nullable(largerSchema),
  passAtK: z.array(z.object({ k: z.number(), value: share })),
  byDifficulty: z.array(difficultySchema),
});

export type CurvesFile = z.infer<typeof curvesSchema>;
export type ReportPoint = z.infer<typeof pointSchema>;
export type Difference = z.infer<typeof differenceSchema>;
export type Difficulty = z.infer<typeof difficultySchema>;
export type Saving = z.infer<typeof savingSchema>;

/** `low` and `high` bound the predicted values of a bin, `mean` is theirs. Of its `count` prefixes
 * `right` came from solutions that are right; of the `known` that a solver could judge, `reachable`
 * can still end right. */
const binSchema = z
  .object({
    low: share,
    high: share,
    mean: share,
    right: count,
    count,
    reachable: z.optional(count),
    known: z.optional(count),
  })
  .check(
    z.refine(({ right, count: all }) => right <= all, 'right is more than count'),
    z.refine(({ reachable = 0, known = 0 }) => reachable <= known, 'reachable is more than known'),
  );

const calibrationSchema = z.object({
  model: z.string(),
  steps: z.array(
    z.object({
      step: z.int().check(z.minimum(1)),
      /** This step and all after it. */
      last: z.optional(z.boolean()),
      bins: z.array(binSchema),
    }),
  ),
});

export type Calibration = z.infer<typeof calibrationSchema>;

/** null: a JSON file of another kind, such as the compute-optimal table. Throws AppError
 * `bad-input`. */
export function parseCurves(name: string, json: unknown): CurvesFile | null {
  const marked = z.safeParse(z.object({ format: z.literal('overthink-curves') }), json);
  return marked.success ? checked(name, curvesSchema, json) : null;
}

/** One model, or a list of them. Throws AppError `bad-input`. */
export function parseCalibration(name: string, json: unknown): Calibration[] {
  return Array.isArray(json)
    ? json.map((one) => checked(name, calibrationSchema, one))
    : [checked(name, calibrationSchema, json)];
}

function checked<T>(name: string, schema: z.ZodMiniType<T>, json: unknown): T {
  const parsed = z.safeParse(schema, json);
  if (parsed.success) return parsed.data;
  throw new AppError('bad-input', `${name} cannot be reported: ${z.prettifyError(parsed.error)}`, {
    advice: 'Measure it again, or take it out of the folder.',
  });
}
