import { describe, expect, it } from 'vitest';
import { familyById } from './families.ts';
import { understand } from './understand.ts';

/** Typed text, canonical prompt, level, warning codes. */
const PROBLEMS: readonly [string, string, string, ...string[]][] = [
  // Countdown
  ['make 24: 4 6 7 8', 'make 24: 4 6 7 8', 'small-4'],
  ['Use 14, 17, 10 and 75 to reach 453', 'make 453: 14 17 10 75', 'large-4'],
  ['24 from 4 6 7 8', 'make 24: 4 6 7 8', 'small-4'],
  ['4,6,7,8 -> 24', 'make 24: 4 6 7 8', 'small-4'],
  ['4, 6, 7, 8 → 24', 'make 24: 4 6 7 8', 'small-4'],
  ['4 6 7 8 => 24', 'make 24: 4 6 7 8', 'small-4'],
  ['game of 24: 4 4 10 10', 'make 24: 4 4 10 10', 'small-4'],
  ['Game of 24 with 4, 4, 10, 10', 'make 24: 4 4 10 10', 'small-4'],
  ['24 game: 4 6 7 8', 'make 24: 4 6 7 8', 'small-4'],
  ['24-game 4 6 7 8', 'make 24: 4 6 7 8', 'small-4'],
  ['24 game: make 24 from 4 6 7 8', 'make 24: 4 6 7 8', 'small-4'],
  ['MAKE 24 WITH 4, 6, 7 AND 8.', 'make 24: 4 6 7 8', 'small-4'],
  ['How can I get 24 using 4, 6, 7, 8?', 'make 24: 4 6 7 8', 'small-4'],
  ['use each of the numbers 4 6 7 8 once to get 24', 'make 24: 4 6 7 8', 'small-4'],
  ['use all four numbers 4 6 7 8 to make 24!', 'make 24: 4 6 7 8', 'small-4'],
  ['from 4 6 7 8 make 24', 'make 24: 4 6 7 8', 'small-4'],
  ['combine 4 6 7 8 into 24', 'make 24: 4 6 7 8', 'small-4'],
  ['4 6 7 8 = 24', 'make 24: 4 6 7 8', 'small-4'],
  ['24 = 4 6 7 8', 'make 24: 4 6 7 8', 'small-4'],
  ['24: 4 6 7 8', 'make 24: 4 6 7 8', 'small-4'],
  ['4 6 7 8: 24', 'make 24: 4 6 7 8', 'small-4'],
  ['{4, 6, 7, 8} to 24', 'make 24: 4 6 7 8', 'small-4'],
  ['[4, 6, 7, 8], target 24', 'make 24: 4 6 7 8', 'small-4'],
  ['numbers: 14 17 10 75 target: 453', 'make 453: 14 17 10 75', 'large-4'],
  ['target = 453, numbers = 14, 17, 10, 75', 'make 453: 14 17 10 75', 'large-4'],
  ['Countdown: 453 from 14 17 10 75', 'make 453: 14 17 10 75', 'large-4'],
  ['the numbers are 4 6 7 8 and the target is 24', 'make 24: 4 6 7 8', 'small-4'],
  ['reach exactly 24 with 4 6 7 8', 'make 24: 4 6 7 8', 'small-4'],
  ['get to 24 from 4 6 7 8', 'make 24: 4 6 7 8', 'small-4'],
  ['make 24 using + - * / and 4 6 7 8', 'make 24: 4 6 7 8', 'small-4'],
  ['make 24 from 4 6 7 8 (only +, −, × and ÷ allowed)', 'make 24: 4 6 7 8', 'small-4'],
  ['make 24 4 6 7 8', 'make 24: 4 6 7 8', 'small-4', 'target-assumed'],
  ['make 24, 4, 6, 7, 8', 'make 24: 4 6 7 8', 'small-4', 'target-assumed'],
  ['make 24: 3 3 8 8', 'make 24: 3 3 8 8', 'small-4', 'no-solution'],
  ['make 24:4 6 8', 'make 24: 4 6 8', 'small-3'],
  ['make 024: 04 06 08', 'make 24: 4 6 8', 'small-3'],
  ['make 100: 13 12 11 10 9', 'make 100: 13 12 11 10 9', 'small-5'],
  ['make 101: 13 12 11 10 9', 'make 101: 13 12 11 10 9', 'large-5'],
  ['make 952: 25 50 75 100 3 6', 'make 952: 25 50 75 100 3 6', 'large-6'],
  ['make 24:\n4\n6\n7\n8', 'make 24: 4 6 7 8', 'small-4'],
  ['make\u00a024:\u00a04\u00a06\u00a07\u00a08', 'make 24: 4 6 7 8', 'small-4'],
  ['\u202emake 24: 4 6 7 8', 'make 24: 4 6 7 8', 'small-4', 'invisible-characters'],
  ['make 24: 4\u200b6 7 8', 'make 24: 4 6 7 8', 'small-4', 'invisible-characters'],
  ['make 24: 4 6 7 8\u0000', 'make 24: 4 6 7 8', 'small-4', 'invisible-characters'],
  ['ｍａｋｅ　２４：　４　６　７　８', 'make 24: 4 6 7 8', 'small-4'],
  ['make ٢٤: ٤ ٦ ٧ ٨', 'make 24: 4 6 7 8', 'small-4'],
  // Arithmetic
  ['compute 3*(4+5)', 'compute 3*(4+5)', '2'],
  ['(71+52)×11 = ?', 'compute (71+52)*11', '2'],
  ['what is 3 * (4 + 5)?', 'compute 3*(4+5)', '2'],
  ["What's 3*(4+5)", 'compute 3*(4+5)', '2'],
  ['compute 12 ÷ 4 + 3', 'compute 12/4+3', '2'],
  ['12 ⁄ 4', 'compute 12/4', '1'],
  ['12∕4−3', 'compute 12/4-3', '2'],
  ['7·8', 'compute 7*8', '1'],
  ['7 ∗ 8 =', 'compute 7*8', '1'],
  ['9 – 4', 'compute 9-4', '1'],
  ['9 — 4', 'compute 9-4', '1'],
  ['１２＋３', 'compute 12+3', '1'],
  ['𝟏𝟐+𝟑', 'compute 12+3', '1'],
  ['Calculate: 2 + 3 * 4', 'compute 2+3*4', '2'],
  ['Please evaluate 2+3*4.', 'compute 2+3*4', '2'],
  ['solve 3+4', 'compute 3+4', '1'],
  ['3+4=?', 'compute 3+4', '1'],
  ['"3+4"', 'compute 3+4', '1'],
  ['3+4 !', 'compute 3+4', '1'],
  ['((((3+4))))*2', 'compute (3+4)*2', '2'],
  ['3+(4+5)', 'compute 3+4+5', '2'],
  ['3-(4-2)', 'compute 3-(4-2)', '2'],
  ['[2+3]*{4+5}', 'compute (2+3)*(4+5)', '3'],
  ['2(3+4)', 'compute 2*(3+4)', '2'],
  ['(1+2)(3+4)', 'compute (1+2)*(3+4)', '3'],
  ['(1+2)3', 'compute (1+2)*3', '2'],
  ['3 x 4', 'compute 3*4', '1', 'x-as-times'],
  ['3X4 = ?', 'compute 3*4', '1', 'x-as-times'],
  ['what is 2 plus 3 times 4', 'compute 2+3*4', '2'],
  ['12 divided by 4 minus 1', 'compute 12/4-1', '2'],
  ['6 multiplied by 7', 'compute 6*7', '1'],
  ['007+3', 'compute 7+3', '1'],
  ['+5+3', 'compute 5+3', '1'],
  ['1,234 + 5', 'compute 1234+5', '1', 'beyond-practice'],
  ["1'234+5", 'compute 1234+5', '1', 'beyond-practice'],
  ['1\u202f234 + 5', 'compute 1234+5', '1', 'beyond-practice'],
  ['\\(3 \\times 4\\)', 'compute 3*4', '1'],
  ['$12 \\div 4$', 'compute 12/4', '1'],
  ['1+2+3+4+5+6+7+8+9+10+11', 'compute 1+2+3+4+5+6+7+8+9+10+11', '10'],
  ['0*5', 'compute 0*5', '1'],
  // Equations
  ['solve 2*x+3=11', 'solve 2*x+3=11', '2'],
  ['3(x−4) = 2x + 5, find x', 'solve 3*(x-4)=2*x+5', '4'],
  ['solve for x: 2x+3=11', 'solve 2*x+3=11', '2'],
  ['solve for y: 2y+3=11', 'solve 2*x+3=11', '2', 'renamed'],
  ['Find the value of n if 3n - 7 = 2(n + 1).', 'solve 3*x-7=2*(x+1)', '4', 'renamed'],
  ['What is x when 2x = 4?', 'solve 2*x=4', '1'],
  ['2X + 3 = 11', 'solve 2*x+3=11', '2'],
  ['x+5=12', 'solve x+5=12', '1'],
  ['x - 5 = 12', 'solve x-5=12', '1'],
  ['−3x=9', 'solve -3*x=9', '1'],
  ['7x − 12 = 3x + 20', 'solve 7*x-12=3*x+20', '3'],
  ['2x+3=11, x=?', 'solve 2*x+3=11', '2'],
  ['x = ? if 2x+3=11', 'solve 2*x+3=11', '2'],
  ['2x+3 equals 11', 'solve 2*x+3=11', '2'],
  ['11=2x+3', 'solve 11=2*x+3', '4'],
  ['x*3=12', 'solve 3*x=12', '1', 'rewritten'],
  ['(x-4)*3=12', 'solve 3*(x-4)=12', '4', 'rewritten'],
  ['3(4-x)=12', 'solve -3*(x-4)=12', '4', 'rewritten'],
  ['3(4+x)=12', 'solve 3*(x+4)=12', '4', 'rewritten'],
  ['-(x-4)=2', 'solve -x+4=2', '2', 'rewritten'],
  ['x-(3-x)=7', 'solve x-3+x=7', '4', 'rewritten'],
  ['2(3(x+1))=12', 'solve 6*(x+1)=12', '4', 'rewritten'],
  ['2*3*x=12', 'solve 6*x=12', '1', 'rewritten'],
  ['6x/2=12', 'solve 3*x=12', '1', 'rewritten'],
  ['(4x+8)/4=5', 'solve x+2=5', '1', 'rewritten'],
  ['2x+0=8', 'solve 2*x=8', '1', 'rewritten'],
  ['5=x', 'solve 5=x', '4'],
  ['3x=0', 'solve 3*x=0', '1'],
  ['a + 4 = 6', 'solve x+4=6', '1', 'renamed'],
  ['12 + ? = 20', 'solve 12+x=20', '4', 'renamed'],
  ['20 = 12 + _', 'solve 20=12+x', '4', 'renamed'],
  ['□ − 3 = 5', 'solve x-3=5', '1', 'renamed'],
  ['what number x satisfies 3x = 12?', 'solve 3*x=12', '1'],
  ['5(2y − 1) = 3y + 9', 'solve 5*(2*x-1)=3*x+9', '4', 'renamed'],
  ['4x = 20 → x', 'solve 4*x=20', '1'],
  ['what does 3*4 equal?', 'compute 3*4', '1'],
  ['3 + 4 equals?', 'compute 3+4', '1'],
  ['3 + 4 = _', 'compute 3+4', '1'],
  ['Find a way to make 24 from 4, 6, 7, 8.', 'make 24: 4 6 7 8', 'small-4'],
  ['I have 4, 6, 7 and 8. Make 24.', 'make 24: 4 6 7 8', 'small-4'],
];

/** Typed text, code, a part of the message, advice or other words. */
const OUTSIDE: readonly [string, string, string][] = [
  ['', 'empty', 'make 24: 4 6 7 8'],
  [' \n\t ', 'empty', 'Nothing was typed'],
  ['\u200b\u200e', 'empty', 'Nothing was typed'],
  ['1'.repeat(10_000), 'too-long', '10000 characters'],
  ['make 5:', 'numbers-missing', 'no numbers to reach 5'],
  ['make:', 'numbers-missing', 'no numbers'],
  ['countdown', 'numbers-missing', 'countdown'],
  ['make 24: 4 6', 'number-count', 'at least 3'],
  ['make 24: 4', 'number-count', 'One number'],
  ['make 24: 1 2 3 4 5 6 7', 'number-count', 'make 24: 1 2 3 4 5 6'],
  ['make 5: 1 2 3', 'target-range', 'make 10: 1 2 3'],
  ['make 1,234: 4 6 7 8', 'target-range', '1234'],
  ['make 1000: 25 50 75 100', 'target-range', 'make 999: 25 50 75 100'],
  ['make 24: 4 6 7 30', 'number-range', 'make 24: 4 6 7 25'],
  ['make 24: 0 4 6 7', 'number-range', 'make 24: 1 4 6 7'],
  ['make 123456789012345678901234567890: 4 6 7 8', 'target-range', '999'],
  ['make 24: 4 6 7 123456789012345678901234567890', 'number-range', 'make 24: 4 6 7 100'],
  ['make 24: -4 6 7 8', 'negative', 'minus'],
  ['make 24: 4 + 6 7 8', 'operators-in-list', 'list of numbers'],
  ['4 6 7 8', 'target-missing', 'make 24: 4 6 7 8'],
  ['countdown 453 14 17 10 75', 'target-missing', 'make 453: 14 17 10 75'],
  ['make 24: 4 6 7 8 and make 10: 1 2 3 4', 'several-targets', '24 and 10'],
  ['make 24 apples from 4 6 7 8', 'unknown-words', 'apples'],
  ['make 4.5: 1 2 3', 'decimal', 'whole'],
  ['compute 5', 'nothing-to-compute', '5'],
  ['24', 'nothing-to-compute', 'make 24'],
  ['3-5+4', 'negative-on-the-way', 'compute 3+4-5'],
  ['2-5', 'negative-on-the-way', 'compute 5-2'],
  ['7/2', 'inexact-division', 'compute 6/2'],
  ['(3+4)/2', 'inexact-division', '6 or 8'],
  ['8/(3-3)', 'division-by-zero', 'zero'],
  ['8/0', 'division-by-zero', 'compute 8/1'],
  ['9999*2', 'result-range', '9999'],
  ['10000+1', 'number-range', '9999'],
  ['123456789012345678901234567890+1', 'number-range', '30 digits'],
  ['1+1+1+1+1+1+1+1+1+1+1+1', 'operation-count', '11 operations'],
  ['-3+5', 'negative', 'minus'],
  ['3 - -2', 'negative', 'minus'],
  ['3+', 'syntax', 'not complete'],
  ['3+*4', 'syntax', 'not complete'],
  ['()+3', 'syntax', 'not complete'],
  ['(3+4', 'parentheses', 'never closed'],
  ['3+4)', 'parentheses', 'never opened'],
  [`${'('.repeat(900)}1+1${')'.repeat(900)}`, 'too-deep', 'nested'],
  ['1 2 + 3', 'operator-missing', 'side by side'],
  ['1 234 + 5', 'operator-missing', '1 and 234'],
  ['3*4=12', 'nothing-to-find', 'Both sides'],
  ['2^3', 'power', 'product'],
  ['2**3', 'power', 'product'],
  ['x² = 4', 'power', 'linear'],
  ['5!', 'factorial', 'product'],
  ['3+4!', 'factorial', 'product'],
  ['½ + 3', 'fraction', 'whole'],
  ['1.5+2', 'decimal', 'whole'],
  ['.5+2', 'decimal', 'whole'],
  ['2,5+1', 'decimal', 'comma'],
  ['50% of 20', 'percent', '100'],
  ['√16 + 1', 'unknown-symbols', 'Roots'],
  ['\\frac{1}{2}+3', 'unknown-symbols', 'Roots'],
  ['three plus four', 'not-understood', 'countdown'],
  ['3 + banana', 'unknown-words', 'banana'],
  ['2x+3', 'equals-missing', 'both sides'],
  ['2x+3=', 'equals-missing', 'both sides'],
  ['2x+3=10', 'solution-not-whole', 'solve 2*x+3=11'],
  ['x + 3 = 40', 'solution-range', 'solve x+3=33'],
  ['x=x', 'always-true', 'Every number'],
  ['2(x+1)=2x+2', 'always-true', 'Every number'],
  ['x=x+1', 'no-solution', 'No number'],
  ['x/2+1=4', 'fraction', 'solve x+2=8'],
  ['x/0=3', 'division-by-zero', 'zero'],
  ['2x+3y=7', 'several-unknowns', '“x” and “y”'],
  ['x+1=2, y+1=3', 'several-unknowns', '“x” and “y”'],
  ['x+1=2; x+2=3', 'several-equations', 'equals sign'],
  ['1=x=1', 'several-equations', 'equals sign'],
  ['x*x=4', 'non-linear', 'linear'],
  ['xx=4', 'not-understood', 'linear equations'],
  ['x(x+1)=4', 'non-linear', 'linear'],
  ['1/x=2', 'non-linear', 'linear'],
  ['x^2=4', 'power', 'linear'],
  ['2x < 4', 'inequality', 'equals sign'],
  ['x ≥ 3', 'inequality', 'equals sign'],
  ['3 x 4 = 12', 'ambiguous-product', 'two things'],
  ['x2=4', 'ambiguous-product', 'two things'],
  ['x=5', 'already-solved', 'x is 5'],
  ['_ + x = 5', 'several-unknowns', 'unknown'],
  ['make 24: 4-6-7-8', 'operators-in-list', 'list of numbers'],
  ['make -24: 4 6 7 8', 'negative', 'minus'],
  ['2x+3=11 and 5', 'stray-text', '5'],
  ['(2x+3=11', 'parentheses', 'do not match'],
  ['2x+=11', 'syntax', 'not complete'],
  ['=2x', 'equals-missing', 'both sides'],
  ['12345678901234567890x=1', 'number-range', 'too large'],
  ['1000x=5000', 'number-range', '999'],
  ['999(999x+1)=999(999x+1)+x', 'number-range', '999'],
  [`${'x+'.repeat(60)}x=61`, 'too-long', 'terms'],
  ['sin(x)=0', 'unknown-words', 'sin'],
  ['If a train travels 60 miles in 2 hours', 'not-understood', '60 and 2'],
  ['hello', 'not-understood', 'countdown'],
  ['🙂', 'unknown-symbols', '🙂'],
  ['make 24: 4 6 7 8 🙂', 'unknown-symbols', '🙂'],
  ['<script>alert(1)</script>', 'unknown-symbols', '<'],
  ['<img src=x onerror=alert(1)>', 'unknown-symbols', '<'],
  ["'; DROP TABLE runs; --", 'not-understood', 'countdown'],
  ['\u0000\u0001\u0002', 'empty', 'Nothing'],
  ['[object Object]', 'not-understood', 'countdown'],
  ['NaN', 'not-understood', 'countdown'],
];

describe('understand', () => {
  it.each(PROBLEMS)('reads %j as %j', (text, prompt, level, ...warnings) => {
    const reading = understand(text);
    expect(reading).toMatchObject({ kind: 'problem', prompt, level });
    if (reading.kind === 'problem') {
      expect(reading.warnings.map(({ code }) => code)).toEqual(warnings);
      expect(familyById(reading.family).levelOf(prompt)).toBe(level);
      expect(understand(prompt)).toMatchObject({ kind: 'problem', prompt, level });
    }
  });

  it.each(OUTSIDE.map((row) => [row[0].slice(0, 40), ...row] as const))('refuses %j', (...row) => {
    const [, text, code, words] = row;
    const reading = understand(text);
    expect(reading).toMatchObject({ kind: 'outside', code });
    if (reading.kind === 'outside') {
      const said = [reading.message, reading.understood, reading.missing, reading.advice].join(' ');
      expect(said).toContain(words);
      expect(said.length).toBeLessThan(700);
    }
  });

  it('offers examples of each difficulty that are understood', () => {
    for (const id of ['countdown', 'arithmetic', 'equation'] as const) {
      const { examples } = familyById(id);
      expect(new Set(examples.map(({ difficulty }) => difficulty)).size).toBe(3);
      for (const { text } of examples) {
        const reading = understand(text);
        expect(reading).toMatchObject({ kind: 'problem', family: id });
        const warnings = reading.kind === 'problem' ? reading.warnings : [];
        expect(warnings.filter(({ code }) => code !== 'renamed')).toEqual([]);
      }
    }
  });

  it('advises problems that can be run', () => {
    const advised = OUTSIDE.flatMap(([text]) => {
      const reading = understand(text);
      const found =
        reading.kind === 'outside'
          ? /(?:can do is|Try|Try the first 6:|sides by \d+:) ((?:make|compute|solve) [^,;]+?)[.,;]? ?(?:Try|or |equations|$)/.exec(
              reading.advice,
            )
          : null;
      return found === null ? [] : [found[1]];
    });
    expect(advised.length).toBeGreaterThan(12);
    for (const text of advised) expect(understand(text).kind, text).toBe('problem');
  });
});
