/** Curves, paired differences, pass@k and symptoms: what is read off all problems together. */
import { useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { CurveFigure } from '../charts/curve-figure.tsx';
import { curvesOf, type CurvePoint } from '../charts/series.ts';
import { SelectField } from '../ui/fields.tsx';
import { formatCount, formatPercent } from '../ui/format.ts';
import { strategyStyle } from '../ui/strategy-style.ts';
import { curvePoints, type LabAnalysis } from './analysis.ts';
import { DataTable } from './data-table.tsx';
import type { LabDesk } from './lab-desk.ts';
import { differenceVerdict, intervalInPoints, signedPoints } from './words.ts';

interface Props {
  readonly analysis: LabAnalysis;
}

interface CurvesProps {
  readonly desk: LabDesk;
  readonly points: readonly CurvePoint[];
}

export function CurvesSection({ desk, points }: CurvesProps) {
  const axis = useStore(desk.store, (state) => state.axis);
  const running = useStore(desk.store, (state) => state.running !== null);
  const curves = useMemo(() => curvesOf(points, axis), [points, axis]);
  return (
    <section className="lab-section" aria-labelledby="lab-curves-title">
      <h2 id="lab-curves-title">Accuracy against compute</h2>
      <CurveFigure
        label="Lab accuracy against compute"
        curves={curves}
        axis={axis}
        measure="accuracy"
        empty="No results with a known truth yet."
        onAxis={(chosen) => desk.store.setState({ axis: chosen })}
        note={
          running
            ? 'While the sweep runs, the newest points rest on the problems done so far; N is in the table.'
            : 'Bands show sampling of problems and seeds, not the choice of the problem set.'
        }
      />
    </section>
  );
}

export function DifferencesSection({ analysis }: Props) {
  const { comparisons } = analysis.curves;
  const references = [...new Set(comparisons.map(({ against }) => against))];
  const [chosen, setChosen] = useState('best-of-n');
  const reference = references.includes(chosen) ? chosen : references[0];
  const rows = comparisons.filter(({ against }) => against === reference);
  return (
    <section className="lab-section" aria-labelledby="lab-differences-title">
      <h2 id="lab-differences-title">Paired differences</h2>
      {reference === undefined ? (
        <p className="hint">
          Measure Best-of-N or Greedy beside another strategy to compare them on the same problems.
        </p>
      ) : (
        <>
          <SelectField
            label="Compared with"
            value={reference}
            options={references.map((name) => ({ value: name, label: strategyStyle(name).label }))}
            hint="At the same budget, over the same problems and seeds; bootstrap over problems, then seeds. A tie: the 95 % interval contains 0. The intervals are not corrected for the number of comparisons."
            onChange={setChosen}
          />
          <DataTable
            label="Paired differences"
            head={['strategy', 'N', 'difference', '95 % interval', 'verdict', 'problems']}
            rows={rows.map((row) => ({
              key: `${row.strategy} ${row.budget}`,
              cells: [
                strategyStyle(row.strategy).label,
                row.budget,
                signedPoints(row.mean),
                intervalInPoints(row),
                differenceVerdict(row),
                row.problems,
              ],
            }))}
          />
        </>
      )}
    </section>
  );
}

export function PassSection({ analysis }: Props) {
  const curves = useMemo(() => {
    const points = curvePoints(analysis.curves.points);
    const chosen = points.filter(({ strategy }) => strategy.startsWith('best-of-n'));
    return curvesOf([...analysis.passAtK, ...chosen], 'generations');
  }, [analysis]);
  if (analysis.passAtK.length === 0) return null;
  return (
    <section className="lab-section" aria-labelledby="lab-pass-title">
      <h2 id="lab-pass-title">What selection leaves on the table (pass@k)</h2>
      <CurveFigure
        label="pass@k and selection"
        curves={curves}
        axis="generations"
        measure="accuracy"
        empty=""
        note="pass@k is the unbiased estimate that one of k samples is right (Chen et al. 2021), from the samples of the largest Best-of-N runs; it is drawn without an interval. The gap to a rule is what a perfect verifier would add."
      />
    </section>
  );
}

const FLAG_WORDS: Record<string, string> = {
  'repeated-steps': 'repeats its last step',
  'short-solution': 'is far shorter than the others',
};

export function FlagsSection({ analysis }: Props) {
  const { curves } = analysis;
  const { trends: overOptimised, detailed } = curves;
  const runs = new Map(
    curves.points.map(({ strategy, budget, problems, seeds }) => [
      `${strategy} ${budget}`,
      problems * seeds,
    ]),
  );
  return (
    <section className="lab-section" aria-labelledby="lab-flags-title">
      <h2 id="lab-flags-title">Symptoms of an over-optimised verifier</h2>
      {curves.flags.length === 0 ? (
        <p className="small">
          {detailed === 0
            ? 'These results carry no details, so solutions cannot be checked.'
            : 'No chosen solution repeats its last step or is far shorter than the others.'}
        </p>
      ) : (
        <DataTable
          label="Flagged solutions"
          head={['strategy', 'N', 'the chosen solution', 'share of runs', 'runs']}
          rows={curves.flags.map(({ strategy, budget, flag, share }) => ({
            key: `${strategy} ${budget} ${flag}`,
            cells: [
              strategyStyle(strategy).label,
              budget,
              FLAG_WORDS[flag] ?? flag,
              formatPercent(share),
              formatCount(runs.get(`${strategy} ${budget}`) ?? 0),
            ],
          }))}
        />
      )}
      {overOptimised.length === 0 ? (
        <p className="small">
          Nowhere does accuracy fall from one budget to the next while the verifier’s score rises.
        </p>
      ) : (
        <DataTable
          label="Score up, accuracy down"
          head={['strategy', 'from N to N', 'score', 'accuracy', '95 % interval', 'verdict']}
          rows={overOptimised.map(({ strategy, from, to, scores, accuracy }) => ({
            key: `${strategy} ${to}`,
            cells: [
              strategyStyle(strategy).label,
              `${from} to ${to}`,
              `${scores[0].toFixed(2)} to ${scores[1].toFixed(2)}`,
              signedPoints(accuracy.mean),
              intervalInPoints(accuracy),
              accuracy.tie ? 'within noise' : 'over-optimised',
            ],
          }))}
        />
      )}
    </section>
  );
}
