import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRevisionPrompt, revisionPrompt } from './revision-prompt.ts';

test('a revision prompt is the text of FORMAT.md up to the last mark', () => {
  expect(revisionPrompt({ problem: 'compute 1+2', attempts: [] })).toBe('compute 1+2\n<attempt>');
  const attempts = [['a', 'b'], ['c']];
  expect(revisionPrompt({ problem: 'p', attempts })).toBe('p\n<attempt>a\nb<attempt>c<attempt>');
});

test('only the last four attempts are shown, oldest first', () => {
  const attempts = ['1', '2', '3', '4', '5', '6'].map((text) => [text]);
  const parsed = parseRevisionPrompt(revisionPrompt({ problem: 'p', attempts }));
  expect(parsed?.attempts).toEqual([['3'], ['4'], ['5'], ['6']]);
});

test('what was written is read back; an ordinary prompt is none', () => {
  const step = fc.stringMatching(/^[a-z0-9+=|]{1,8}$/);
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z0-9 :]{1,20}$/),
      fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
      (problem, attempts) => {
        expect(parseRevisionPrompt(revisionPrompt({ problem, attempts }))).toEqual({
          problem,
          attempts,
        });
        expect(parseRevisionPrompt(problem)).toBeNull();
      },
    ),
  );
});
