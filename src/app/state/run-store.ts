/**
 * The run on screen: its log, how much of it is shown, and the fold of that. Live, replayed,
 * stored and imported runs differ only in `source`. The log grows in place and so does the view:
 * subscribers compare `revision`.
 */
import { createStore } from 'zustand/vanilla';
import type { ErrorData } from '../../shared/errors.ts';
import type { RunEvent } from '../../shared/run-events.ts';
import { advanceView, emptyView, viewAt, type RunView } from '../../shared/run-view.ts';

type RunSource = 'none' | 'recorded' | 'live' | 'stored' | 'imported';

export interface RunState {
  readonly source: RunSource;
  /** Identifies the run in storage; null for shipped recordings. */
  readonly id: string | null;
  readonly label: string;
  readonly events: readonly RunEvent[];
  /** Changes whenever the events, the cursor or the view do. */
  readonly revision: number;
  readonly cursor: number;
  /** The cursor follows the end of the log. */
  readonly live: boolean;
  /** The worker is still writing this run. */
  readonly running: boolean;
  readonly view: RunView;
  readonly error: ErrorData | null;
}

export interface OpenRun {
  readonly source: RunSource;
  readonly id: string | null;
  readonly label: string;
  readonly events: readonly RunEvent[];
}

const NOTHING: RunState = {
  source: 'none',
  id: null,
  label: '',
  events: [],
  revision: 0,
  cursor: 0,
  live: true,
  running: false,
  view: emptyView(),
  error: null,
};

/** The cursor `to`, clamped, and the view there: advanced where possible, folded anew to go back. */
function moveTo(state: RunState, to: number): Pick<RunState, 'cursor' | 'view' | 'live'> {
  const { events, view } = state;
  const cursor = Math.max(0, Math.min(Math.round(to), events.length));
  const ahead = cursor >= view.cursor;
  return {
    cursor,
    view: ahead ? advanceView(view, events, cursor) : viewAt(events, cursor),
    live: cursor === events.length,
  };
}

export function createRunStore() {
  const store = createStore<RunState>(() => NOTHING);
  const { getState, setState } = store;
  const next = (): number => getState().revision + 1;

  return {
    ...store,

    /** Shows a finished log, at its end or from its beginning. */
    open(run: OpenRun, at: 'end' | 'beginning' = 'end'): void {
      const cursor = at === 'end' ? run.events.length : 0;
      const view = viewAt(run.events, cursor);
      const live = at === 'end';
      setState({ ...NOTHING, ...run, revision: next(), cursor, live, view });
    },

    /** Begins a run whose events will be appended. */
    begin(id: string, label: string): void {
      const fresh = { events: [], revision: next(), view: emptyView(), running: true };
      setState({ ...NOTHING, source: 'live', id, label, ...fresh });
    },

    /** Events of another run than the one on screen are dropped. */
    append(id: string, batch: readonly RunEvent[]): void {
      const state = getState();
      if (state.id !== id || !state.running || batch.length === 0) return;
      const events = state.events as RunEvent[];
      events.push(...batch);
      const cursor = state.live ? events.length : state.cursor;
      advanceView(state.view, events, cursor);
      setState({ revision: next(), cursor });
    },

    finish(id: string, error: ErrorData | null): void {
      if (getState().id === id) setState({ running: false, error, revision: next() });
    },

    /** Shows the first `cursor` events; off the end of a running log it stops following. */
    seek(cursor: number): void {
      setState({ ...moveTo(getState(), cursor), revision: next() });
    },

    follow(): void {
      setState({ ...moveTo(getState(), Infinity), revision: next() });
    },

    /** Stops following the end of the log, without moving. */
    detach(): void {
      setState({ live: false });
    },

    /** The same run with a log that says more about it. The cursor stays where it was, at the end if
     * it was there. */
    amend(id: string, events: readonly RunEvent[]): void {
      const state = getState();
      if (state.id !== id || state.running) return;
      const cursor = state.live ? events.length : Math.min(state.cursor, events.length);
      setState({ events, cursor, view: viewAt(events, cursor), revision: next() });
    },

    /** Puts another answer in place of the recorded one (selection changed after the run). */
    replaceAnswer(answer: Extract<RunEvent, { type: 'answer' }>): void {
      const state = getState();
      const at = state.events.findLastIndex((event) => event.type === 'answer');
      if (at === -1) return;
      const events = [...state.events];
      events[at] = answer;
      const view = viewAt(events, state.cursor);
      setState({ events, view, revision: next() });
    },
  };
}
