import { expect, test } from 'vitest';
import { chainFigures, type Attempt } from './chain-figures.ts';

/** Chains as strings of r and w. */
function attempts(...chains: string[]): Attempt[] {
  return chains.flatMap((text, chain) =>
    [...text].map((letter, attempt) => ({ chain, attempt, correct: letter === 'r' })),
  );
}

test('accuracy by attempt is the mean over problems of the mean over chains', () => {
  const { attempts: by, problems } = chainFigures([attempts('wr', 'wr'), attempts('ww', 'rr')]);
  expect(problems).toBe(2);
  expect(by.map(({ mean }) => mean)).toEqual([0.25, 0.75]);
  expect(by[0].low).toBeLessThanOrEqual(0.25);
});

test('flips are counted inside a chain only, and the last attempt has no successor', () => {
  const figures = chainFigures([attempts('rwr', 'r'), attempts('wwr')]);
  expect(figures.rightTurnedWrong).toEqual({ count: 1, of: 1 });
  expect(figures.wrongTurnedRight).toEqual({ count: 2, of: 3 });
});

test('gains are paired within a chain, so that a problem that is always right adds nothing', () => {
  const { gains } = chainFigures([attempts('wrr', 'wwr'), attempts('rrr', 'rrw')]);
  expect(gains.map(({ mean }) => mean)).toEqual([0, 0.25, 0.25]);
  expect([gains[0].low, gains[0].high]).toEqual([0, 0]);
  expect(gains[2].low).toBeLessThanOrEqual(-0.5);
  expect(gains[2].high).toBe(1);
});
