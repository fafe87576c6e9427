/**
 * How a strategy looks wherever it appears (chart, legend, table, tree): one colour, dash and
 * marker each, so that no reader depends on colour alone. A selection rule other than the default
 * keeps the colour and changes dash and marker fill. The colours themselves are custom properties
 * in theme.css, one value each for light and dark.
 */
import { STRATEGIES, type StrategyId } from '../../shared/run-config.ts';

export type MarkerShape = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'star';

export interface StrategyStyle {
  readonly label: string;
  /** A CSS colour expression, valid in styles and in SVG attributes. */
  readonly color: string;
  /** SVG `stroke-dasharray`; empty is a solid line. */
  readonly dash: string;
  readonly marker: MarkerShape;
  readonly hollow: boolean;
}

interface BaseStyle {
  readonly label: string;
  readonly dash: string;
  readonly marker: MarkerShape;
}

const BASE: Record<StrategyId, BaseStyle> = {
  greedy: { label: 'Greedy', dash: '2 3', marker: 'cross' },
  'best-of-n': { label: 'Best-of-N', dash: '', marker: 'circle' },
  beam: { label: 'Beam search', dash: '8 3', marker: 'square' },
  lookahead: { label: 'Lookahead', dash: '3 3', marker: 'triangle' },
  dvts: { label: 'DVTS', dash: '9 3 2 3', marker: 'diamond' },
  revise: { label: 'Revisions', dash: '1 3', marker: 'star' },
  auto: { label: 'Auto', dash: '12 2', marker: 'circle' },
};

const SELECTION: Record<string, { label: string; dash: string }> = {
  majority: { label: 'majority vote', dash: '5 4' },
  best: { label: 'single best', dash: '1 4' },
  weighted: { label: 'weighted vote', dash: '' },
};

/** Curves that are no strategy of their own. */
const DERIVED: Record<string, StrategyStyle> = {
  'compute-optimal': {
    label: 'Compute-optimal',
    color: 'var(--strategy-auto)',
    dash: '12 2',
    marker: 'circle',
    hollow: false,
  },
  'compute-optimal:charged': {
    label: 'Compute-optimal, estimate charged',
    color: 'var(--strategy-auto)',
    dash: '4 4',
    marker: 'circle',
    hollow: true,
  },
  'pass@k': {
    label: 'pass@k (any sample right)',
    color: 'var(--muted)',
    dash: '2 3',
    marker: 'diamond',
    hollow: true,
  },
  larger: {
    label: 'Larger policy, greedy',
    color: 'var(--strategy-auto)',
    dash: '',
    marker: 'star',
    hollow: false,
  },
};

function isStrategy(text: string): text is StrategyId {
  return (STRATEGIES as readonly string[]).includes(text);
}

/** Style of `strategy`, `strategy:selection` or with parameters, as `eval` names its curves. */
export function strategyStyle(name: string): StrategyStyle {
  const derived = DERIVED[name];
  if (derived !== undefined) return derived;
  const [strategy, ...parts] = name.split(':');
  const parameters = parts
    .filter((part) => part.includes('='))
    .map((part) => (part === 'width=0' ? 'width √N' : part));
  if (parameters.length > 0) {
    const plain = strategyStyle(
      [strategy, ...parts.filter((part) => !part.includes('='))].join(':'),
    );
    // A variant: the family's colour and marker, another dash.
    return { ...plain, label: `${plain.label}, ${parameters.join(', ')}`, dash: '6 2 2 2' };
  }
  const selection = parts[0];
  if (!isStrategy(strategy)) {
    return { label: name, color: 'var(--muted)', dash: '', marker: 'circle', hollow: true };
  }
  const base = BASE[strategy];
  const color = `var(--strategy-${strategy})`;
  const rule = selection === undefined ? undefined : SELECTION[selection];
  if (rule === undefined || selection === 'weighted') return { ...base, color, hollow: false };
  return {
    label: `${base.label}, ${rule.label}`,
    color,
    dash: rule.dash,
    marker: base.marker,
    hollow: true,
  };
}

/** SVG path of a marker centred on the origin, about `size` pixels across. */
export function markerPath(shape: MarkerShape, size: number): string {
  const r = size / 2;
  switch (shape) {
    case 'circle':
      return `M${-r},0a${r},${r} 0 1,0 ${size},0a${r},${r} 0 1,0 ${-size},0Z`;
    case 'square':
      return `M${-r},${-r}H${r}V${r}H${-r}Z`;
    case 'triangle':
      return `M0,${-r}L${r},${r}H${-r}Z`;
    case 'diamond':
      return `M0,${-r * 1.2}L${r * 1.2},0L0,${r * 1.2}L${-r * 1.2},0Z`;
    case 'cross':
      return `M${-r},${-r}L${r},${r}M${-r},${r}L${r},${-r}`;
    case 'star': {
      // Its arms are thin: it needs more room to be seen.
      const [arm, slant] = [r * 1.6, r * 1.1];
      return `M0,${-arm}V${arm}M${-arm},0H${arm}M${-slant},${-slant}L${slant},${slant}M${-slant},${slant}L${slant},${-slant}`;
    }
  }
}
