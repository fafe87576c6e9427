/** Rows of the curves and calibration files as figures. Pure. */
import { strategyStyle, type StrategyStyle } from '../../src/app/ui/strategy-style.ts';
import { wilson95 } from '../../src/shared/statistics.ts';
import type { Calibration, CurvesFile, Difficulty, ReportPoint } from './curves-file.ts';
import type { Figure, FigurePoint, Panel, Series } from './figure.ts';

const GENERATIONS = {
  xLabel: 'generations',
  yLabel: 'accuracy',
  xScale: 'powers',
  intervals: 'band',
} as const;

const ENDED_RIGHT: StrategyStyle = {
  label: 'the solution ended right',
  color: 'var(--accent)',
  dash: '',
  marker: 'circle',
  hollow: false,
};

const REACHABLE: StrategyStyle = {
  label: 'a right end can still be reached (solver)',
  color: 'var(--strategy-beam)',
  dash: '5 4',
  marker: 'square',
  hollow: true,
};

export function accuracyFigure(curves: CurvesFile): Figure {
  return {
    ...GENERATIONS,
    title: `Accuracy against generations, ${curves.label}`,
    description: 'Accuracy of each strategy at each budget, with 95 % intervals as bands.',
    panels: [{ title: curves.label, series: seriesOf(curves.points) }],
  };
}

/** null where the file was written before families were told apart. */
export function familyFigure({ label, byFamily }: CurvesFile): Figure | null {
  if (byFamily === undefined || byFamily.length === 0) return null;
  return {
    ...GENERATIONS,
    title: `Accuracy by family, ${label}`,
    description: 'Accuracy against generations, one panel a family, with 95 % intervals as bands.',
    panels: byFamily.map(({ family, points }) => ({
      title: `${family} (${Math.max(0, ...points.map(({ problems }) => problems))} problems)`,
      series: seriesOf(points),
    })),
  };
}

export function difficultyFigure(label: string, difficulty: Difficulty): Figure {
  const { kind, sizes, meanEase, bins } = difficulty;
  return {
    ...GENERATIONS,
    title: `Accuracy by ${kind} difficulty, ${label}`,
    description:
      'Accuracy against generations in each difficulty bin, the easiest first, with 95 % intervals as bands.',
    panels: sizes.map((size, at): Panel => ({
      title: `Bin ${at + 1}: ease ${meanEase[at]?.toFixed(2) ?? '?'} (${size} problems)`,
      series: seriesOf(bins[at] ?? []),
    })),
  };
}

/** The compute-optimal curve without and with the samples of the estimate, beside what needs none. */
export function optimalFigure({ label, points }: CurvesFile, difficulty: Difficulty): Figure {
  const { kind, optimal, cost } = difficulty;
  const curve = (name: string, extra: number): Series => ({
    name,
    style: strategyStyle(name),
    points: optimal.points.map(({ budget, mean: y, low, high }) => ({
      ...{ x: budget + extra, y, low, high },
    })),
  });
  const compared = points.filter(({ strategy }) => ['best-of-n', 'auto'].includes(strategy));
  return {
    ...GENERATIONS,
    title: `Compute-optimal choice by ${kind} difficulty, ${label}`,
    description:
      'Accuracy of the best strategy of each bin, chosen and measured on different halves, with 95 % intervals as bands.',
    panels: [
      {
        title: label,
        series: [
          curve('compute-optimal', 0),
          curve('compute-optimal:charged', cost.generations),
          ...seriesOf(compared),
        ],
      },
    ],
  };
}

/** Any sample right, beside what selections make of the same samples. */
export function passAtKFigure({ label, passAtK, points }: CurvesFile): Figure {
  const any: Series = {
    name: 'pass@k',
    style: strategyStyle('pass@k'),
    points: passAtK.map(({ k, value }) => ({ x: k, y: value })),
  };
  const chosen = seriesOf(points.filter(({ strategy }) => strategy.startsWith('best-of-n')));
  return {
    ...GENERATIONS,
    title: `pass@k, ${label}`,
    description: 'Chance that any of k samples is right, and accuracy of choosing one of them.',
    xLabel: 'samples',
    panels: [{ title: label, series: [any, ...chosen] }],
  };
}

/** Reliability diagrams: the diagonal is a verifier whose values are the chances they name. */
export function calibrationFigure({ model, steps }: Calibration): Figure {
  return {
    title: `Calibration of ${model}`,
    description: 'Share of right solutions against the predicted value, one panel a step.',
    xLabel: 'mean predicted value',
    yLabel: 'share right',
    xScale: 'share',
    intervals: 'bars',
    panels: steps.map(({ step, last, bins }): Panel => {
      const prefixes = bins.reduce((sum, { count }) => sum + count, 0);
      const right = reliability(bins.map((bin) => ({ ...bin, of: bin.count })));
      const reachable = reliability(
        bins.map(({ mean, reachable: hits = 0, known = 0 }) => ({ mean, right: hits, of: known })),
      );
      const series = { name: 'right', style: ENDED_RIGHT, points: right };
      const possible = { name: 'reachable', style: REACHABLE, points: reachable };
      return {
        title: `${stepName(step, last)} (${prefixes} prefixes)`,
        series: reachable.length === 0 ? [series] : [series, possible],
      };
    }),
  };
}

export function stepName(step: number, last = false): string {
  return last ? `Step ${step} and later` : `Step ${step}`;
}

function reliability(bins: readonly { mean: number; right: number; of: number }[]): FigurePoint[] {
  return bins
    .filter(({ of }) => of > 0)
    .map(({ mean, right, of }) => ({ x: mean, y: right / of, ...wilson95(right, of) }));
}

type Row = Pick<ReportPoint, 'strategy' | 'budget' | 'accuracy'> &
  Partial<Pick<ReportPoint, 'low' | 'high'>>;

function seriesOf(rows: readonly Row[]): Series[] {
  const names = [...new Set(rows.map(({ strategy }) => strategy))];
  return names.map((name) => ({
    name,
    style: strategyStyle(name),
    points: rows
      .filter(({ strategy }) => strategy === name)
      .flatMap(({ budget, accuracy, low, high }): FigurePoint[] => {
        if (accuracy === null) return [];
        const known = typeof low === 'number' && typeof high === 'number';
        return [{ x: budget, y: accuracy, ...(known ? { low, high } : {}) }];
      }),
  }));
}
