import { expect, it } from 'vitest';
import { isPlaceholder } from './placeholder-answer.ts';

const r = String.raw;

it.each([
  'answer',
  'Answer',
  r`\text{answer}`,
  r`\text{your answer}`,
  'Your final answer here',
  '[answer]',
  '<answer>',
  '{answer}',
  'final_answer',
  'the number',
  'insert answer here',
  'result',
  '...',
  '…',
  r`\ldots`,
  r`\dots`,
  '?',
  '??',
  '___',
  r`\square`,
  '{}',
  ' ',
  '-',
])('%j stands for an answer', (text) => expect(isPlaceholder(text)).toBe(true));

it.each([
  '5',
  '-5',
  'x',
  'no solution',
  'all real numbers',
  r`\{\}`,
  r`\emptyset`,
  r`\text{even}`,
  'an even number',
  'a prime number',
  'B',
  '(B)',
  r`\frac{1}{2}`,
  '0.333...',
  '5!',
  'n!',
  r`1, 2, \ldots, n`,
  'value 5',
  '12 answers',
  'x_1',
  'Ann',
])('%j is an answer', (text) => expect(isPlaceholder(text)).toBe(false));
