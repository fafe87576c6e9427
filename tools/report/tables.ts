/** Rows of the curves and calibration files as Markdown tables. Pure. */
import { strategyStyle } from '../../src/app/ui/strategy-style.ts';
import { wilson95 } from '../../src/shared/statistics.ts';
import type {
  Calibration,
  CurvesFile,
  Difference,
  Difficulty,
  ReportPoint,
  Saving,
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
      return point === undefined ? '–' : cellOf(point);
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

/** Generations that each curve needs for the accuracy of best-of-n at its reference budget. Empty
 * string where nothing could be compared. */
export function savingTable({ savings = [], byDifficulty }: CurvesFile): string {
  const rows = [
    ...byDifficulty.flatMap(({ kind, saving }) =>
      saving === null
        ? []
        : [
            savingRow(`Compute-optimal, ${kind} bins, estimate free`, saving.free),
            savingRow(`Compute-optimal, ${kind} bins, estimate charged`, saving.charged),
          ],
    ),
    ...savings.map(({ strategy, saving }) => savingRow(label(strategy), saving)),
  ];
  if (rows.length === 0) return '';
  return table(
    ['curve', 'generations', 'times fewer', '95 % interval', 'draws that reach it'],
    rows,
  );
}

function savingRow(name: string, { budget, ratio, low, high, most, reached }: Saving): string[] {
  // The smallest measured budget suffices: the true ratio may be larger.
  const times = (value: number | null): string =>
    value === null
      ? 'not reached'
      : `${value >= most * 0.999 ? 'at least ' : ''}${value.toFixed(2)}`;
  return [
    name,
    budget === null ? '–' : budget.toFixed(budget < 10 ? 1 : 0),
    times(ratio),
    `${times(low)} – ${times(high)}`,
    `${(reached * 100).toFixed(0)} %`,
  ];
}

/** Runs of their own against those read out of larger runs. */
export function separateTable({ separate = [] }: CurvesFile): string {
  if (separate.length === 0) return '';
  return table(
    ['strategy', 'generations', 'own runs − read out', '95 % interval', ''],
    separate.map(({ strategy, budget, mean, low, high, tie }) => [
      ...[label(strategy), String(budget), three(mean), range(low, high)],
      tie ? 'equal within the interval' : 'different',
    ]),
  );
}

/** Greedy answers of the larger policy beside the small one's, by bin. */
export function largerTable(
  { larger }: CurvesFile,
  { members, bins, sizes, meanEase }: Difficulty,
): string {
  if (larger === null) return '';
  const right = new Map(larger.results.map(({ id, correct }) => [id, correct]));
  const rows = members.map((ids, at) => {
    const known = ids.flatMap((id) => right.get(id) ?? []);
    const hits = known.filter((correct) => correct).length;
    const small = bins[at].find(({ strategy }) => strategy === 'greedy');
    return [
      ...[`${at + 1}`, String(sizes[at]), three(meanEase[at] ?? 0)],
      small === undefined ? '–' : cellOf(small),
      known.length === 0
        ? '–'
        : cellOf({ accuracy: hits / known.length, ...wilson95(hits, known.length) }),
    ];
  });
  return table(['bin', 'problems', 'mean ease', 'small, greedy', 'larger, greedy'], rows);
}

function cellOf({ accuracy, low, high }: Pick<ReportPoint, 'accuracy' | 'low' | 'high'>): string {
  if (accuracy === null) return '–';
  return three(accuracy) + (low === null || high === null ? '' : ` (${range(low, high)})`);
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
