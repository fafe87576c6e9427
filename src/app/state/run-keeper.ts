/**
 * Keeps runs in IndexedDB: a running one about once a second, so that a reload loses at most that
 * much. Storage that fails is reported once and then left alone.
 */
import type { RunEvent } from '../../shared/run-events.ts';
import { openDatabase, type Database } from '../../storage/database.ts';
import { deleteRun, listRuns, loadRun, saveRun } from '../../storage/runs.ts';
import { toRunLog } from '../../storage/run-file.ts';
import type { HistoryStore } from './history-store.ts';

const SAVE_EVERY_MS = 1000;

export class RunKeeper {
  private database: Promise<Database> | null = null;
  private lastSave = 0;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly history: HistoryStore,
    private readonly report: (thrown: unknown) => void,
  ) {}

  /** The shared connection; throws AppError `storage`. */
  connect(): Promise<Database> {
    this.database ??= openDatabase();
    return this.database;
  }

  /** Fills the history. */
  async refresh(): Promise<void> {
    await this.attempt(async (database) => {
      this.history.setState({ runs: await listRuns(database) });
    });
  }

  /** Saves the state of a run; unless `final`, at most once a second. */
  save(id: string, label: string, events: readonly RunEvent[], final: boolean): void {
    const now = Date.now();
    if (!final && now - this.lastSave < SAVE_EVERY_MS) return;
    this.lastSave = now;
    const log = toRunLog(events, label, new Date(now));
    this.writing = this.writing.then(() =>
      this.attempt(async (database) => {
        this.history.put(await saveRun(database, id, log, now));
      }),
    );
  }

  async load(id: string): Promise<readonly RunEvent[] | null> {
    const log = await loadRun(await this.connect(), id);
    return log === null ? null : log.events;
  }

  async forget(id: string): Promise<void> {
    await deleteRun(await this.connect(), id);
    await this.refresh();
  }

  private async attempt(operation: (database: Database) => Promise<void>): Promise<void> {
    if (!this.history.getState().available) return;
    try {
      await operation(await this.connect());
    } catch (thrown) {
      this.history.setState({ available: false });
      this.report(thrown);
    }
  }
}
