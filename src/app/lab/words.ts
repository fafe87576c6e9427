/** Differences in the words of tables. Pure. */
import type { PairedDifference } from '../../shared/statistics.ts';

/** Percentage points with one decimal and a sign. */
export function signedPoints(share: number): string {
  const points = (share * 100).toFixed(1);
  return Number(points) > 0
    ? `+${points}`
    : Number(points) === 0
      ? '0.0'
      : points.replace('-', '−');
}

export function intervalInPoints({ low, high }: Pick<PairedDifference, 'low' | 'high'>): string {
  return `${signedPoints(low)} to ${signedPoints(high)}`;
}

export function differenceVerdict({ tie, mean, problems }: PairedDifference): string {
  if (problems === 0) return 'nothing in common';
  return tie ? 'tie' : mean > 0 ? 'better' : 'worse';
}
