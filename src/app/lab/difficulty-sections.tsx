/** Difficulty bins, the compute-optimal choice, and the exchange with a larger model. */
import { useMemo, useState } from 'react';
import type { DifficultyCurves } from '../../eval/curves.ts';
import type { DifficultyKind } from '../../eval/difficulty.ts';
import type { Saving } from '../../eval/saving.ts';
import { CurveFigure } from '../charts/curve-figure.tsx';
import { curvesOf, type CurvePoint } from '../charts/series.ts';
import { SelectField } from '../ui/fields.tsx';
import { formatAbout, formatCount, formatPercent } from '../ui/format.ts';
import { strategyStyle } from '../ui/strategy-style.ts';
import { curvePoints, type DifficultyAnalysis, type LabAnalysis } from './analysis.ts';
import { BinPicker } from './bin-picker.tsx';
import { DataTable } from './data-table.tsx';
import { FlopsSection } from './flops-section.tsx';
import type { LabDesk } from './lab-desk.ts';
import { timesFewer } from './savings-section.tsx';
import { differenceVerdict, intervalInPoints, signedPoints } from './words.ts';

interface Props {
  readonly desk: LabDesk;
  readonly analysis: LabAnalysis;
}

const KINDS: Record<DifficultyKind, string> = {
  oracle: 'oracle: share of right samples (needs the truth)',
  predicted: 'predicted: mean verifier score (needs no truth)',
  quick: 'predicted from the few samples that Auto takes',
};

/** Everything that is read by bins; shares the choice of how difficulty is estimated. */
export function DifficultySections({ desk, analysis }: Props) {
  const [kind, setKind] = useState<DifficultyKind>('oracle');
  const own =
    analysis.difficulty.find(({ curves }) => curves.kind === kind) ?? analysis.difficulty[0];
  const reference = useMemo(
    () => curvePoints(analysis.curves.points).filter(({ strategy }) => strategy === 'best-of-n'),
    [analysis],
  );
  return (
    <>
      <section className="lab-section" aria-labelledby="lab-difficulty-title">
        <h2 id="lab-difficulty-title">Accuracy by difficulty</h2>
        {own === undefined ? (
          <p className="hint">
            Difficulty is read from the samples of Best-of-N runs on at least 10 problems. Measure
            Best-of-N here, or open results of eval.
          </p>
        ) : (
          <>
            <SelectField
              label="Difficulty"
              value={own.curves.kind}
              options={analysis.difficulty.map(({ curves }) => ({
                value: curves.kind,
                label: KINDS[curves.kind],
              }))}
              hint={sourceOf(own.curves)}
              onChange={setKind}
            />
            <BinCurves own={own} />
          </>
        )}
      </section>
      {own !== undefined && <OptimalSection own={own} reference={reference} />}
      <FlopsSection desk={desk} own={own ?? null} />
    </>
  );
}

function sourceOf({ independent, samples }: DifficultyCurves): string {
  const bins = `Five bins of equal size, 1 the easiest, from ${formatAbout(samples)} samples a problem`;
  return independent
    ? `${bins}, drawn with other seeds than those whose accuracy is shown. The paper used 2,048.`
    : `${bins}: the same that are measured here, so bins and accuracy are not independent. The paper used 2,048 of their own.`;
}

function BinCurves({ own }: { readonly own: DifficultyAnalysis }) {
  const [bin, setBin] = useState(1);
  const { bins, curves } = own;
  const shown = useMemo(() => curvesOf(bins[bin - 1] ?? [], 'generations'), [bins, bin]);
  const points = [...new Map(bins.flat().map((p) => [`${p.strategy} ${p.budget}`, p])).values()];
  return (
    <>
      <BinPicker name="difficulty-bin" bin={bin} bins={bins.length} onBin={setBin} />
      <CurveFigure
        label={`Accuracy in bin ${bin}`}
        curves={shown}
        axis="generations"
        measure="accuracy"
        empty="No problems in this bin."
        note={`Bin ${bin}: ${curves.sizes[bin - 1]} problems, mean ease ${(curves.meanEase[bin - 1] ?? 0).toFixed(2)}.`}
      />
      <details>
        <summary>All bins as a table</summary>
        <DataTable
          label="Accuracy by bin"
          head={['strategy', 'N', ...bins.map((_, at) => `bin ${at + 1}`)]}
          rows={points.map(({ strategy, budget }) => ({
            key: `${strategy} ${budget}`,
            cells: [
              strategyStyle(strategy).label,
              budget,
              ...bins.map((inBin) => {
                const point = inBin.find((p) => p.strategy === strategy && p.budget === budget);
                return point === undefined ? '–' : formatPercent(point.value);
              }),
            ],
          }))}
        />
      </details>
    </>
  );
}

interface OptimalProps {
  readonly own: DifficultyAnalysis;
  /** Best-of-N, to compare with. */
  readonly reference: readonly CurvePoint[];
}

function OptimalSection({ own, reference }: OptimalProps) {
  const { curves, bins, optimal, charged } = own;
  const { cost } = curves;
  const { choices } = curves.optimal;
  const shown = useMemo(
    () => curvesOf([...optimal, ...charged, ...reference], 'generations'),
    [optimal, charged, reference],
  );
  const budgets = [...new Set(choices.map(({ budget }) => budget))];
  return (
    <section className="lab-section" aria-labelledby="lab-optimal-title">
      <h2 id="lab-optimal-title">Compute-optimal choice</h2>
      <p className="small">
        For each bin and budget the best of the strategies measured there, chosen on one half of the
        problems and measured on the other, then swapped (two-fold cross-validation). A star: the
        halves chose differently.
      </p>
      <DataTable
        label="Chosen strategies"
        head={['budget N', ...bins.map((_, at) => `bin ${at + 1}`)]}
        rows={budgets.map((budget) => ({
          key: String(budget),
          cells: [
            budget,
            ...bins.map((_, at) => {
              const choice = choices.find((one) => one.bin === at + 1 && one.budget === budget);
              if (choice === undefined) return '–';
              const { strategy, byFold, accuracy } = choice;
              const unsure = byFold[0] === byFold[1] ? '' : ' *';
              return (
                <span className="lab-choice">
                  {strategyStyle(strategy).label}
                  {unsure} ({formatPercent(accuracy)})
                </span>
              );
            }),
          ],
        }))}
      />
      <CurveFigure
        label="Compute-optimal curve"
        curves={shown}
        axis="generations"
        measure="accuracy"
        empty="Too few problems in a bin."
        note={`Estimating the difficulty took ${formatCount(Math.round(cost.generations))} generations a problem; the paper leaves them out, the dashed curve pays them.`}
      />
      <GainTable own={own} />
      <SavingNote own={own} />
    </section>
  );
}

function GainTable({ own }: { readonly own: DifficultyAnalysis }) {
  const { gains } = own.curves;
  if (gains.length === 0) return null;
  return (
    <DataTable
      label="Compute-optimal minus Best-of-N"
      head={['budget N', 'minus Best-of-N, points', '95 % interval', 'verdict', 'problems']}
      rows={gains.map((gain) => ({
        key: String(gain.budget),
        cells: [
          gain.budget,
          signedPoints(gain.mean),
          intervalInPoints(gain),
          differenceVerdict(gain),
          gain.problems,
        ],
      }))}
    />
  );
}

function SavingNote({ own }: { readonly own: DifficultyAnalysis }) {
  const { saving } = own.curves;
  if (saving === null) return null;
  const { baselineBudget, baselineAccuracy } = saving.free;
  return (
    <>
      <p className="small">
        Best-of-N has {formatPercent(baselineAccuracy)} at {baselineBudget} generations. How many
        the compute-optimal choice needs for that:
      </p>
      <ul className="small lab-list">
        <li>
          without the cost of estimating difficulty, as in the paper: {savingWords(saving.free)}
        </li>
        <li>with it: {savingWords(saving.charged)}</li>
      </ul>
      <p className="hint">
        Between measured budgets a straight line over log N. Intervals of 95 %: a bootstrap over
        problems, then seeds, that repeats the choice. The paper reports up to 4 times fewer.
      </p>
    </>
  );
}

function savingWords({ budget, ratio, low, high, most, reached }: Saving): string {
  const share = `the curve gets there in ${formatPercent(reached)} of the bootstrap draws`;
  const [from, to] = [low, high].map((end) => timesFewer(end, { most }));
  const interval = `95 % interval from ${from} to ${to}; ${share}`;
  if (ratio === null || budget === null) {
    return `no measured budget suffices (censored); ${interval}.`;
  }
  const fewer =
    ratio >= most * 0.999
      ? `at least ${ratio.toFixed(1)} times fewer, the smallest budget measured suffices`
      : ratio >= 1
        ? `about ${formatAbout(budget)}, ${ratio.toFixed(1)} times fewer`
        : `about ${formatAbout(budget)}, ${(1 / ratio).toFixed(1)} times more`;
  return `${fewer}; ${interval}.`;
}
