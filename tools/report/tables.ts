/** Rows of the curves and calibration files as Markdown tables. Pure. */
import { strategyStyle } from '../../src/app/ui/strategy-style.ts';
import { wilson95 } from '../../src/shared/statistics.ts';
import type {
  Calibration,
  CurvesFile,
  Difference,
  Difficulty,
  ReportPoint,
} from './curves-file.ts';

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[]) => `| ${row.map(escapeCell).join(' | ')} |`;
  return [cells(head), `|${head.map(() => '---|').join('')}`, ...rows.map(cells)].join('\n');
}

function escapeCell(words: string): string {
  return words.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}

export function three(value: number): string {
  const text = Math.abs(value).toFixed(3).replace(/^0\./, '.');
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

const range = (low: number, high: number) => `${three(low)} – ${three(high)}`;
const label = (strategy: string) => strategyStyle(strategy).label;

/** One row a strategy, one column a budget. */
export function accuracyTable(points: readonly ReportPoint[]): string {
  const budgets = [...new Set(points.map(({ budget }) => budget))].sort((a, b) => a - b);
  const strategies = [...new Set(points.map(({ strategy }) => strategy))];
  const rows = strategies.map((strategy) => [
    label(strategy),
    ...budgets.map((budget) => {
      const point = points.find((one) => one.strategy === strategy && one.budget === budget);
      if (point === undefined || point.accuracy === null) return '–';
      const { low, high } = point;
      const interval = low === null || high === null ? '' : ` (${range(low, high)})`;
      return three(point.accuracy) + interval;
    }),
  ]);
  return table(['strategy', ...budgets.map(String)], rows);
}

/** Empty string without rows. */
export function differenceTable(differences: readonly Difference[]): string {
  if (differences.length === 0) return '';
  return table(
    ['strategy', 'against', 'generations', 'difference', '95 % interval', ''],
    differences.map(({ strategy, against, budget, mean, low, high, tie }) => [
      label(strategy),
      label(against),
      String(budget),
      three(mean),
      range(low, high),
      tie ? 'tie' : mean > 0 ? 'better' : 'worse',
    ]),
  );
}

/** What the compute-optimal choice would run: one row a bin, one column a budget. */
export function choiceTable({ sizes, meanEase, optimal: { choices } }: Difficulty): string {
  const budgets = [...new Set(choices.map(({ budget }) => budget))].sort((a, b) => a - b);
  const rows = sizes.map((size, at) => [
    `${at + 1}`,
    String(size),
    meanEase[at] === undefined ? '–' : three(meanEase[at]),
    ...budgets.map((budget) => {
      const choice = choices.find((one) => one.bin === at + 1 && one.budget === budget);
      return choice === undefined ? '–' : label(choice.strategy);
    }),
  ]);
  return table(['bin', 'problems', 'mean ease', ...budgets.map(String)], rows);
}

export function passAtKTable({ passAtK }: CurvesFile): string {
  return table(
    ['k', ...passAtK.map(({ k }) => String(k))],
    [['pass@k', ...passAtK.map(({ value }) => three(value))]],
  );
}

/** Expected calibration error: the mean distance of predicted and observed, weighted by count. */
export function calibrationError(bins: Calibration['steps'][number]['bins']): number {
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  const off = bins.reduce((sum, { mean, right, count }) => sum + Math.abs(mean * count - right), 0);
  return all === 0 ? 0 : off / all;
}

export function calibrationTable({ steps }: Calibration): string {
  const rows = steps.flatMap(({ step, bins }) =>
    bins
      .filter(({ count }) => count > 0)
      .map(({ low, high, mean, right, count, reachable = 0, known = 0 }) => {
        const interval = wilson95(right, count);
        return [
          String(step),
          range(low, high),
          String(count),
          three(mean),
          three(right / count),
          range(interval.low, interval.high),
          known === 0 ? '–' : three(reachable / known),
        ];
      }),
  );
  return table(
    ['step', 'bin', 'prefixes', 'mean predicted', 'ended right', '95 % interval', 'reachable'],
    rows,
  );
}
