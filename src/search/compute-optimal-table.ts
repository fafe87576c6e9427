/**
 * The measured compute-optimal choice for each (difficulty bin, budget), as `curves --table` derives
 * it and as `public/curves/compute-optimal.json` ships it (Snell et al. 2024, section 3.2).
 *
 * A choice is never judged on the problems it was made with: beside the choices fitted on all
 * problems the table holds two that were fitted on one half each. A sweep runs `auto` on a problem
 * with the choices of the other half (`tableWithout`); a problem that somebody types gets them all.
 */
import * as z from 'zod/mini';
import { AppError } from '../shared/errors.ts';
import { rootStream } from '../shared/random.ts';
import { runConfigSchema, SELECTIONS, STRATEGIES, type StrategyId } from '../shared/run-config.ts';

const { width, keep, mergeDuplicates, lookahead, chainLength, aggregation, temperature } =
  runConfigSchema.shape;

const choiceSchema = z.object({
  /** 1 is the easiest. */
  bin: z.int(),
  budget: z.int().check(z.positive()),
  strategy: z.enum(STRATEGIES),
  selection: z.enum(SELECTIONS),
  /** What was measured, whole: so `auto` runs exactly that. Only a temperature that the strategy
   * was named with is fixed; `aggregation` null is the verifier's own. */
  parameters: z.object({
    ...{ width, keep, mergeDuplicates, lookahead, chainLength, aggregation },
    temperature: z.optional(temperature),
  }),
  /** Two-fold cross-validated accuracy of the choice, with the number of problems behind it. */
  accuracy: z.number(),
  problems: z.int(),
});

const choicesSchema = {
  /**
   * Lower ends of predicted ease (mean final verifier score) of bins 1 … bins-1, descending:
   * a problem is in the first bin whose end it reaches, else in the last.
   */
  thresholds: z.array(z.number()),
  choices: z.array(choiceSchema),
};

const half = z.object(choicesSchema);

const tableSchema = z.object({
  format: z.literal('overthink-compute-optimal'),
  version: z.literal(2),
  /** What was measured and when, for people. */
  source: z.string(),
  ...choicesSchema,
  /** By the half (`halfOf`) of the problem that is run: fitted on the problems of the other one. */
  withoutHalf: z.readonly(z.tuple([half, half])),
});

export type ComputeOptimalTable = z.infer<typeof tableSchema>;
export type ComputeOptimalChoice = z.infer<typeof choiceSchema>;
/** What `auto` reads of a table. */
export type ChoiceTable = z.infer<typeof half>;

/** Throws AppError `bad-input`. */
export function parseComputeOptimalTable(json: unknown): ComputeOptimalTable {
  const parsed = z.safeParse(tableSchema, json);
  if (parsed.success) return parsed.data;
  throw new AppError('bad-input', `Not a compute-optimal table: ${z.prettifyError(parsed.error)}`, {
    advice: 'Make it anew with curves --table.',
  });
}

/** Which half of all problems this one belongs to, by its canonical prompt. */
export function halfOf(prompt: string): 0 | 1 {
  return rootStream(0, prompt)[0] & 1 ? 1 : 0;
}

/** The choices that were fitted without the half of the problems that this one belongs to. */
export function tableWithout(table: ComputeOptimalTable, prompt: string): ChoiceTable {
  return table.withoutHalf[halfOf(prompt)];
}

/** Whether a run with this strategy may come to revise. */
export function mayRevise(strategy: StrategyId, table: ComputeOptimalTable | null): boolean {
  if (strategy === 'revise') return true;
  if (strategy !== 'auto' || table === null) return false;
  return [table, ...table.withoutHalf].some(({ choices }) =>
    choices.some((one) => one.strategy === 'revise'),
  );
}

/** The bin, 1 the easiest, of a problem with this predicted ease. */
export function binOf({ thresholds }: Pick<ChoiceTable, 'thresholds'>, ease: number): number {
  const bin = thresholds.findIndex((end) => ease >= end);
  return bin < 0 ? thresholds.length + 1 : bin + 1;
}

/** The choice measured for the bin at the largest budget not above `budget`, else the smallest. */
export function choiceFor(
  table: ChoiceTable,
  bin: number,
  budget: number,
): ComputeOptimalChoice | null {
  const inBin = table.choices.filter((choice) => choice.bin === bin);
  inBin.sort((a, b) => a.budget - b.budget);
  return inBin.findLast((choice) => choice.budget <= budget) ?? inBin[0] ?? null;
}
