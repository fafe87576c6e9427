/** The same numbers as the chart, for reading and for download. */
import { toCsv } from '../../storage/csv.ts';
import { download } from '../ui/download.ts';
import { formatCount, formatPercent, formatShort } from '../ui/format.ts';
import { strategyStyle } from '../ui/strategy-style.ts';
import { computeOf, MEASURE_WORDS, type Curve, type Measure } from './series.ts';

interface Props {
  /** What the curves show. */
  readonly label: string;
  readonly curves: readonly Curve[];
  readonly measure: Measure;
}

export function CurveTable({ label, curves, measure }: Props) {
  const rows = curves.flatMap((curve) => curve.points);
  return (
    <details className="advanced">
      <summary>Show as table</summary>
      {/* Scrolls sideways, so the keyboard must be able to get there. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="table-scroll" tabIndex={0} role="region" aria-label={`${label}, as a table`}>
        <table>
          <caption className="visually-hidden">{label}</caption>
          <thead>
            <tr>
              <th scope="col">strategy</th>
              <th scope="col">budget</th>
              <th scope="col">{measure === 'accuracy' ? 'accuracy' : 'value'}</th>
              <th scope="col">95 % interval</th>
              <th scope="col">N</th>
              <th scope="col">tokens</th>
              <th scope="col">FLOPs</th>
              <th scope="col">ms</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((point) => (
              <tr key={`${point.strategy}-${point.budget}`}>
                <th scope="row">{strategyStyle(point.strategy).label}</th>
                <td>{point.budget}</td>
                <td>{formatPercent(point.value)}</td>
                <td>
                  {formatPercent(point.low)}–{formatPercent(point.high)}
                </td>
                <td>{point.runs}</td>
                <td>{formatCount(computeOf(point.ledger, 'tokens'))}</td>
                <td>{formatShort(point.ledger.flopsExecuted)}</td>
                <td>{formatCount(point.ledger.elapsedMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <button
        type="button"
        className="quiet"
        aria-disabled={rows.length === 0}
        onClick={() => {
          if (rows.length > 0)
            download(curvesCsv(curves, measure), 'overthink-curves.csv', 'text/csv');
        }}
      >
        Download as CSV
      </button>
    </details>
  );
}

function curvesCsv(curves: readonly Curve[], measure: Measure): string {
  const header = [
    'strategy',
    'budget',
    'measure',
    'value',
    'low',
    'high',
    'runs',
    'generations',
    'policy_tokens',
    'verifier_tokens',
    'flops_executed',
    'flops_nominal',
    'elapsed_ms',
  ];
  const rows = curves.flatMap(({ points }) =>
    points.map(({ strategy, budget, value, low, high, runs, ledger }) => [
      strategy,
      budget,
      MEASURE_WORDS[measure],
      value,
      low,
      high,
      runs,
      ledger.generations,
      ledger.policyTokens,
      ledger.verifierTokens,
      ledger.flopsExecuted,
      ledger.flopsNominal,
      ledger.elapsedMs,
    ]),
  );
  return toCsv(header, rows);
}
