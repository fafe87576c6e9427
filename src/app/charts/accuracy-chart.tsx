/** The drawing of the curves. Loaded when first shown: Recharts is larger than the page. */
import { useMemo } from 'react';
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { formatPercent, formatShort } from '../ui/format.ts';
import { markerPath, strategyStyle } from '../ui/strategy-style.ts';
import { computeOf, logDomain, logTicks, type Axis, type Curve } from './series.ts';

export interface Mark {
  readonly label: string;
  /** In units of the axis. */
  readonly x: number;
  readonly kind: 'spent' | 'planned';
}

interface Props {
  readonly curves: readonly Curve[];
  readonly axis: Axis;
  readonly marks: readonly Mark[];
}

type Row = { x: number } & Record<string, number | readonly [number, number]>;

export default function AccuracyChart({ curves, axis, marks }: Props) {
  const rows = useMemo(() => rowsOf(curves, axis), [curves, axis]);
  const visible = marks.filter((mark) => mark.x > 0);
  const domain = logDomain([...rows.map((row) => row.x), ...visible.map((mark) => mark.x)]);
  return (
    <ResponsiveContainer width="100%" height="100%">
      <ComposedChart
        data={rows}
        margin={{ top: 16, right: 12, bottom: 4, left: 0 }}
        accessibilityLayer={false}
      >
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis
          dataKey="x"
          type="number"
          scale="log"
          domain={domain}
          ticks={logTicks(domain, axis)}
          allowDataOverflow
          tickFormatter={formatTick}
          tick={{ fill: 'var(--muted)', fontSize: 11 }}
          stroke="var(--line-strong)"
          height={22}
        />
        <YAxis
          domain={[0, 1]}
          ticks={[0, 0.25, 0.5, 0.75, 1]}
          tickFormatter={formatPercent}
          tick={{ fill: 'var(--muted)', fontSize: 11 }}
          stroke="var(--line-strong)"
          width={44}
        />
        <Tooltip content={<Hover axis={axis} />} isAnimationActive={false} />
        {curves.map(({ strategy }) => (
          <Area
            key={`band:${strategy}`}
            dataKey={`band:${strategy}`}
            type="linear"
            stroke="none"
            fill={strategyStyle(strategy).color}
            fillOpacity={0.14}
            connectNulls
            isAnimationActive={false}
            activeDot={false}
            tooltipType="none"
          />
        ))}
        {curves.map(({ strategy }) => (
          <StrategyLine key={strategy} strategy={strategy} />
        ))}
        {/* A band needs two points; a lone one shows its interval as an upright line. */}
        {curves.map(({ strategy, points }) =>
          points.length === 1 ? (
            <ReferenceLine
              key={`interval:${strategy}`}
              segment={[
                { x: computeOf(points[0].ledger, axis), y: points[0].low },
                { x: computeOf(points[0].ledger, axis), y: points[0].high },
              ]}
              stroke={strategyStyle(strategy).color}
              strokeOpacity={0.5}
              strokeWidth={2}
            />
          ) : null,
        )}
        {visible.map((mark) => (
          <ReferenceLine
            key={mark.kind}
            x={mark.x}
            stroke={mark.kind === 'spent' ? 'var(--ink)' : 'var(--muted)'}
            strokeDasharray={mark.kind === 'spent' ? undefined : '3 3'}
            label={{
              value: mark.label,
              // Above and below, so that two marks close together can both be read.
              position: mark.kind === 'spent' ? 'top' : 'insideBottomRight',
              fontSize: 11,
              fill: 'var(--muted)',
            }}
            ifOverflow="hidden"
          />
        ))}
      </ComposedChart>
    </ResponsiveContainer>
  );
}

/** Recharts reads its children's types, so this is a function that returns a Line, not a wrapper. */
function StrategyLine({ strategy }: { readonly strategy: string }) {
  const style = strategyStyle(strategy);
  return (
    <Line
      dataKey={strategy}
      type="linear"
      stroke={style.color}
      strokeWidth={1.75}
      strokeDasharray={style.dash}
      connectNulls
      isAnimationActive={false}
      dot={(props: { cx?: number; cy?: number | null; index?: number }) => (
        <Marker key={props.index} strategy={strategy} cx={props.cx} cy={props.cy} />
      )}
      activeDot={false}
    />
  );
}

interface MarkerProps {
  readonly strategy: string;
  readonly cx: number | undefined;
  readonly cy: number | null | undefined;
}

function Marker({ strategy, cx, cy }: MarkerProps) {
  if (cx === undefined || cy === undefined || cy === null || Number.isNaN(cy)) return <g />;
  const style = strategyStyle(strategy);
  return (
    <path
      d={markerPath(style.marker, 7)}
      transform={`translate(${cx},${cy})`}
      fill={style.hollow ? 'var(--bg)' : style.color}
      stroke={style.color}
      strokeWidth={1.5}
    />
  );
}

interface HoverProps {
  readonly axis: Axis;
  readonly active?: boolean;
  readonly label?: number | string;
  readonly payload?: readonly { dataKey?: unknown; value?: unknown; payload?: Row }[];
}

function Hover({ axis, active, label, payload }: HoverProps) {
  if (!active || payload === undefined || payload.length === 0) return null;
  return (
    <div className="chart-hover small">
      <div className="muted">
        {formatTick(Number(label))} {axis}
      </div>
      {payload.map((entry) => {
        const name = String(entry.dataKey);
        const band = entry.payload?.[`band:${name}`];
        if (typeof entry.value !== 'number' || !Array.isArray(band)) return null;
        return (
          <div key={name}>
            {strategyStyle(name).label}: {formatPercent(entry.value)}{' '}
            <span className="muted">
              ({formatPercent(band[0])} to {formatPercent(band[1])})
            </span>
          </div>
        );
      })}
    </div>
  );
}

function rowsOf(curves: readonly Curve[], axis: Axis): Row[] {
  const rows = new Map<number, Row>();
  for (const { strategy, points } of curves) {
    for (const point of points) {
      const x = computeOf(point.ledger, axis);
      const row: Row = rows.get(x) ?? { x };
      row[strategy] = point.value;
      row[`band:${strategy}`] = [point.low, point.high];
      rows.set(x, row);
    }
  }
  return [...rows.values()].sort((a, b) => a.x - b.x);
}

function formatTick(value: number): string {
  return value < 1000 ? String(Number(value.toPrecision(2))) : formatShort(value);
}
