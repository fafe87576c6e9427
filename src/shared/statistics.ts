/** Estimates and intervals for accuracies (algorithms.md, "Statistics"). Pure; bootstraps draw from
 * a given seed, so that equal data give equal intervals. */
import { rootStream, StreamRandom } from './random.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Estimate extends Interval {
  readonly mean: number;
}

/** Two-sided 95 % quantile of the standard normal distribution. */
const Z_95 = 1.959963984540054;

const BOOTSTRAP_ROUNDS = 1000;

/** Wilson score interval, 95 %, of `successes` out of `trials`; the whole range without trials. */
export function wilson95(successes: number, trials: number): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const z2 = Z_95 * Z_95;
  const scale = 1 / (1 + z2 / trials);
  const centre = (share + z2 / (2 * trials)) * scale;
  const half =
    Z_95 * scale * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials));
  // At the ends the interval touches 0 or 1 exactly; rounding must not push it past the share.
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
  };
}

/**
 * Unbiased pass@k: the chance that k of n samples, c of them correct, contain a correct one:
 * 1 - C(n-c, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374). Needs k ≤ n.
 */
export function passAtK(samples: number, correct: number, k: number): number {
  if (samples - correct < k) return 1;
  let missed = 1;
  for (let i = samples - correct + 1; i <= samples; i++) missed *= 1 - k / i;
  return 1 - missed;
}

/** The pass@k of every problem, averaged; problems with fewer than k samples are left out. */
export function meanPassAtK(
  problems: readonly { samples: number; correct: number }[],
  k: number,
): number | null {
  const usable = problems.filter(({ samples }) => samples >= k);
  if (usable.length === 0) return null;
  return mean(usable.map(({ samples, correct }) => passAtK(samples, correct, k)));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Mean over problems of the mean over each problem's values (its seeds), with a 95 % percentile
 * bootstrap: problems are drawn anew, then seeds inside each. Problems without values are ignored.
 */
export function bootstrapMean(
  problems: readonly (readonly number[])[],
  seed: number,
  rounds = BOOTSTRAP_ROUNDS,
): Estimate {
  const usable = problems.filter((values) => values.length > 0);
  if (usable.length === 0) return { mean: 0, low: 0, high: 1 };
  const random = new StreamRandom(rootStream(seed, 'bootstrap'));
  const draws = Array.from({ length: rounds }, () => {
    let sum = 0;
    for (let i = 0; i < usable.length; i++) {
      const values = usable[random.integer(0, usable.length - 1)];
      for (let j = 0; j < values.length; j++) {
        sum += values[random.integer(0, values.length - 1)] / values.length;
      }
    }
    return sum / usable.length;
  });
  draws.sort((a, b) => a - b);
  return {
    mean: mean(usable.map(mean)),
    low: quantile(draws, 0.025),
    high: quantile(draws, 0.975),
  };
}

export interface PairedDifference extends Estimate {
  /** Problems measured under both. */
  readonly problems: number;
  /** The interval contains 0: the data do not tell the two apart. */
  readonly tie: boolean;
}

/**
 * Accuracy of `b` minus that of `a` over the same problems, with a bootstrap over problems, then
 * seeds. Seeds are paired by index where both have the same number, else compared by their means.
 */
export function pairedDifference(
  a: ReadonlyMap<string, readonly number[]>,
  b: ReadonlyMap<string, readonly number[]>,
  seed: number,
): PairedDifference {
  const differences: number[][] = [];
  for (const [id, first] of a) {
    const second = b.get(id);
    if (second === undefined || first.length === 0 || second.length === 0) continue;
    differences.push(
      first.length === second.length
        ? first.map((value, i) => second[i] - value)
        : [mean(second) - mean(first)],
    );
  }
  const problems = differences.length;
  if (problems === 0) return { mean: 0, low: -1, high: 1, problems, tie: true };
  const estimate = bootstrapMean(differences, seed);
  return { ...estimate, problems, tie: estimate.low <= 0 && estimate.high >= 0 };
}

/** Quantile of ascending values with linear interpolation (Hyndman & Fan type 7). */
export function quantile(ascending: readonly number[], share: number): number {
  const at = (ascending.length - 1) * share;
  const below = Math.floor(at);
  const above = Math.min(below + 1, ascending.length - 1);
  return ascending[below] + (ascending[above] - ascending[below]) * (at - below);
}

/**
 * Cuts items into `bins` groups of equal size by descending ease; bin 1 is the easiest. Sizes
 * differ by one at most. Ties keep their order, so they may fall on both sides of a cut.
 */
export function quantileBins(ease: readonly number[], bins: number): number[] {
  const order = ease.map((_, i) => i).sort((a, b) => ease[b] - ease[a]);
  const assigned = new Array<number>(ease.length);
  order.forEach((item, rank) => {
    assigned[item] = Math.floor((rank * bins) / ease.length) + 1;
  });
  return assigned;
}
