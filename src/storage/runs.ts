/** Stored runs: a list of summaries, newest first, and the log of each. */
import * as z from 'zod/mini';
import { runLogSchema, type RunLog } from '../shared/run-events.ts';
import { setAside, storing, type Database } from './database.ts';
import { summarise } from './run-summary.ts';

/** Older runs beyond this number are forgotten. */
export const MAX_RUNS = 100;

const runSummarySchema = z.object({
  id: z.string(),
  /** Milliseconds since 1970. */
  savedAt: z.number(),
  problem: z.string(),
  strategy: z.string(),
  budget: z.number(),
  seed: z.number(),
  /** As shown to people; null when nothing was found. */
  answer: z.nullable(z.string()),
  correct: z.nullable(z.boolean()),
  status: z.enum(['done', 'stopped', 'failed', 'interrupted']),
  events: z.number(),
  /** Steps of an earlier run that it went on from. */
  from: z.optional(z.number()),
});

export type RunSummary = z.infer<typeof runSummarySchema>;

/** Writes the run and its summary, replacing an earlier state of the same run. */
export async function saveRun(
  database: Database,
  id: string,
  log: RunLog,
  savedAt: number,
): Promise<RunSummary> {
  return storing('The run could not be saved.', async () => {
    const summary: RunSummary = { id, savedAt, ...summarise(log.events) };
    const transaction = database.transaction(['runs', 'logs'], 'readwrite');
    await Promise.all([
      transaction.objectStore('runs').put(summary),
      transaction.objectStore('logs').put(log, id),
      transaction.done,
    ]);
    await forgetOldest(database);
    return summary;
  });
}

/** Summaries, newest first. Records that do not pass the schema are set aside. */
export async function listRuns(database: Database): Promise<RunSummary[]> {
  return storing('The list of runs could not be read.', async () => {
    const records = await database.getAllFromIndex('runs', 'savedAt');
    const keys = await database.getAllKeysFromIndex('runs', 'savedAt');
    const summaries: RunSummary[] = [];
    for (const [i, record] of records.entries()) {
      const parsed = runSummarySchema.safeParse(record);
      if (parsed.success) summaries.push(parsed.data);
      else {
        await setAside(database, 'runs', record, z.prettifyError(parsed.error));
        await database.delete('runs', keys[i]);
      }
    }
    return summaries.reverse();
  });
}

/** The log of a run; null when there is none or it is no longer readable (then it is set aside). */
export async function loadRun(database: Database, id: string): Promise<RunLog | null> {
  return storing('The run could not be read.', async () => {
    const record = await database.get('logs', id);
    if (record === undefined) return null;
    const parsed = runLogSchema.safeParse(record);
    if (parsed.success) return parsed.data;
    await setAside(database, 'logs', record, z.prettifyError(parsed.error));
    await deleteRun(database, id);
    return null;
  });
}

export async function deleteRun(database: Database, id: string): Promise<void> {
  await storing('The run could not be deleted.', async () => {
    const transaction = database.transaction(['runs', 'logs'], 'readwrite');
    await Promise.all([
      transaction.objectStore('runs').delete(id),
      transaction.objectStore('logs').delete(id),
      transaction.done,
    ]);
  });
}

async function forgetOldest(database: Database): Promise<void> {
  const keys = await database.getAllKeysFromIndex('runs', 'savedAt');
  for (const id of keys.slice(0, Math.max(0, keys.length - MAX_RUNS))) {
    await deleteRun(database, id);
  }
}
