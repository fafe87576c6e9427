import { expect, test } from 'vitest';
import { failureFlags } from './failure-flags.ts';

const candidates = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ index, finished: true })) as Parameters<
    typeof failureFlags
  >[0][number][];

const codes = (paths: string[][], chosen: number | null) =>
  failureFlags(candidates(paths.length), chosen, (at) => paths[at]).map((flag) => flag.code);

test('a repeated ending of the chosen solution is flagged, of another one not', () => {
  expect(
    codes(
      [
        ['a', 'b', 'b'],
        ['a', 'b', 'c'],
      ],
      0,
    ),
  ).toEqual(['repeated-steps']);
  expect(
    codes(
      [
        ['a', 'b', 'b'],
        ['a', 'b', 'c'],
      ],
      1,
    ),
  ).toEqual([]);
  expect(codes([['a', 'a', 'b']], 0)).toEqual([]);
  expect(codes([['a']], null)).toEqual([]);
});

test('a short solution is flagged only beside much longer ones', () => {
  const long = ['a', 'b', 'c', 'd'];
  expect(codes([['a', 'b'], long, long], 0)).toEqual(['short-solution']);
  expect(
    codes(
      [
        ['a', 'b'],
        ['c', 'd'],
        ['e', 'f'],
      ],
      0,
    ),
  ).toEqual([]);
  expect(
    codes(
      [
        ['a', 'b', 'c'],
        [...long, ...long],
      ],
      0,
    ),
  ).toEqual([]);
});
