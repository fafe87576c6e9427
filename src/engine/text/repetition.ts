/**
 * Small language models at times write the same step for ever. A branch that does so costs a round of
 * the search each time and never ends, so it is ended here. Pure.
 */

/** So often in turn, and no more. */
const TIMES = 3;
/** Steps of the longest circle that is looked for. */
const LONGEST = 3;

/** Whether the last steps are one step, or two or three in turn, `TIMES` times running, verbatim. */
export function goesInCircles(steps: readonly string[]): boolean {
  for (let length = 1; length <= LONGEST; length++) {
    const last = steps.slice(-length * TIMES);
    const repeats = last.every((text, i) => text === last[i % length]);
    if (last.length === length * TIMES && repeats) return true;
  }
  return false;
}
