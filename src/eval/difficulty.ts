/**
 * Difficulty of problems in five quantile bins (Snell et al. 2024, section 3.2), read from samples
 * that are not those whose accuracy is compared, where such are given. Bin 1 is the easiest. Pure.
 */
import * as z from 'zod/mini';
import { AppError } from '../shared/errors.ts';
import { addLedgers, EMPTY_LEDGER, ledgerSchema, type Ledger } from '../shared/ledger.ts';
import { mean, quantileBins } from '../shared/statistics.ts';
import { meanLedger } from './points.ts';
import type { SweepResult } from './sweep-result.ts';

const DIFFICULTY_BINS = 5;
/** As many samples as `auto` takes for its estimate (search/auto.ts). */
export const QUICK_SAMPLES = 4;

/**
 * `oracle`: the policy's own pass@1 over all samples, which needs the truth. `predicted`: the
 * verifier's mean final score over the same samples, which does not. `quick`: predicted from the
 * few samples that can be paid for when a problem is new.
 */
export const DIFFICULTY_KINDS = ['oracle', 'predicted', 'quick'] as const;
export type DifficultyKind = (typeof DIFFICULTY_KINDS)[number];

const problemSchema = z.object({
  id: z.string(),
  prompt: z.optional(z.string()),
  samples: z.int().check(z.positive()),
  /** Right ones; null where the truth is not known. */
  correct: z.nullable(z.int()),
  /** Mean final verifier score of all samples and of the first few; null without a verifier. */
  meanScore: z.nullable(z.number()),
  quickScore: z.nullable(z.number()),
});

export const difficultySchema = z.object({
  format: z.literal('overthink-difficulty'),
  version: z.literal(1),
  label: z.string(),
  measuredAt: z.string(),
  revision: z.string(),
  models: z.record(z.string(), z.string()),
  /** Seeds of the samples, and whether none of them is a seed of what is compared. */
  seeds: z.array(z.int()),
  independent: z.boolean(),
  problems: z.array(problemSchema),
  /** Mean cost of one problem's estimate. */
  cost: z.record(z.enum(DIFFICULTY_KINDS), ledgerSchema),
});

export type Difficulty = z.infer<typeof difficultySchema>;
type ProblemDifficulty = z.infer<typeof problemSchema>;
type Origin = Pick<Difficulty, 'label' | 'measuredAt' | 'revision' | 'models'>;

/** Throws AppError `bad-input`. */
export function parseDifficulty(json: unknown): Difficulty {
  const parsed = z.safeParse(difficultySchema, json);
  if (parsed.success) return parsed.data;
  throw new AppError('bad-input', `Not a difficulty file: ${z.prettifyError(parsed.error)}`, {
    advice: 'Make it anew with the curves command.',
  });
}

/**
 * From the independent samples of best-of-n runs with details. Of each seed the largest run counts:
 * smaller ones are its first samples. `compared`: the results whose accuracy will be read.
 */
export function difficultyOf(
  samples: readonly SweepResult[],
  compared: readonly SweepResult[],
  origin: Origin,
): Difficulty {
  const runs = samples.filter(
    ({ strategy, details }) => strategy.split(':')[0] === 'best-of-n' && details !== undefined,
  );
  const byProblem = new Map<string, SweepResult[]>();
  for (const run of runs) byProblem.set(run.id, [...(byProblem.get(run.id) ?? []), run]);
  const own = [...byProblem].map(([id, list]) => problemOf(id, list));
  const seeds = [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b);
  const used = new Set(compared.map(({ seed }) => seed));
  const costOf = (kind: DifficultyKind) => meanLedger(own.map(({ cost }) => cost[kind]));
  return {
    format: 'overthink-difficulty',
    version: 1,
    ...origin,
    seeds,
    independent: !seeds.some((seed) => used.has(seed)),
    problems: own.map(({ problem }) => problem),
    cost: { oracle: costOf('oracle'), predicted: costOf('predicted'), quick: costOf('quick') },
  };
}

function problemOf(
  id: string,
  runs: readonly SweepResult[],
): { problem: ProblemDifficulty; cost: Record<DifficultyKind, Ledger> } {
  const largest = new Map<number, SweepResult>();
  for (const run of runs) {
    const known = largest.get(run.seed);
    if (known === undefined || isBetter(run, known)) largest.set(run.seed, run);
  }
  const whole = [...largest.values()];
  const quick = runs.find((run) => run.budget === QUICK_SAMPLES && isScored(run));
  let samples = 0;
  let correct: number | null = 0;
  let scored = 0;
  let scores = 0;
  for (const { details } of whole) {
    if (details === undefined) continue;
    samples += details.samples;
    const right = details.correctSamples;
    correct = correct === null || right === null ? null : correct + right;
    if (details.meanScore === null) continue;
    scored += details.samples;
    scores += details.meanScore * details.samples;
  }
  const predicted = whole.map(({ ledger }) => ledger).reduce(addLedgers, EMPTY_LEDGER);
  return {
    problem: {
      id,
      samples,
      correct,
      meanScore: scored === 0 ? null : scores / scored,
      quickScore: quick?.details?.meanScore ?? null,
    },
    cost: {
      // The truth grades without a verifier; its FLOPs are in the sum and only its tokens can be told.
      oracle: { ...predicted, verifierTokens: 0 },
      predicted,
      quick: quick?.ledger ?? EMPTY_LEDGER,
    },
  };
}

function isScored({ details }: SweepResult): boolean {
  return typeof details?.meanScore === 'number';
}

/** More samples; with as many, the run that was scored. */
function isBetter(run: SweepResult, than: SweepResult): boolean {
  const [a, b] = [run.details?.samples ?? 0, than.details?.samples ?? 0];
  return a > b || (a === b && isScored(run) && !isScored(than));
}

/** The difficulty of these problems, told by their texts, under their ids; null where one of them was
 * not measured, or a seed of `results` was used for it. */
export function difficultyFor(
  known: Difficulty,
  problems: readonly { id: string; prompt: string }[],
  results: readonly SweepResult[],
): Difficulty | null {
  if (results.some(({ seed }) => known.seeds.includes(seed))) return null;
  const byPrompt = new Map(known.problems.map((one) => [one.prompt ?? one.id, one]));
  const own = problems.flatMap(({ id, prompt }) => {
    const found = byPrompt.get(prompt);
    return found === undefined ? [] : [{ ...found, id }];
  });
  return own.length < problems.length ? null : { ...known, independent: true, problems: own };
}

/** Ease of each problem, in [0, 1]; problems for which it is not known are left out. */
export function easeOf(
  { problems }: Pick<Difficulty, 'problems'>,
  kind: DifficultyKind,
): ReadonlyMap<string, number> {
  const ease = new Map<string, number>();
  for (const { id, samples, correct, meanScore, quickScore } of problems) {
    const value = {
      oracle: correct === null ? null : correct / samples,
      predicted: meanScore,
      quick: quickScore,
    }[kind];
    if (value !== null) ease.set(id, value);
  }
  return ease;
}

export interface Binning {
  readonly bins: ReadonlyMap<string, number>;
  /** Lower end of ease of bins 1 … bins-1, descending (see compute-optimal-table.ts). */
  readonly thresholds: readonly number[];
  /** Mean ease and number of problems of bins 1 … bins. */
  readonly sizes: readonly number[];
  readonly meanEase: readonly number[];
}

export function binByEase(ease: ReadonlyMap<string, number>, bins = DIFFICULTY_BINS): Binning {
  const ids = [...ease.keys()];
  const values = [...ease.values()];
  const assigned = quantileBins(values, bins);
  const inBin = Array.from({ length: bins }, (_, at) =>
    values.filter((_value, i) => assigned[i] === at + 1),
  );
  return {
    bins: new Map(ids.map((id, i) => [id, assigned[i]])),
    thresholds: inBin.slice(0, -1).map((own) => (own.length === 0 ? 1 : Math.min(...own))),
    sizes: inBin.map((own) => own.length),
    meanEase: inBin.map((own) => (own.length === 0 ? 0 : mean(own))),
  };
}
