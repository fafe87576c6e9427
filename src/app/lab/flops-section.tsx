/** FLOPs-matched: how much test-time compute a larger model's training would buy, and what it wins. */
import { useId, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { LargerPolicy } from '../../eval/curves.ts';
import {
  FLOPS_VERSIONS,
  matchedGenerations,
  PAPER_MODEL_RATIO,
  PAPER_RATIOS,
  type FlopsVersion,
} from '../../eval/flops-matched.ts';
import { CurveFigure } from '../charts/curve-figure.tsx';
import { curvesOf } from '../charts/series.ts';
import { useSession } from '../session-context.ts';
import { SelectField } from '../ui/fields.tsx';
import { formatAbout, formatPercent } from '../ui/format.ts';
import { strategyStyle } from '../ui/strategy-style.ts';
import type { DifficultyAnalysis } from './analysis.ts';
import { BinPicker } from './bin-picker.tsx';
import { DataTable } from './data-table.tsx';
import { FileButton } from './file-button.tsx';
import type { LabDesk } from './lab-desk.ts';
import { matchedBins, verdictOf, type Exchange } from './matched.ts';

const VERSION_WORDS: Record<FlopsVersion, string> = {
  v1: 'v1 (2024): M + 3 (M − 1) / R',
  iclr: 'ICLR 2025, verifier included: M + 1.5 (M − 1) / R',
};

interface Props {
  readonly desk: LabDesk;
  /** null before difficulty is known. */
  readonly own: DifficultyAnalysis | null;
}

export function FlopsSection({ desk, own }: Props) {
  const [chosen, choose] = useState<Partial<Exchange>>({});
  const larger = useLarger(desk);
  const measuredRatio = larger?.modelRatio ?? null;
  const exchange: Exchange = {
    // Stars belong to the size of the model that was measured.
    modelRatio: measuredRatio ?? PAPER_MODEL_RATIO,
    ...{ tokenRatio: 0.79, version: 'v1' },
    ...chosen,
  };
  const { modelRatio, tokenRatio, version } = exchange;
  const allowed = matchedGenerations(modelRatio, tokenRatio, version);
  const change = (patch: Partial<Exchange>): void => choose({ ...chosen, ...patch });
  return (
    <section className="lab-section" aria-labelledby="lab-flops-title">
      <h2 id="lab-flops-title">A larger model, or more thinking (FLOPs-matched)</h2>
      <div className="lab-settings">
        <LogSlider
          label="Size of the larger model, in small models – M"
          value={modelRatio}
          low={1.25}
          high={100}
          words={`${formatRatio(modelRatio)} times the parameters`}
          onChange={(value) => change({ modelRatio: value })}
        />
        <LogSlider
          label="Inference tokens per pre-training token – R"
          value={tokenRatio}
          low={0.01}
          high={100}
          words={`R = ${formatRatio(tokenRatio)}`}
          onChange={(value) => change({ tokenRatio: value })}
        />
        <SelectField
          label="Formula"
          value={version}
          options={FLOPS_VERSIONS.map((value) => ({ value, label: VERSION_WORDS[value] }))}
          onChange={(value) => change({ version: value })}
        />
      </div>
      <p>
        At equal FLOPs the small model may spend <strong>{formatAbout(allowed)} generations</strong>{' '}
        where the larger one answers once. A large R allows few.
      </p>
      <PaperTable modelRatio={modelRatio} version={version} />
      <Larger desk={desk} larger={larger} />
      {measuredRatio !== null && Math.abs(measuredRatio / modelRatio - 1) > 0.05 && (
        <p className="small">
          The larger policy measured here has {formatRatio(measuredRatio)} times the parameters, so
          its stars belong to M = {formatRatio(measuredRatio)}.{' '}
          <button
            type="button"
            className="quiet"
            onClick={() => change({ modelRatio: measuredRatio })}
          >
            Set M to it
          </button>
        </p>
      )}
      {own !== null && <Matched larger={larger} own={own} exchange={exchange} allowed={allowed} />}
    </section>
  );
}

function PaperTable({ modelRatio, version }: Pick<Exchange, 'modelRatio' | 'version'>) {
  return (
    <DataTable
      label="Allowed generations"
      head={['R of the paper', `generations at M = ${formatRatio(modelRatio)}`]}
      rows={PAPER_RATIOS[version].map((ratio) => ({
        key: String(ratio),
        cells: [ratio, formatAbout(matchedGenerations(modelRatio, ratio, version))],
      }))}
    />
  );
}

/** From a file the visitor opened, else what came with the shipped curves. */
function useLarger(desk: LabDesk): LargerPolicy | null {
  const { larger, shipped } = useStore(desk.store);
  return larger ?? shipped?.larger ?? null;
}

interface LargerProps {
  readonly desk: LabDesk;
  readonly larger: LargerPolicy | null;
}

/** Where the stars come from. */
function Larger({ desk, larger }: LargerProps) {
  const { notices } = useSession();
  return (
    <>
      <p className="small">
        {larger === null
          ? 'No results of a larger policy are on screen, so there is nothing to compare with. Measure one with eval --policy policy-large --strategies greedy on the same problems and open the file: it is drawn as a star.'
          : `Stars: greedy answers of ${larger.label}, on the problems that both have.`}
      </p>
      <div className="button-row">
        <FileButton
          label="Open the larger model’s results"
          accept=".json"
          onFile={(file) => {
            desk.openLarger(file).catch((thrown: unknown) => notices.report(thrown));
          }}
        />
      </div>
    </>
  );
}

interface MatchedProps {
  readonly larger: LargerPolicy | null;
  readonly own: DifficultyAnalysis;
  readonly exchange: Exchange;
  readonly allowed: number;
}

function Matched({ larger, own, exchange, allowed }: MatchedProps) {
  const [bin, setBin] = useState(1);
  const rows = useMemo(
    () => matchedBins(own, exchange, larger?.results ?? []),
    [own, exchange, larger],
  );
  const compared = rows.some((row) => row.larger !== null);
  const star = rows[bin - 1]?.larger ?? null;
  const curves = useMemo(
    () => curvesOf([...(own.bins[bin - 1] ?? []), ...(star === null ? [] : [star])], 'generations'),
    [own, bin, star],
  );
  return (
    <>
      <DataTable
        label="Matched by bin"
        head={[
          ...['bin', 'problems', 'small model', 'N', 'cross-validated'],
          ...(compared ? ['larger, greedy', 'ahead'] : []),
        ]}
        rows={rows.map((row) => ({
          key: String(row.bin),
          cells: [
            row.bin,
            row.problems,
            row.small === null ? 'no budget so small' : strategyStyle(row.small.strategy).label,
            row.small?.point.budget ?? '–',
            row.crossValidated === null ? '–' : formatPercent(row.crossValidated),
            ...(compared
              ? [row.larger === null ? '–' : formatPercent(row.larger.value), verdictOf(row)]
              : []),
          ],
        }))}
      />
      <p className="hint">
        Small model: the choice of the compute-optimal table at the largest measured budget that is
        allowed.
        {compared
          ? ' One is ahead where the 95 % intervals do not overlap.'
          : larger === null
            ? ' Without a larger policy the table says only what thinking longer buys at that price.'
            : ' The larger policy was measured on other problems than these, so it has no star here.'}
      </p>
      <BinPicker name="flops-bin" bin={bin} bins={own.bins.length} onBin={setBin} />
      <CurveFigure
        label={`Matched FLOPs in bin ${bin}`}
        curves={curves}
        axis="generations"
        measure="accuracy"
        marks={[{ label: 'equal FLOPs', x: allowed, kind: 'planned' }]}
        empty="No problems in this bin."
        note="The dashed line is where both have spent the same; measured budgets below it are affordable."
      />
    </>
  );
}

interface LogSliderProps {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly words: string;
  readonly onChange: (value: number) => void;
}

/** Forty stops a factor of ten; the value that was set stays exact until the slider is moved. */
function LogSlider({ label, value, low, high, words, onChange }: LogSliderProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={Math.round(Math.log10(low) * 40)}
        max={Math.round(Math.log10(high) * 40)}
        step={1}
        value={Math.round(Math.log10(value) * 40)}
        aria-valuetext={words}
        onChange={(event) => onChange(10 ** (Number(event.target.value) / 40))}
      />
      <p className="hint">{words}</p>
    </div>
  );
}

function formatRatio(value: number): string {
  return String(Number(value.toPrecision(2)));
}
