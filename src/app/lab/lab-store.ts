/** State of the Lab: the setup, its problems, what was measured, what it says. */
import { createStore } from 'zustand/vanilla';
import type { Curves, LargerPolicy } from '../../eval/curves.ts';
import type { SweepDocument } from '../../eval/results-table.ts';
import type { SweepResult } from '../../eval/sweep-result.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { Axis, CurvePoint } from '../charts/series.ts';
import type { LabAnalysis } from './analysis.ts';
import type { LabProblems, OpenedFile } from './lab-problems.ts';
import type { LabSetup } from './lab-setup.ts';

export type ProblemsState =
  | { readonly phase: 'loading' }
  | { readonly phase: 'ready'; readonly set: LabProblems }
  | { readonly phase: 'failed'; readonly error: ErrorData };

export interface LabProgress {
  readonly done: number;
  readonly total: number;
  readonly work: number;
  readonly workAtStart: number;
  readonly totalWork: number;
  /** Milliseconds of the page's clock. */
  readonly startedAt: number;
  readonly workers: number;
  readonly stopping: boolean;
}

export interface ImportedSweep extends SweepDocument {
  readonly name: string;
}

export interface LabState {
  readonly setup: LabSetup;
  readonly file: OpenedFile | null;
  readonly problems: ProblemsState;
  /** Under which the results are stored; null until models and problems are known. */
  readonly key: string | null;
  /** Measured here, for the settings on screen. */
  readonly measured: readonly SweepResult[];
  readonly running: LabProgress | null;
  /** What ended the last sweep early, or runs of it that failed. */
  readonly failure: ErrorData | null;
  /** Results of a file, shown instead of the measured ones. */
  readonly imported: ImportedSweep | null;
  /** The curves that came with the page, shown instead of results. */
  readonly shipped: Curves | null;
  /** The larger policy on the same problems, from a file. */
  readonly larger: LargerPolicy | null;
  /** Of the results on screen; they come before the rest of the analysis. */
  readonly points: readonly CurvePoint[] | null;
  readonly analysis: LabAnalysis | null;
  readonly analysing: boolean;
  readonly axis: Axis;
}

export type LabStore = ReturnType<typeof createLabStore>;

export function createLabStore(setup: LabSetup, file: OpenedFile | null) {
  return createStore<LabState>(() => ({
    setup,
    file,
    problems: { phase: 'loading' },
    key: null,
    measured: [],
    running: null,
    failure: null,
    imported: null,
    shipped: null,
    larger: null,
    points: null,
    analysis: null,
    analysing: false,
    axis: 'generations',
  }));
}

/** Results on screen. */
export function shownResults(state: LabState): readonly SweepResult[] {
  return state.imported === null ? state.measured : state.imported.results;
}

/** Problems of the results on screen. */
export function shownProblems({ imported, problems }: LabState): SweepDocument['problems'] {
  if (imported !== null) return imported.problems;
  return problems.phase === 'ready' ? [...problems.set.problems] : [];
}
