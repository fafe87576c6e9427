/** The curves that were measured with the shipped models before the page was built. */
import * as z from 'zod/mini';
import { AppError } from '../../shared/errors.ts';
import { ledgerSchema } from '../../shared/ledger.ts';
import { fetchText } from '../state/shipped.ts';
import type { CurvePoint } from './series.ts';

const fileSchema = z.object({
  points: z.array(
    z.object({
      strategy: z.string(),
      budget: z.number(),
      problems: z.number(),
      seeds: z.number(),
      accuracy: z.number(),
      low: z.number(),
      high: z.number(),
      ledger: ledgerSchema,
    }),
  ),
});

export interface RecordedCurves {
  readonly points: readonly CurvePoint[];
  readonly problems: number;
  /** The fewest and the most of any point. */
  readonly seeds: readonly [number, number];
}

/** Throws AppError `network`, or `bad-input` when the file is not what it should be. */
export async function fetchRecordedCurves(): Promise<RecordedCurves> {
  const text = await fetchText('curves/measured.json');
  const parsed = z.safeParse(fileSchema, JSON.parse(text));
  if (!parsed.success) {
    throw new AppError('bad-input', 'The recorded curves are damaged.', {
      advice: 'Reload the page; live measurements still work.',
      cause: z.prettifyError(parsed.error),
    });
  }
  const { points } = parsed.data;
  const seeds = points.length === 0 ? [0] : points.map((point) => point.seeds);
  return {
    points: points.map(({ accuracy, problems, seeds, ...point }) => ({
      ...point,
      value: accuracy,
      runs: problems * seeds,
    })),
    problems: Math.max(0, ...points.map((point) => point.problems)),
    seeds: [Math.min(...seeds), Math.max(...seeds)],
  };
}
