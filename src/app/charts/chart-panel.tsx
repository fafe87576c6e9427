/** Accuracy against compute: recorded, for this problem, or for the shipped set. */
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { toAppError } from '../../shared/errors.ts';
import type { PlanProblem } from '../playground/plan.ts';
import { useSession } from '../session-context.ts';
import { modelsId, type ChartMode } from '../state/sweep-store.ts';
import { CurveFigure } from './curve-figure.tsx';
import { MeasureBar } from './measure-bar.tsx';
import { fetchRecordedCurves, type RecordedCurves } from './recorded-curves.ts';
import { curvesOf, pointsOf, type Measure } from './series.ts';
import { useMarks } from './use-marks.ts';
import './chart.css';

const MODES: readonly { id: ChartMode; label: string }[] = [
  { id: 'recorded', label: 'Recorded' },
  { id: 'problem', label: 'This problem' },
  { id: 'set', label: '100 problems' },
];

interface Props {
  /** What the small models understood; null for any other text. */
  readonly problem: PlanProblem | null;
  /** What the models in use are given; null where they cannot take it. */
  readonly prompt: string | null;
}

export function ChartPanel({ problem, prompt }: Props) {
  const { sweeps, sweeper, controls, engine } = useSession();
  const known = useKnownAnswer(prompt);
  const models = useStore(engine, ({ status }) =>
    status.phase === 'ready' ? modelsId(status) : '',
  );
  const { mode, axis, problem: repeats, set } = useStore(sweeps);
  const config = useStore(controls, (state) => state.config);
  const recorded = useRecordedCurves(mode === 'recorded');

  useEffect(() => {
    if (mode !== 'recorded') void sweeper.show(mode, config, { prompt: prompt ?? '', known });
  }, [sweeper, mode, config, prompt, known, models]);

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
        <MeasureBar mode={mode} asked={prompt === null ? null : { prompt, known }} />
      )}
      <CurveFigure
        label="Accuracy against compute"
        curves={curves}
        axis={axis}
        measure={measure}
        marks={marks}
        empty={emptyText(mode)}
        onAxis={(value) => sweeps.setState({ axis: value })}
      />
    </section>
  );
}

/** As the visitor gave it for the run on screen, where that run is of this problem. */
function useKnownAnswer(prompt: string | null): string | null {
  const { run } = useSession();
  return useStore(run, ({ view }) =>
    view.start?.prompt === prompt ? (view.truth?.known ?? null) : null,
  );
}

function RecordedNote({ recorded }: { readonly recorded: RecordedCurves | null }) {
  if (recorded === null) return null;
  const { problems, seeds } = recorded;
  const [fewest, most] = seeds;
  return (
    <p className="hint">
      Measured with the shipped models on {problems} held-out problems
      {fewest < most
        ? `, ${fewest} to ${most} seeds a point (N in the table).`
        : `${most > 1 ? `, ${most} seeds each` : ''} (N = ${problems * most} a point).`}
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
