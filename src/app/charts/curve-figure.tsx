/** Curves as a figure: drawing, choice of the axis, legend, and the same numbers as a table. */
import { lazy, Suspense, useId, type ReactNode } from 'react';
import type { Mark } from './accuracy-chart.tsx';
import { CurveTable } from './curve-table.tsx';
import { Legend } from './legend.tsx';
import { AXES, AXIS_WORDS, MEASURE_WORDS, type Axis, type Curve, type Measure } from './series.ts';
import './chart.css';

const AccuracyChart = lazy(() => import('./accuracy-chart.tsx'));

interface Props {
  readonly label: string;
  readonly curves: readonly Curve[];
  readonly axis: Axis;
  readonly measure: Measure;
  readonly marks?: readonly Mark[];
  /** What stands in place of the drawing while there is nothing to draw. */
  readonly empty: string;
  /** Without it the axis is fixed. */
  readonly onAxis?: (axis: Axis) => void;
  readonly note?: ReactNode;
}

const NO_MARKS: readonly Mark[] = [];

export function CurveFigure(props: Props) {
  const { label, curves, axis, measure, marks = NO_MARKS, empty, onAxis, note } = props;
  return (
    <figure className="chart-figure" aria-label={label}>
      <div className="chart-area" aria-hidden="true">
        {curves.length === 0 ? (
          <p className="muted chart-empty">{empty}</p>
        ) : (
          <Suspense fallback={<p className="muted chart-empty">Loading the chart …</p>}>
            <AccuracyChart curves={curves} axis={axis} marks={marks} />
          </Suspense>
        )}
      </div>
      {onAxis !== undefined && <AxisRow axis={axis} onAxis={onAxis} />}
      <figcaption>
        <Legend label={`Legend of ${label}`} strategies={curves.map((curve) => curve.strategy)} />
        <p className="hint">
          Height: {MEASURE_WORDS[measure]}, with 95 % intervals as bands. {note}
        </p>
      </figcaption>
      <CurveTable label={label} curves={curves} measure={measure} />
    </figure>
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
