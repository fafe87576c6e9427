/** What a figure shows, before it is drawn: panels that share one legend. Plain data. */
import type { StrategyStyle } from '../../src/app/ui/strategy-style.ts';

export interface FigurePoint {
  readonly x: number;
  /** A share in 0 … 1, with its 95 % interval where one is known. */
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

export interface Series {
  readonly name: string;
  readonly style: StrategyStyle;
  readonly points: readonly FigurePoint[];
}

export interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
}

export interface Figure {
  readonly title: string;
  /** One sentence for readers who do not see it. */
  readonly description: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Powers of two along x, or shares in 0 … 1 with the line on which y equals x. */
  readonly xScale: 'powers' | 'share';
  /** How intervals are drawn. */
  readonly intervals: 'band' | 'bars';
  readonly panels: readonly Panel[];
}
