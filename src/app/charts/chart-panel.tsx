/** Accuracy against compute: recorded, for this problem, or for the shipped set. */
import { lazy, Suspense, useEffect, useId, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { toAppError } from '../../shared/errors.ts';
import type { PlanProblem } from '../playground/plan.ts';
import { useSession } from '../session-context.ts';
import type { ChartMode } from '../state/sweep-store.ts';
import { CurveTable } from './curve-table.tsx';
import { Legend } from './legend.tsx';
import { MeasureBar } from './measure-bar.tsx';
import { fetchRecordedCurves, type RecordedCurves } from './recorded-curves.ts';
import {
  AXES,
  AXIS_WORDS,
  curvesOf,
  MEASURE_WORDS,
  pointsOf,
  type Axis,
  type Measure,
} from './series.ts';
import { useMarks } from './use-marks.ts';
import './chart.css';

const AccuracyChart = lazy(() => import('./accuracy-chart.tsx'));

const MODES: readonly { id: ChartMode; label: string }[] = [
  { id: 'recorded', label: 'Recorded' },
  { id: 'problem', label: 'This problem' },
  { id: 'set', label: '100 problems' },
];

export function ChartPanel({ problem }: { readonly problem: PlanProblem | null }) {
  const { sweeps, sweeper, controls } = useSession();
  const { mode, axis, problem: repeats, set } = useStore(sweeps);
  const config = useStore(controls, (state) => state.config);
  const recorded = useRecordedCurves(mode === 'recorded');
  const prompt = problem?.prompt ?? '';

  useEffect(() => {
    if (mode !== 'recorded') void sweeper.show(mode, config, prompt);
  }, [sweeper, mode, config, prompt]);

  const { points, measure } = useMemo(() => {
    if (mode === 'recorded')
      return { points: recorded?.points ?? [], measure: 'accuracy' as const };
    const results = mode === 'problem' ? repeats : set;
    const known = results.length === 0 || results.some((result) => result.correct !== null);
    const wanted: Measure = known ? 'accuracy' : 'voteShare';
    return { points: pointsOf(results, wanted), measure: wanted };
  }, [mode, recorded, repeats, set]);
  const curves = useMemo(() => curvesOf(points, axis), [points, axis]);
  const marks = useMarks(axis, problem, points);

  return (
    <section className="group" aria-label="Chart">
      <div className="group-head">
        <h2>Accuracy against compute</h2>
        {mode === 'recorded' && <span className="badge">recorded</span>}
      </div>
      <fieldset className="segmented">
        <legend className="visually-hidden">What the chart shows</legend>
        {MODES.map(({ id, label }) => (
          <label key={id}>
            <input
              type="radio"
              name="chart-mode"
              checked={mode === id}
              onChange={() => sweeps.setState({ mode: id })}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      {mode === 'recorded' ? (
        <RecordedNote recorded={recorded} />
      ) : (
        <MeasureBar mode={mode} problem={problem} />
      )}
      <figure className="chart-figure" aria-label="Accuracy against compute">
        <div className="chart-area" aria-hidden="true">
          {curves.length === 0 ? (
            <p className="muted chart-empty">{emptyText(mode)}</p>
          ) : (
            <Suspense fallback={<p className="muted chart-empty">Loading the chart …</p>}>
              <AccuracyChart curves={curves} axis={axis} marks={marks} />
            </Suspense>
          )}
        </div>
        <AxisRow axis={axis} onAxis={(value) => sweeps.setState({ axis: value })} />
        <figcaption>
          <Legend strategies={curves.map((curve) => curve.strategy)} />
          <p className="hint">Height: {MEASURE_WORDS[measure]}, with 95 % intervals as bands.</p>
        </figcaption>
        <CurveTable curves={curves} measure={measure} />
      </figure>
    </section>
  );
}

function AxisRow({ axis, onAxis }: { readonly axis: Axis; readonly onAxis: (axis: Axis) => void }) {
  const id = useId();
  return (
    <div className="axis-row">
      <label htmlFor={id} className="muted">
        Compute in
      </label>
      <select
        id={id}
        value={axis}
        onChange={(event) => {
          const chosen = AXES.find((one) => one === event.target.value);
          if (chosen !== undefined) onAxis(chosen);
        }}
      >
        {AXES.map((value) => (
          <option key={value} value={value}>
            {AXIS_WORDS[value]}
          </option>
        ))}
      </select>
    </div>
  );
}

function RecordedNote({ recorded }: { readonly recorded: RecordedCurves | null }) {
  if (recorded === null) return null;
  const { problems, seeds } = recorded;
  return (
    <p className="hint">
      Measured with the shipped models on {problems} held-out problems
      {seeds > 1 ? `, ${seeds} seeds each` : ''} (N = {problems * seeds} a point).
    </p>
  );
}

function emptyText(mode: ChartMode): string {
  switch (mode) {
    case 'recorded':
      return 'No recorded curves are at hand.';
    case 'problem':
      return 'Repeat the search with several seeds to see how often it succeeds.';
    case 'set':
      return 'Measure the shipped problems to draw the curves on this device.';
  }
}

function useRecordedCurves(wanted: boolean): RecordedCurves | null {
  const { notices } = useSession();
  const [curves, setCurves] = useState<RecordedCurves | null>(null);
  useEffect(() => {
    if (!wanted || curves !== null) return;
    let gone = false;
    fetchRecordedCurves().then(
      (loaded) => {
        if (!gone) setCurves(loaded);
      },
      (thrown: unknown) => {
        // Without the file the chart says so itself; only a damaged one is news.
        if (toAppError(thrown).code !== 'network') notices.report(thrown);
      },
    );
    return () => {
      gone = true;
    };
  }, [wanted, curves, notices]);
  return curves;
}
