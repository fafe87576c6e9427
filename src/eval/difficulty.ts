/**
 * Difficulty of problems in five quantile bins (Snell et al. 2024, section 3.2). Bin 1 is the
 * easiest. Pure.
 */
import { mean, quantileBins } from '../shared/statistics.ts';
import type { SweepResult } from './sweep-result.ts';

const DIFFICULTY_BINS = 5;

/**
 * `oracle`: the policy's own pass@1 over all samples, which needs the truth. `predicted`: the
 * verifier's mean final score over the same samples, which does not.
 */
export type DifficultyKind = 'oracle' | 'predicted';

/** Ease of each problem from its independent samples (best-of-n runs with details). */
export function easeOf(
  results: readonly SweepResult[],
  kind: DifficultyKind,
): ReadonlyMap<string, number> {
  const sums = new Map<string, { value: number; samples: number }>();
  for (const { id, details, strategy } of results) {
    if (details === undefined || strategy.split(':')[0] !== 'best-of-n') continue;
    const { samples, correctSamples, meanScore } = details;
    const value = kind === 'oracle' ? correctSamples : meanScore && meanScore * samples;
    if (value === null || samples === 0) continue;
    const sum = sums.get(id) ?? { value: 0, samples: 0 };
    sums.set(id, { value: sum.value + value, samples: sum.samples + samples });
  }
  return new Map([...sums].map(([id, sum]) => [id, sum.value / sum.samples]));
}

export interface Binning {
  readonly bins: ReadonlyMap<string, number>;
  /** Lower end of ease of bins 1 … bins-1, descending (see compute-optimal-table.ts). */
  readonly thresholds: readonly number[];
  /** Mean ease and number of problems of bins 1 … bins. */
  readonly sizes: readonly number[];
  readonly meanEase: readonly number[];
}

export function binByEase(ease: ReadonlyMap<string, number>, bins = DIFFICULTY_BINS): Binning {
  const ids = [...ease.keys()];
  const values = [...ease.values()];
  const assigned = quantileBins(values, bins);
  const inBin = Array.from({ length: bins }, (_, at) =>
    values.filter((_value, i) => assigned[i] === at + 1),
  );
  return {
    bins: new Map(ids.map((id, i) => [id, assigned[i]])),
    thresholds: inBin.slice(0, -1).map((own) => (own.length === 0 ? 1 : Math.min(...own))),
    sizes: inBin.map((own) => own.length),
    meanEase: inBin.map((own) => (own.length === 0 ? 0 : mean(own))),
  };
}
