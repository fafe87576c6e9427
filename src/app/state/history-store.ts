/** Runs kept in this browser, newest first. */
import { createStore } from 'zustand/vanilla';
import type { RunSummary } from '../../storage/runs.ts';

export interface HistoryState {
  readonly runs: readonly RunSummary[];
  /** false where the browser forbids storage. */
  readonly available: boolean;
}

export type HistoryStore = ReturnType<typeof createHistoryStore>;

export function createHistoryStore() {
  const store = createStore<HistoryState>(() => ({ runs: [], available: true }));
  return {
    ...store,
    /** Adds a run, or replaces the earlier state of the same one. */
    put(summary: RunSummary): void {
      const others = store.getState().runs.filter((run) => run.id !== summary.id);
      store.setState({ runs: [summary, ...others] });
    },
  };
}
