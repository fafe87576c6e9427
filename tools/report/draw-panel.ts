/** One panel of a figure: axes, intervals, curves, markers. Pure. */
import { markerPath, type StrategyStyle } from '../../src/app/ui/strategy-style.ts';
import type { Figure, FigurePoint, Panel, Series } from './figure.ts';
import { powersScale, shareScale, type Scale } from './scale.ts';
import { element, path, px, text } from './svg.ts';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const MARGIN = { left: 46, right: 14, top: 30, bottom: 42 };
const MARKER = 8;

interface Axes {
  readonly x: Scale;
  readonly y: Scale;
}

export function drawPanel(figure: Figure, panel: Panel, box: Box): string {
  const left = box.left + MARGIN.left;
  const right = box.left + box.width - MARGIN.right;
  const bottom = box.top + box.height - MARGIN.bottom;
  const y = shareScale(bottom, box.top + MARGIN.top);
  // All panels of a figure have one x axis, so that they can be compared.
  const all = figure.panels.flatMap(({ series }) => series.flatMap(({ points }) => points));
  const x =
    figure.xScale === 'share'
      ? shareScale(left, right)
      : powersScale(
          all.map((point) => point.x),
          left + MARKER,
          right - MARKER,
        );
  const axes = { x, y };
  const drawn = panel.series.filter(({ points }) => points.length > 0);
  return [
    text(panel.title, left, box.top + 16, { class: 'title' }),
    grid(figure, axes, { left, right, bottom, top: box.top + MARGIN.top }),
    ...drawn.map((series) => intervals(figure.intervals, series, axes)),
    ...drawn.map((series) => curve(series, axes)),
    drawn.length === 0
      ? text('not measured', (left + right) / 2, (y.at(0) + y.at(1)) / 2, {
          'text-anchor': 'middle',
        })
      : '',
  ].join('');
}

interface Edges {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function grid(figure: Figure, { x, y }: Axes, { left, right, top, bottom }: Edges): string {
  const lines = y.ticks.map((tick) =>
    element('path', { d: `M${px(left)},${px(y.at(tick))}H${px(right)}`, class: 'grid' }),
  );
  const numbers = [
    ...y.ticks.map((tick) => text(share(tick), left - 6, y.at(tick) + 4, { 'text-anchor': 'end' })),
    ...x.ticks.map((tick) => {
      const words = figure.xScale === 'share' ? share(tick) : String(tick);
      return text(words, x.at(tick), bottom + 16, { 'text-anchor': 'middle' });
    }),
  ];
  const middle = (top + bottom) / 2;
  const side = left - MARGIN.left + 11;
  return [
    ...lines,
    figure.xScale === 'share'
      ? element('path', {
          d: path([
            [x.at(0), y.at(0)],
            [x.at(1), y.at(1)],
          ]),
          class: 'diagonal',
        })
      : '',
    ...numbers,
    text(figure.xLabel, (left + right) / 2, bottom + 34, { 'text-anchor': 'middle' }),
    text(figure.yLabel, side, middle, {
      'text-anchor': 'middle',
      transform: `rotate(-90 ${px(side)} ${px(middle)})`,
    }),
  ].join('');
}

/** .25 without its zero: the axis is a share. */
export function share(value: number): string {
  return value === 0 || value === 1 ? String(value) : String(value).replace(/^0/, '');
}

function intervals(kind: Figure['intervals'], { style, points }: Series, { x, y }: Axes): string {
  const known = points.filter(hasInterval);
  if (kind === 'band') {
    if (known.length < 2) return '';
    const up = known.map((point) => [x.at(point.x), y.at(point.high)] as const);
    const down = known.map((point) => [x.at(point.x), y.at(point.low)] as const).reverse();
    return element('path', { d: `${path([...up, ...down])}Z`, fill: style.color, class: 'band' });
  }
  return known
    .map(({ x: at, low, high }) => {
      const [middle, lower, upper] = [x.at(at), y.at(low), y.at(high)];
      const cap = `M${px(middle - 3)},`;
      const d = `${path([
        [middle, lower],
        [middle, upper],
      ])}${cap}${px(lower)}h6${cap}${px(upper)}h6`;
      return element('path', { d, stroke: style.color, class: 'bar' });
    })
    .join('');
}

function hasInterval(point: FigurePoint): point is Required<FigurePoint> {
  return point.low !== undefined && point.high !== undefined;
}

function curve({ style, points }: Series, { x, y }: Axes): string {
  const places = [...points]
    .sort((a, b) => a.x - b.x)
    .map((point) => [x.at(point.x), y.at(point.y)] as const);
  return line(path(places), style) + places.map(([left, top]) => marker(style, left, top)).join('');
}

export function line(d: string, style: StrategyStyle): string {
  const dash: Record<string, string> = style.dash === '' ? {} : { 'stroke-dasharray': style.dash };
  return element('path', { d, stroke: style.color, class: 'line', ...dash });
}

/** Crosses and stars are strokes; a hollow marker shows the panel inside. */
export function marker(
  { marker: shape, color, hollow }: StrategyStyle,
  x: number,
  y: number,
): string {
  const open = shape === 'cross' || shape === 'star';
  const fill = open ? 'none' : hollow ? 'var(--panel)' : color;
  const attributes = { d: markerPath(shape, MARKER), stroke: color, fill, class: 'marker' };
  return element('path', { ...attributes, transform: `translate(${px(x)} ${px(y)})` });
}
