import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractAnswer } from './extract.ts';
import { generalGrader, sameAnswer } from './general.ts';

const r = String.raw;

describe('extractAnswer', () => {
  it.each([
    [r`\boxed{5}`, '5'],
    [r`so $\boxed{\frac{1}{2}}$.`, r`\frac{1}{2}`],
    [r`\boxed{\{1,2\}}`, r`\{1,2\}`],
    [r`\boxed{\frac{\sqrt{2}}{\sqrt{3}}}`, r`\frac{\sqrt{2}}{\sqrt{3}}`],
    [r`first \boxed{1}, then \boxed{2}`, '2'],
    [r`\fbox{7}`, '7'],
    [r`\boxed 5$`, '5'],
    [r`\boxed{1} and then \boxed{2`, '1'],
    [r`\boxed{}  The answer is 4`, '4'],
    ['The answer is 5.', '5'],
    ['The final answer is: $5$. I hope it is correct.', '5'],
    ['Final Answer: The final answer is $x=3.5$. I hope it is correct.', 'x=3.5'],
    ['the answer is 3.14', '3.14'],
    ['Answer: 42', '42'],
    ['**Answer:** 42', '42'],
    ['**Final answer: 42**', '42'],
    ['#### 1,234', '1,234'],
    ['So, the answer is 12 apples, because 3*4=12.', '12 apples'],
    ['The answer is 1. No wait, the answer is 2.', '2'],
    [r`The answer is $\frac{1}{2}$.`, r`$\frac{1}{2}$`],
    ['The answer is (B).', '(B)'],
    ['Therefore, the value of x is 7.', '7'],
    ['the answer is approximately 5', '5'],
    ['The answer is:\n', null],
    ['x = 5', null],
    ['', null],
    [r`\boxed{`, null],
    [r`\boxed`, null],
    [r`The final answer is $\boxed{answer}$.`, null],
    [r`The final answer is $\boxed{\text{your answer}}$`, null],
    [r`\boxed{4} In short: \boxed{…}`, '4'],
    [r`The answer is 4. The final answer is $\boxed{answer}$`, '4'],
    ['The answer is [answer].', null],
  ])('%j', (solution, answer) => {
    const found = extractAnswer(solution);
    // Mathematics delimiters may stay; reading removes them.
    expect(found?.replace(/^\$|\$$/g, '') ?? null).toBe(answer?.replace(/^\$|\$$/g, '') ?? null);
  });
});

describe('hostile answers', () => {
  const hostile = [
    '('.repeat(500),
    '{'.repeat(500),
    r`\frac`.repeat(120),
    r`\sqrt{`.repeat(90),
    '2^'.repeat(290) + '2',
    '9'.repeat(590),
    '9^9^9^9^9',
    '99999999999!',
    '255!!!!!!!',
    r`\binom{1000000000}{500000000}`,
    '-'.repeat(590),
    '!'.repeat(590),
    '1,'.repeat(290),
    '(1,'.repeat(190),
    r`\text{`.repeat(90),
    r`\sin`.repeat(140),
    r`\begin{pmatrix}`.repeat(30),
    'x=y=z',
    '1/0',
    '0/0',
    'constructor',
    '__proto__',
    'x.constructor',
    'f(x)=import("fs")',
    'toString()',
    '[1:10^9]',
    '1e999',
    '1e-400',
    'a=b;c=d',
    'function f(x) = x',
    '"a"',
    '<script>alert(1)</script>',
    '\u0000',
    '𝟙',
    '.',
    ',',
    '$',
    '%',
    '°',
    '±',
    '=',
    '<',
    '⟨⟩',
    '⟦⟧',
  ];

  it.each(hostile.map((text) => [text.slice(0, 30), text]))('%j', (_, text) => {
    expect([true, false, null]).toContain(sameAnswer(text, '5'));
    expect([true, false, null]).toContain(sameAnswer('5', text));
    expect(() => generalGrader(text).grade(`\\boxed{${text}}`)).not.toThrow();
  });

  it('never throws, and an answer that can be read agrees with itself', () => {
    const piece = fc.constantFrom(
      ...String.raw`\frac,{,},(,),[,],1,2,0.5,x,y,\sqrt,^,_,+,-,*,/,=,<,\pi,\text{cm},\{,\},%,$,\pm,\cup,and, ,\left(,\right),!,\log,\sin,\infty,&,\\,5 cm`.split(
        ',',
      ),
      ',',
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 25 }).map((parts) => parts.join('')),
      fc.string({ unit: 'grapheme', maxLength: 80 }),
    );
    fc.assert(
      fc.property(text, (answer) => {
        const same = sameAnswer(answer, answer);
        expect(same === null || same).toBe(true);
        generalGrader(answer).grade(`the answer is ${answer}`);
      }),
      { numRuns: 1000 },
    );
  });
});
