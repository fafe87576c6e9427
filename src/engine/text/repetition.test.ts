import { expect, it } from 'vitest';
import { goesInCircles } from './repetition.ts';

it.each([
  ['aaa', true],
  ['baaa', true],
  ['', false],
  ['a', false],
  ['aa', false],
  ['aaab', false],
  ['abab', false],
  ['ababab', true],
  ['xababab', true],
  ['abababa', true],
  ['abcabcabc', true],
  ['abcabcab', false],
  ['abcdabcdabcd', false],
  ['aabaab', false],
])('%s: %s', (steps, circles) => {
  expect(goesInCircles([...steps])).toBe(circles);
});
