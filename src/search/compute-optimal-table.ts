/**
 * The measured compute-optimal choice for each (difficulty bin, budget), as `eval` derives it and
 * as `public/curves/compute-optimal.json` ships it (Snell et al. 2024, section 3.2).
 */
import * as z from 'zod/mini';
import { AppError } from '../shared/errors.ts';
import { SELECTIONS, STRATEGIES, type StrategyId } from '../shared/run-config.ts';

const choiceSchema = z.object({
  /** 1 is the easiest. */
  bin: z.int(),
  budget: z.int().check(z.positive()),
  strategy: z.enum(STRATEGIES),
  selection: z.enum(SELECTIONS),
  /** Beam width where the measured strategy fixed one. */
  width: z.optional(z.int().check(z.minimum(0), z.maximum(64))),
  /** Two-fold cross-validated accuracy of the choice, with the number of problems behind it. */
  accuracy: z.number(),
  problems: z.int(),
});

const tableSchema = z.object({
  format: z.literal('overthink-compute-optimal'),
  version: z.literal(1),
  /** What was measured and when, for people. */
  source: z.string(),
  /**
   * Lower ends of predicted ease (mean final verifier score) of bins 1 … bins-1, descending:
   * a problem is in the first bin whose end it reaches, else in the last.
   */
  thresholds: z.array(z.number()),
  choices: z.array(choiceSchema),
});

export type ComputeOptimalTable = z.infer<typeof tableSchema>;
export type ComputeOptimalChoice = z.infer<typeof choiceSchema>;

/** Throws AppError `bad-input`. */
export function parseComputeOptimalTable(json: unknown): ComputeOptimalTable {
  const parsed = z.safeParse(tableSchema, json);
  if (parsed.success) return parsed.data;
  throw new AppError('bad-input', `Not a compute-optimal table: ${z.prettifyError(parsed.error)}`, {
    advice: 'Make it anew with the eval command.',
  });
}

/** Whether a run with this strategy may come to revise. */
export function mayRevise(strategy: StrategyId, table: ComputeOptimalTable | null): boolean {
  if (strategy === 'revise') return true;
  return strategy === 'auto' && (table?.choices ?? []).some((one) => one.strategy === 'revise');
}

/** The bin, 1 the easiest, of a problem with this predicted ease. */
export function binOf(table: ComputeOptimalTable, ease: number): number {
  const bin = table.thresholds.findIndex((end) => ease >= end);
  return bin < 0 ? table.thresholds.length + 1 : bin + 1;
}

/** The choice measured for the bin at the largest budget not above `budget`, else the smallest. */
export function choiceFor(
  table: ComputeOptimalTable,
  bin: number,
  budget: number,
): ComputeOptimalChoice | null {
  const inBin = table.choices.filter((choice) => choice.bin === bin);
  inBin.sort((a, b) => a.budget - b.budget);
  return inBin.findLast((choice) => choice.budget <= budget) ?? inBin[0] ?? null;
}
