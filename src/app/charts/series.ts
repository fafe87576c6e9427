/** Curves of accuracy against compute from measured results. Pure. */
import { meanLedger } from '../../eval/points.ts';
import type { Ledger } from '../../shared/ledger.ts';
import { wilson95 } from '../../shared/statistics.ts';
import type { SweepResult } from '../../eval/sweep-result.ts';

export const AXES = ['generations', 'tokens', 'flops', 'seconds'] as const;
export type Axis = (typeof AXES)[number];

export const AXIS_WORDS: Record<Axis, string> = {
  generations: 'generations (sampled answers)',
  tokens: 'tokens (written and verified)',
  flops: 'FLOPs (executed)',
  seconds: 'seconds',
};

/** What the height of a point is. */
export type Measure = 'accuracy' | 'voteShare' | 'score';

export const MEASURE_WORDS: Record<Measure, string> = {
  accuracy: 'accuracy',
  voteShare: 'vote share of the chosen answer',
  score: 'verifier score of the chosen answer',
};

/** One measured point of a curve. Compute is the mean of one run. */
export interface CurvePoint {
  readonly strategy: string;
  readonly budget: number;
  readonly value: number;
  /** 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** Runs behind the point: problems times seeds. */
  readonly runs: number;
  readonly ledger: Ledger;
}

export interface Curve {
  readonly strategy: string;
  /** In order of compute. */
  readonly points: readonly CurvePoint[];
}

/** More points than a reader can tell apart only cost time. */
const MAX_POINTS = 64;

export function computeOf(ledger: Ledger, axis: Axis): number {
  switch (axis) {
    case 'generations':
      return ledger.generations;
    case 'tokens':
      return ledger.policyTokens + ledger.verifierTokens;
    case 'flops':
      return ledger.flopsExecuted;
    case 'seconds':
      return ledger.elapsedMs / 1000;
  }
}

/** Points of every strategy and budget that has results for `measure`. */
export function pointsOf(results: readonly SweepResult[], measure: Measure): CurvePoint[] {
  const groups = new Map<string, SweepResult[]>();
  for (const result of results) {
    const key = JSON.stringify([result.strategy, result.budget]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  return [...groups.values()]
    .map((group) => pointOf(group, measure))
    .filter((point) => point !== null);
}

export function curvesOf(points: readonly CurvePoint[], axis: Axis): Curve[] {
  const byStrategy = new Map<string, CurvePoint[]>();
  for (const point of points) {
    if (!(computeOf(point.ledger, axis) > 0)) continue;
    const curve = byStrategy.get(point.strategy);
    if (curve === undefined) byStrategy.set(point.strategy, [point]);
    else curve.push(point);
  }
  return [...byStrategy].map(([strategy, curve]) => ({
    strategy,
    points: curve
      .sort((a, b) => computeOf(a.ledger, axis) - computeOf(b.ledger, axis))
      .slice(0, MAX_POINTS),
  }));
}

/** A positive domain for a logarithmic axis that holds all of `values`, with a little room. */
export function logDomain(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return [1, 10];
  const low = Math.min(...positive);
  const high = Math.max(...positive);
  const room = high / low < 1.5 ? 2 : 1.25;
  // The smallest doubles divide to 0, which a logarithm does not take.
  return [Math.max(low / room, Number.MIN_VALUE), high * room];
}

/** Round numbers inside a logarithmic domain: powers of 4 for generations; else of 10, with 2 and 5
 * between them where the domain is short. */
export function logTicks([low, high]: readonly [number, number], axis: Axis): number[] {
  if (axis === 'generations') return ticksOf(low, high, 4, [1]);
  const powers = ticksOf(low, high, 10, [1]);
  return powers.length >= 4 ? powers : ticksOf(low, high, 10, [1, 2, 5]);
}

function ticksOf(low: number, high: number, base: number, factors: readonly number[]): number[] {
  const ticks: number[] = [];
  const first = Math.floor(Math.log(low) / Math.log(base)) - 1;
  for (let power = first; base ** power <= high; power++) {
    ticks.push(...factors.map((factor) => factor * base ** power));
  }
  return ticks.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
}

function pointOf(group: readonly SweepResult[], measure: Measure): CurvePoint | null {
  const { strategy, budget } = group[0];
  const ledger = meanLedger(group.map((result) => result.ledger));
  const base = { strategy, budget, ledger };
  if (measure === 'accuracy') {
    const known = group.filter((result) => result.correct !== null);
    if (known.length === 0) return null;
    const right = known.filter((result) => result.correct).length;
    const interval = wilson95(right, known.length);
    return { ...base, value: right / known.length, ...interval, runs: known.length };
  }
  const values = group.map((result) => result[measure] ?? null).filter((value) => value !== null);
  if (values.length === 0) return null;
  return { ...base, ...meanInterval(values), runs: values.length };
}

/** Mean with a normal 95 % interval, kept inside [0, 1]: for shares and scores, not for counts. */
function meanInterval(values: readonly number[]): { value: number; low: number; high: number } {
  const n = values.length;
  const value = values.reduce((sum, one) => sum + one, 0) / n;
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / Math.max(1, n - 1);
  const half = 1.96 * Math.sqrt(variance / n);
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half) };
}
