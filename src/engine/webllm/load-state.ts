/**
 * Where loading stands. web-llm reports `{progress, timeElapsed, text}`, begins again at 0 in each
 * phase and names no model; this reads the texts of 0.2.86 into one state. Downloads are our own
 * (`download.ts`) and report bytes. Pure.
 */
import type { ErrorData } from '../../shared/errors.ts';

/** In order; a load never goes back. */
export const LOAD_PHASES = [
  'checking',
  'downloading',
  'verifying',
  'from-disk',
  'to-gpu',
  'compiling',
  'warming-up',
  'ready',
] as const;

export type LoadPhase = (typeof LOAD_PHASES)[number];

export interface LoadState {
  readonly phase: LoadPhase | 'failed';
  /** Of the phase, 0 … 1. */
  readonly progress: number;
  /** Over all files, also those that were there already; 0 while unknown. */
  readonly loadedBytes: number;
  readonly totalBytes: number;
  readonly error: ErrorData | null;
}

export const LOAD_START: LoadState = {
  phase: 'checking',
  progress: 0,
  loadedBytes: 0,
  totalBytes: 0,
  error: null,
};

export type LoadEvent =
  | { readonly type: 'downloaded'; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly type: 'verified'; readonly loadedBytes: number; readonly totalBytes: number }
  /** A progress report of web-llm. */
  | { readonly type: 'report'; readonly text: string; readonly progress: number }
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly error: ErrorData };

export function nextLoadState(state: LoadState, event: LoadEvent): LoadState {
  switch (event.type) {
    case 'downloaded':
      return withBytes(state, 'downloading', event);
    case 'verified':
      return withBytes(state, 'verifying', event);
    case 'report': {
      const phase = phaseOfReport(event.text);
      return phase === null ? state : advance(state, phase, event.progress);
    }
    case 'ready':
      return advance(state, 'ready', 1);
    case 'failed':
      return { ...state, phase: 'failed', error: event.error };
  }
}

/** The phase a progress text of web-llm 0.2.86 belongs to; null for texts that say nothing. */
export function phaseOfReport(text: string): LoadPhase | null {
  // What we have downloaded and verified is in its cache by then, so "fetching" would be a download
  // only for files that we do not know of.
  if (text.startsWith('Start to fetch params')) return 'from-disk';
  if (text.startsWith('Fetching param cache[')) return 'downloading';
  // One text for both: each shard is read from disk and uploaded at once.
  if (text.startsWith('Loading model from cache[')) return 'to-gpu';
  if (text.startsWith('Loading GPU shader modules[')) return 'compiling';
  // The rest of the kernels compile at the first call.
  if (text.startsWith('Finish loading on ')) return 'warming-up';
  return null;
}

function advance(state: LoadState, phase: LoadPhase, progress: number): LoadState {
  if (state.phase === 'failed' || state.phase === 'ready') return state;
  if (LOAD_PHASES.indexOf(phase) < LOAD_PHASES.indexOf(state.phase)) return state;
  const within = Number.isFinite(progress) ? Math.min(1, Math.max(0, progress)) : 0;
  return { ...state, phase, progress: phase === 'warming-up' ? 0 : within };
}

function withBytes(
  state: LoadState,
  phase: LoadPhase,
  { loadedBytes, totalBytes }: { loadedBytes: number; totalBytes: number },
): LoadState {
  const moved = advance(state, phase, totalBytes === 0 ? 0 : loadedBytes / totalBytes);
  return moved === state ? state : { ...moved, loadedBytes, totalBytes };
}

const WORDS: Record<LoadPhase | 'failed', string> = {
  checking: 'Looking at the device',
  downloading: 'Downloading',
  verifying: 'Verifying',
  'from-disk': 'Reading from disk',
  'to-gpu': 'Uploading to the GPU',
  compiling: 'Compiling for the GPU',
  'warming-up': 'Warming up: the first call compiles the rest',
  ready: 'Ready',
  failed: 'Failed',
};

/** For people, such as "Downloading, 120 of 870 MB". */
export function describeLoad(state: LoadState): string {
  const words = WORDS[state.phase];
  const megabytes = (bytes: number): string => Math.round(bytes / 1e6).toString();
  if ((state.phase === 'downloading' || state.phase === 'verifying') && state.totalBytes > 0) {
    return `${words}, ${megabytes(state.loadedBytes)} of ${megabytes(state.totalBytes)} MB`;
  }
  return state.progress > 0 && state.progress < 1
    ? `${words}, ${Math.floor(state.progress * 100)} %`
    : words;
}
