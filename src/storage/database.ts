/**
 * What the browser keeps: runs, their logs, sweeps and what could not be read. Knows IndexedDB and
 * nothing of the page. Every failure is an AppError `storage`, so that a full disk or a private
 * window costs the visitor the history, never the run.
 */
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { AppError } from '../shared/errors.ts';

const NAME = 'overthink';
const VERSION = 1;

/** Values are `unknown` on purpose: an older or damaged record must pass a schema when read. */
interface Schema extends DBSchema {
  /** One summary a run, small enough to list all of them. */
  runs: { key: string; value: unknown; indexes: { savedAt: number } };
  /** The whole log of a run, under the run's id. */
  logs: { key: string; value: unknown };
  /** Results of sweeps, in the pieces in which they arrived. */
  sweepResults: { key: number; value: unknown; indexes: { sweep: string } };
  /** Records that no longer pass their schema: set aside, never deleted silently. */
  setAside: { key: number; value: unknown };
}

export type Database = IDBPDatabase<Schema>;

export async function openDatabase(name = NAME): Promise<Database> {
  try {
    return await openDB<Schema>(name, VERSION, {
      upgrade(database) {
        const runs = database.createObjectStore('runs', { keyPath: 'id' });
        runs.createIndex('savedAt', 'savedAt');
        database.createObjectStore('logs');
        const results = database.createObjectStore('sweepResults', { autoIncrement: true });
        results.createIndex('sweep', 'sweep');
        database.createObjectStore('setAside', { autoIncrement: true });
      },
      // Another tab wants a newer version: let it have the database.
      blocking(_current, _blocked, event) {
        (event.target as IDBDatabase).close();
      },
    });
  } catch (cause) {
    throw storageError('The browser does not let this page keep runs.', cause);
  }
}

export async function deleteDatabase(name = NAME): Promise<void> {
  await deleteDB(name);
}

function storageError(message: string, cause: unknown): AppError {
  return new AppError('storage', message, {
    advice: isFull(cause)
      ? 'There is no room left. Everything else works; export a run to keep it, or delete old runs, or models on the Models page.'
      : 'Everything else works; export a run to keep it. Private windows often forbid storage.',
    cause,
  });
}

/** The browser's word for a full disk, and for a page that has used its share of it. */
function isFull(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'QuotaExceededError';
}

/** Runs one storage operation; whatever goes wrong becomes an AppError `storage`. */
export async function storing<T>(message: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw cause instanceof AppError ? cause : storageError(message, cause);
  }
}

/** Moves a record that fails its schema out of the way, together with the reason. */
export async function setAside(
  database: Database,
  from: string,
  record: unknown,
  reason: string,
): Promise<void> {
  await database.add('setAside', { from, reason, record, at: new Date().toISOString() });
}
