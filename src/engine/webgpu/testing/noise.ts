/** For tests: numbers that look random, and how far results are off. */

/** Numbers in [-1, 1), the same for one seed. */
export function noise(length: number, seed: number): Float32Array<ArrayBuffer> {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2147483648 - 1;
  });
}

/** The largest difference, relative to the larger of 1 and the expected size. */
export function worstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}
