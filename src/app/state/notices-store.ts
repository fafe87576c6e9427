/** Messages that are not part of a run: broken links, failed imports, unexpected errors. */
import { createStore } from 'zustand/vanilla';
import { isAbort, toAppError, type ErrorData } from '../../shared/errors.ts';

export interface Notice {
  readonly id: number;
  readonly tone: 'info' | 'error';
  readonly text: string;
  readonly advice: string;
  /** Code and cause, for a report. */
  readonly details: string;
}

const MAX_NOTICES = 4;

export function createNoticesStore() {
  const store = createStore<{ readonly notices: readonly Notice[] }>(() => ({ notices: [] }));
  const { getState, setState } = store;
  let nextId = 1;

  function add(notice: Omit<Notice, 'id'>): number {
    const id = nextId++;
    const others = getState().notices.filter((one) => one.text !== notice.text);
    setState({ notices: [...others, { ...notice, id }].slice(-MAX_NOTICES) });
    return id;
  }

  return {
    ...store,
    /** The notice's id, for `dismiss`. */
    tell(text: string, advice = ''): number {
      return add({ tone: 'info', text, advice, details: '' });
    },
    /** Any thrown value; an abort is no news. */
    report(thrown: unknown): void {
      if (isAbort(thrown)) return;
      const error = toAppError(thrown).toData();
      add({ tone: 'error', text: error.message, advice: error.advice, details: detailsOf(error) });
    },
    dismiss(id: number): void {
      setState({ notices: getState().notices.filter((notice) => notice.id !== id) });
    },
  };
}

function detailsOf(error: ErrorData): string {
  return error.cause === undefined ? error.code : `${error.code} – ${error.cause}`;
}
