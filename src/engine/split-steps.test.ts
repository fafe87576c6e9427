import { expect, it } from 'vitest';
import { pathOf, rootBranch } from '../shared/branch.ts';
import type { ExtendRequest } from '../shared/policy.ts';
import { splitSteps } from './split-steps.ts';

const NEWLINE = 8;
const EOS = 2;
const root = rootBranch('p', [0, 0]);
const format = {
  newline: NEWLINE,
  eos: EOS,
  spell: (tokens: readonly number[]) => tokens.join(','),
};

function stepsOf(
  tokens: number[],
  more: Partial<ExtendRequest> = {},
  logProbs = tokens.map((token) => -token),
) {
  const request: ExtendRequest = {
    branch: root,
    streams: [],
    temperature: 1,
    until: 'solution',
    maxTokens: 9,
    ...more,
  };
  return pathOf(splitSteps(request, [1, 2], { tokens, logProbs }, format));
}

function split(tokens: number[], more?: Partial<ExtendRequest>) {
  return stepsOf(tokens, more).map(({ text, end, logProb, depth }) => ({
    text,
    end,
    logProb,
    depth,
  }));
}

it('makes one branch for each line, the last one with how it ended', () => {
  expect(split([20, 21, NEWLINE, 22, EOS])).toEqual([
    { text: '20,21', end: 'step', logProb: -49, depth: 1 },
    { text: '22', end: 'solution', logProb: -24, depth: 2 },
  ]);
});

it('says length for a cut step, and for a solution cut between two steps', () => {
  expect(split([20, NEWLINE, 21]).map(({ end }) => end)).toEqual(['step', 'length']);
  expect(split([20, NEWLINE, 21, NEWLINE]).map(({ end }) => end)).toEqual(['step', 'length']);
  expect(split([20, 21], { until: 'step' }).map(({ end }) => end)).toEqual(['length']);
});

it('ends with a step where one step, or so many, were asked for', () => {
  expect(split([20, NEWLINE], { until: 'step' }).map(({ end }) => end)).toEqual(['step']);
  const two = split([20, NEWLINE, 21, NEWLINE], { maxSteps: 2 });
  expect(two.map(({ end }) => end)).toEqual(['step', 'step']);
});

it('keeps empty steps', () => {
  expect(split([NEWLINE, EOS]).map(({ text }) => text)).toEqual(['', '']);
});

it('leaves each step the log-probabilities of its own tokens', () => {
  const steps = stepsOf([20, 21, NEWLINE, 22, EOS], {}, [-1, -2, -3, -4, -5]);
  expect(steps.map(({ logProbs }) => logProbs)).toEqual([
    [-1, -2, -3],
    [-4, -5],
  ]);
});
