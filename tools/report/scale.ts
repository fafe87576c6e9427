/** Data to pixels, and the numbers at the axes. Pure. */
export interface Scale {
  /** Pixel of a value. */
  at(value: number): number;
  readonly ticks: readonly number[];
}

export const SHARE_TICKS = [0, 0.25, 0.5, 0.75, 1];

/** Shares 0 … 1 from pixel `from` to pixel `to`; values beyond are held at the ends. */
export function shareScale(from: number, to: number): Scale {
  const at = (value: number) => from + (to - from) * Math.min(1, Math.max(0, value));
  return { at, ticks: SHARE_TICKS };
}

/** Logarithmic, from the lowest value to the highest; ticks at powers of two, every second one where
 * there are many. */
export function powersScale(values: readonly number[], from: number, to: number): Scale {
  const logs = values.filter((value) => value > 0).map(Math.log2);
  const low = Math.floor(Math.min(...logs, Infinity) + 1e-9);
  const high = Math.ceil(Math.max(...logs, -Infinity) - 1e-9);
  if (!Number.isFinite(low)) return { at: () => (from + to) / 2, ticks: [] };
  const span = Math.max(1, high - low);
  // One value alone stands in the middle.
  const start = high === low ? low - 0.5 : low;
  const every = high - low > 5 ? 2 : 1;
  const ticks: number[] = [];
  for (let power = low; power <= high; power += every) ticks.push(2 ** power);
  return {
    at: (value) => from + ((to - from) * (Math.log2(value) - start)) / span,
    ticks,
  };
}
