/** Results of a sweep as a table, for CSV, and back from the JSON that `eval` and the Lab write. */
import * as z from 'zod/mini';
import { AppError } from '../shared/errors.ts';
import { ledgerSchema } from '../shared/ledger.ts';
import { toCsv, type Cell } from '../storage/csv.ts';
import type { SweepPoint } from './points.ts';
import { sweepResultSchema, type SweepResult } from './sweep-result.ts';

const LEDGER_COLUMNS = Object.keys(ledgerSchema.shape) as (keyof typeof ledgerSchema.shape)[];

export function resultsCsv(results: readonly SweepResult[]): string {
  const header = ['id', 'strategy', 'budget', 'seed', 'answer', 'correct', ...LEDGER_COLUMNS];
  const rows = results.map((one): Cell[] => [
    ...[one.id, one.strategy, one.budget, one.seed, one.answer, one.correct],
    ...LEDGER_COLUMNS.map((column) => one.ledger[column] ?? null),
  ]);
  return toCsv(header, rows);
}

export function pointsCsv(points: readonly SweepPoint[]): string {
  const header = ['strategy', 'budget', 'problems', 'seeds', 'accuracy', 'low', 'high'];
  const rows = points.map((point): Cell[] => [
    ...[point.strategy, point.budget, point.problems, point.seeds],
    ...[point.accuracy, point.low, point.high],
    ...LEDGER_COLUMNS.map((column) => point.ledger[column] ?? null),
  ]);
  return toCsv([...header, ...LEDGER_COLUMNS], rows);
}

const problemSchema = z.object({
  id: z.string(),
  prompt: z.string(),
  answer: z.optional(z.string()),
});

const documentSchema = z.object({
  problems: z.array(problemSchema),
  results: z.array(sweepResultSchema),
});

export type SweepDocument = z.infer<typeof documentSchema>;

/** Reads what `eval --out` wrote. Throws AppError `bad-input` that says what is wrong. */
export function readSweepDocument(text: string): SweepDocument {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw notResults('It is not JSON.', cause);
  }
  const parsed = z.safeParse(documentSchema, json);
  if (parsed.success) return parsed.data;
  throw notResults(z.prettifyError(parsed.error), undefined);
}

function notResults(reason: string, cause: unknown): AppError {
  return new AppError('bad-input', `These are no results of a sweep: ${reason}`, {
    advice: 'Choose a file that the eval command or the Lab has written.',
    cause,
  });
}
