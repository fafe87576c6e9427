/**
 * Stored sweeps: what was measured already, so that an interrupted sweep goes on. A sweep is a
 * settings key; its results are appended in the pieces in which they arrive and never rewritten.
 */
import * as z from 'zod/mini';
import { setAside, storing, type Database } from './database.ts';

const pieceSchema = z.object({
  sweep: z.string(),
  results: z.array(z.unknown()),
});

export async function appendResults(
  database: Database,
  sweep: string,
  results: readonly unknown[],
): Promise<void> {
  await storing('The results could not be saved.', () =>
    database.add('sweepResults', { sweep, results: [...results] }),
  );
}

/** All results of a sweep that pass `schema`, in order; others are set aside. */
export async function loadResults<T>(
  database: Database,
  sweep: string,
  schema: z.ZodMiniType<T>,
): Promise<T[]> {
  return storing('The results could not be read.', async () => {
    const pieces = await database.getAllFromIndex('sweepResults', 'sweep', sweep);
    const results: T[] = [];
    for (const piece of pieces) {
      const parsed = pieceSchema.safeParse(piece);
      for (const result of parsed.success ? parsed.data.results : [piece]) {
        const checked = z.safeParse(schema, result);
        if (checked.success) results.push(checked.data);
        else await setAside(database, 'sweepResults', result, z.prettifyError(checked.error));
      }
    }
    return results;
  });
}

export async function deleteResults(database: Database, sweep: string): Promise<void> {
  await storing('The results could not be deleted.', async () => {
    const transaction = database.transaction('sweepResults', 'readwrite');
    const keys = await transaction.store.index('sweep').getAllKeys(sweep);
    await Promise.all([...keys.map((key) => transaction.store.delete(key)), transaction.done]);
  });
}
