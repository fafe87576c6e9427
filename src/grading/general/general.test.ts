import { describe, expect, it } from 'vitest';
import { generalGrader, sameAnswer } from './general.ts';
import { answerKey } from './answer.ts';
import { readAnswer } from './read.ts';

const r = String.raw;

/** Given answer, known answer: they agree. */
const SAME: readonly [string, string][] = [
  // Whole numbers and decimals
  ['5', '5'],
  [' 5. ', '5'],
  ['$5$', '5'],
  [r`\(5\)`, '5'],
  [r`\[5\]`, '5'],
  ['**5**', '5'],
  ['5.0', '5'],
  ['05', '5'],
  ['+5', '5'],
  ['-5', r`{-5}`],
  ['−5', '-5'],
  ['.5', '0.5'],
  ['0.50', '.5'],
  ['-.5', '-0.5'],
  ['3.', '3'],
  ['123456789012345678901', '123456789012345678901'],
  ['0.1', r`\frac{1}{10}`],
  ['0.30000', r`\frac{3}{10}`],
  // Thousands
  ['1,234', '1234'],
  ['1234', '1,234'],
  [r`10{,}000`, '10000'],
  ['1,234,567.5', '1234567.5'],
  [r`1,\!000`, '1000'],
  [r`10\,000`, '10000'],
  ['1 234 567', '1234567'],
  ['1\u202f000', '1000'],
  // Scientific and repeating
  ['1.5e3', '1500'],
  ['1.2E-3', '0.0012'],
  [r`0.\overline{3}`, '1/3'],
  [r`0.1\overline{6}`, r`\frac16`],
  [r`0.\overline{142857}`, '1/7'],
  [r`2.\bar{9}`, '3'],
  ['0.333...', '1/3'],
  ['-1.1666…', '-7/6'],
  // Fractions
  ['1/2', r`\frac{1}{2}`],
  [r`\frac12`, '1/2'],
  [r`\dfrac{1}{2}`, r`\tfrac12`],
  [r`\frac 1 2`, '0.5'],
  [r`\frac{2}{4}`, r`\frac{1}{2}`],
  [r`-\frac{1}{2}`, r`\frac{-1}{2}`],
  [r`\frac{1}{-2}`, '-1/2'],
  ['½', '0.5'],
  ['1⁄2', '0.5'],
  [r`\frac{\frac{1}{2}}{3}`, '1/6'],
  [r`\frac{3}{1}`, '3'],
  ['(1/2)', '1/2'],
  [r`\cfrac{7}{8}`, '.875'],
  // Mixed numbers
  [r`2\frac{1}{2}`, '5/2'],
  [r`2\frac12`, '2.5'],
  ['2 1/2', '5/2'],
  ['-2 1/2', '-2.5'],
  [r`-3\frac{1}{4}`, '-3.25'],
  [r`1\tfrac{3}{4}`, '7/4'],
  ['1½', '3/2'],
  ['-2¾', '-2.75'],
  // Roots, powers, constants
  [r`\sqrt{4}`, '2'],
  [r`\sqrt2`, r`\sqrt{2}`],
  ['√2', r`\sqrt{2}`],
  ['sqrt(2)', r`\sqrt{2}`],
  [r`\frac{\sqrt{2}}{2}`, r`\frac{1}{\sqrt{2}}`],
  [r`2\sqrt{3}`, r`\sqrt{12}`],
  [r`\sqrt[3]{27}`, '3'],
  [r`\sqrt[3]{2}`, r`2^{1/3}`],
  ['2^10', '1024'],
  [r`2^{10}`, '1024'],
  ['2^-1', '1/2'],
  [r`3 \times 10^{5}`, '300000'],
  [r`3\cdot 10^{-2}`, '0.03'],
  ['2³', '8'],
  [r`\pi`, 'pi'],
  ['2π', r`2\pi`],
  [r`\frac{\pi}{4}`, r`\pi/4`],
  [r`4\pi r^2`, r`4 r^2 \pi`],
  ['e^2', r`e^{2}`],
  [r`\ln 2`, r`\ln{2}`],
  [r`\log_2 8`, '3'],
  [r`\log_{10} 100`, '2'],
  [r`\log 1000`, '3'],
  [r`\sin\frac{\pi}{6}`, '1/2'],
  [r`\cos(\pi)`, '-1'],
  [r`\sin^2 x`, r`(\sin x)^2`],
  [r`\tan^{-1}(1)`, r`\frac{\pi}{4}`],
  [r`\arctan 1`, r`\pi/4`],
  [r`\sec\left(\frac{\pi}{3}\right)`, '2'],
  ['5!', '120'],
  [r`\binom{5}{2}`, '10'],
  [r`\binom{10}{3}`, '120'],
  [r`1+\sqrt{5}`, r`\sqrt{5}+1`],
  [r`\left(\frac{2}{3}\right)^2`, r`\frac{4}{9}`],
  [r`2^{100}`, '1267650600228229401496703205376'],
  // Rounded numbers
  ['1.414', r`\sqrt{2}`],
  ['3.1416', r`\pi`],
  ['0.3333', '1/3'],
  ['0.6667', r`\frac{2}{3}`],
  [r`\sqrt{2}`, '1.41421'],
  // Units and currency
  ['5 cm', '5'],
  ['5', r`5\text{ cm}`],
  [r`5\text{ cm}`, '5 cm'],
  [r`5~\mathrm{cm}`, '5 centimeters'],
  [r`12\text{ square units}`, '12'],
  [r`12 \text{ cm}^2`, '12 square centimeters'],
  ['12 cm²', '12 cm^2'],
  [r`30^\circ`, '30'],
  [r`30^{\circ}`, r`30\text{ degrees}`],
  ['30°', '30 degrees'],
  [r`\$10`, '10'],
  ['$10', '10 dollars'],
  [r`\$1,234.50`, '1234.5'],
  ['10 dollars', r`\$10`],
  ['€5', '5 euros'],
  ['£3.20', '3.2'],
  [r`3\text{ hours}`, '3 hr'],
  [r`60 \text{ miles per hour}`, '60 miles/hour'],
  ['7 apples', '7'],
  [r`7\text{ apples}`, '7'],
  [r`\frac{3}{4}\text{ inches}`, '3/4'],
  ['24 ways', '24'],
  ['2.5 hours', '5/2'],
  // Percent
  ['50%', r`50\%`],
  [r`50\%`, '50'],
  ['50', '50%'],
  ['50%', '0.5'],
  ['0.5', '50%'],
  ['12.5 percent', '12.5%'],
  // Names in front
  ['x = 5', '5'],
  ['x=5', 'x=5'],
  ['5', 'x=5'],
  [r`y = \frac{1}{2}`, '0.5'],
  ['f(x) = 2x', '2x'],
  ['x_1 = 3', '3'],
  ['(x,y) = (1,2)', '(1,2)'],
  [r`x \in [1,2]`, '[1,2]'],
  // Expressions
  ['2x+3', '3+2x'],
  ['2*x + 3', '2x+3'],
  ['(x+1)^2', 'x^2+2x+1'],
  ['(x+1)(x-1)', 'x^2-1'],
  ['x(x+1)', 'x^2+x'],
  ['xy', 'yx'],
  [r`\frac{x}{2}`, '0.5x'],
  [r`\frac{x^2-1}{x-1}`, 'x+1'],
  [r`\frac{1}{x}+\frac{1}{y}`, r`\frac{x+y}{xy}`],
  ['a^2+b^2', 'b^2+a^2'],
  [r`\sqrt{x^2}`, 'x'],
  [r`\sin 2x`, r`2\sin x\cos x`],
  [r`n(n+1)/2`, r`\frac{n^2+n}{2}`],
  [r`2^{n+1}`, r`2\cdot 2^n`],
  [r`\theta + 1`, r`1+\theta`],
  ['x_1+x_2', 'x_2+x_1'],
  ['3(x-2)', '3x-6'],
  ['x-x+5', '5'],
  [r`e^{x+1}`, r`e\cdot e^x`],
  ['y=2x+3', 'y = 3+2x'],
  ['2x+3', 'y=2x+3'],
  ['x^2+y^2=4', '2x^2+2y^2=8'],
  ['3x+2y=6', '2y=6-3x'],
  // Tuples, intervals, sets
  ['(1,2)', '(1, 2)'],
  [r`\left(1,2\right)`, '(1,2)'],
  [r`(\frac{1}{2}, 3)`, '(0.5,3)'],
  ['1, 2', '(1,2)'],
  [r`\left[0,1\right)`, '[0,1)'],
  [r`(-\infty, 3]`, '(-∞,3]'],
  ['x > 3', r`(3,\infty)`],
  [r`x \ge 3`, r`[3,\infty)`],
  ['3 < x', r`(3,\infty)`],
  [r`-1 < x \le 2`, '(-1,2]'],
  [r`2 \geq x > -1`, '(-1,2]'],
  ['x<=2', r`(-\infty,2]`],
  [r`(-\infty,0)\cup(1,\infty)`, r`(1,\infty)\cup(-\infty,0)`],
  [r`x<0 \text{ or } x>1`, r`(-\infty,0)\cup(1,\infty)`],
  [r`\mathbb{R}`, r`(-\infty,\infty)`],
  ['all real numbers', r`x \in \mathbb{R}`],
  [r`x \neq 3`, 'x≠3'],
  [r`x \ne 3`, r`(-\infty,3)\cup(3,\infty)`],
  ['infinity', r`\infty`],
  [r`\{1,2,3\}`, r`\{3,2,1\}`],
  ['{1,2,3}', r`\{1,2,3\}`],
  ['1,2,3', r`\{3,1,2\}`],
  ['1 and 2', '2, 1'],
  [r`1 \text{ and } 2`, '1,2'],
  ['1 or 2', '1,2'],
  ['1, 2, and 3', '1,2,3'],
  ['x=1 or x=2', '1,2'],
  ['x = 1, x = 2', '2,1'],
  [r`\pm 2`, '2,-2'],
  [r`x = \pm 2`, '-2, 2'],
  [r`1\pm\sqrt{2}`, r`1+\sqrt2, 1-\sqrt2`],
  [r`\frac{-1\pm\sqrt{5}}{2}`, r`\frac{-1-\sqrt5}{2},\frac{-1+\sqrt5}{2}`],
  [r`\emptyset`, r`\{\}`],
  [r`\{5\}`, '5'],
  [r`\{(1,2),(3,4)\}`, '(3,4),(1,2)'],
  ['1,1,2', '1,2'],
  // Matrices and vectors
  [r`\begin{pmatrix}1&2\\3&4\end{pmatrix}`, r`\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}`],
  [r`\begin{pmatrix}\frac12\\3\end{pmatrix}`, r`\begin{pmatrix}0.5\\3\end{pmatrix}`],
  [r`\begin{pmatrix}1\\2\end{pmatrix}`, '(1,2)'],
  // Words and choices
  ['yes', 'Yes'],
  [r`\text{Yes}`, 'yes'],
  [r`\text{(B)}`, 'B'],
  ['(B)', 'B'],
  ['B', r`\textbf{(B)}`],
  ['B. Paris', 'B'],
  ['B) 12', '(B)'],
  ['The east', 'east'],
  [r`\text{Evelyn}`, 'Evelyn'],
  ['odd', r`\text{odd}`],
  [r`1010_2`, r`1010_{2}`],
  ['3:45', '3:45'],
  ['2 : 3', '2:3'],
  [r`4\text{th}`, '4'],
  [r`\text{no solution}`, 'No solution.'],
];

/** Given answer, known answer: they do not agree. */
const DIFFERENT: readonly [string, string][] = [
  ['5', '6'],
  ['5', '-5'],
  ['0.33', '1/3'],
  ['0.333', r`\frac13`],
  ['0.3334', '1/3'],
  ['3.14', r`\pi`],
  ['1.415', r`\sqrt2`],
  ['0.5001', '0.5'],
  ['1/2', '2/1'],
  [r`2\frac12`, '1'],
  ['123456789012345678901', '123456789012345678902'],
  ['1,23', '123'],
  ['1 23', '123'],
  ['1e3', '1e4'],
  [r`0.\overline{3}`, '0.3'],
  [r`0.\overline{12}`, r`0.1\overline{2}`],
  ['0.123...', '0.123'],
  ['€5', r`\$5`],
  [r`x \neq 3`, 'x = 3'],
  [r`x \neq 3`, r`x \neq 4`],
  ['2:3', '3:2'],
  ['infinity', '-infinity'],
  ['5 cm', '5 m'],
  ['5 cm', r`5\text{ cm}^2`],
  ['50%', '5'],
  ['50', '0.5'],
  ['500%', '50'],
  ['x=5', 'x=6'],
  ['2x+3', '2x-3'],
  ['2x+3', '2y+3'],
  ['x^2', '2x'],
  ['(x+1)^2', 'x^2+1'],
  [r`\sqrt{x+y}`, r`\sqrt{x}+\sqrt{y}`],
  ['(1,2)', '(2,1)'],
  ['(1,2)', '[1,2]'],
  ['(1,2]', '[1,2)'],
  ['2,1', '(1,2)'],
  ['(1,2,3)', '(1,2)'],
  ['1,2', '1,2,3'],
  ['1', '1,2'],
  ['1,2', '1'],
  [r`\pm 2`, '2'],
  ['2', r`\pm 2`],
  [r`\{1,2\}`, r`\{1,3\}`],
  ['x > 3', r`[3,\infty)`],
  ['x < 3', r`(3,\infty)`],
  [r`(-\infty,0)\cup(1,\infty)`, r`(-\infty,0)`],
  ['A', 'B'],
  ['(A)', 'B'],
  ['yes', 'no'],
  [r`\begin{pmatrix}1&2\\3&4\end{pmatrix}`, r`\begin{pmatrix}1&2\\4&3\end{pmatrix}`],
  [r`\begin{pmatrix}1&2\end{pmatrix}`, r`\begin{pmatrix}1&2\\3&4\end{pmatrix}`],
  ['x^2+y^2=4', 'x^2+y^2=5'],
  ['3x+2y=6', '3x+2y=-6'],
  ['1010_2', '1010_3'],
  ['3:45', '3:46'],
  [r`\log_2 8`, '2'],
  [r`\sin x`, r`\cos x`],
  ['1/0', '0'],
  [r`\frac{1}{2}\pi`, r`\frac{1}{2}`],
  ['no solution', '0'],
  [r`\sqrt{-1}`, '1'],
  ['10', '1010_2'],
  ['2^{-100}', '0'],
  [r`i`, '-i'],
  [r`2+3i`, '2-3i'],
];

describe('agreement with a known answer', () => {
  it('has a table of at least 200 cases', () => {
    expect(SAME.length + DIFFERENT.length).toBeGreaterThanOrEqual(200);
  });

  it.each(SAME)('%s is %s', (given, known) => expect(sameAnswer(given, known)).toBe(true));
  it.each(DIFFERENT)('%s is not %s', (given, known) => {
    expect(sameAnswer(given, known)).toBe(false);
  });

  it.each(SAME)('%s and itself: %s', (given, known) => {
    for (const text of [given, known]) expect(sameAnswer(text, text), text).toBe(true);
  });
});

describe('answer keys', () => {
  const key = (text: string) => {
    const answer = readAnswer(text);
    return answer === null ? null : answerKey(answer);
  };

  it.each([
    ['1/2', '0.5', r`\frac{1}{2}`, r`\tfrac24`, 'x = 0.50'],
    ['5', '5 cm', r`5\text{ apples}`, r`\$5`, 'x=5'],
    ['2x+3', '3+2x', 'y=2x+3'],
    [r`\sqrt{8}`, r`2\sqrt2`],
    ['1,2', '2 and 1', r`\{1,2\}`, '1, 2, 2'],
    ['(B)', 'B', r`\text{B}`],
    ['x>3', r`(3,\infty)`],
    ['x^2+y^2=4', '2x^2+2y^2=8'],
  ])('group %s with %s', (first, ...others) => {
    for (const other of others) expect(key(other)).toBe(key(first));
  });

  it('tell different answers apart', () => {
    const texts = ['1', '2', '-1', '1/3', '0.33', '(1,2)', '[1,2]', '(2,1)', '1,2', 'x', 'y', '2x'];
    const more = ['yes', 'no', 'A', 'B', r`\pi`, '3.14', 'x^2', r`\sqrt2`, 'x=y+1', '1,2,3', '0'];
    const keys = [...texts, ...more].map(key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('generalGrader', () => {
  it('grades whole solutions', () => {
    const grader = generalGrader(r`\frac{3}{4}`);
    expect(grader.grade(r`So we get $\boxed{0.75}$.`)).toEqual({
      answer: '3/4',
      answerText: '0.75',
      correct: true,
      finished: true,
    });
    expect(grader.grade('The answer is 4/3.')).toMatchObject({ answer: '4/3', correct: false });
    expect(grader.grade('I am not sure')).toEqual({
      answer: null,
      answerText: null,
      correct: false,
      finished: false,
    });
  });

  it('leaves correct open where the answer is not known', () => {
    for (const known of [null, '', '  ']) {
      expect(generalGrader(known).grade(r`\boxed{7}`)).toMatchObject({
        answer: '7',
        correct: null,
      });
      expect(generalGrader(known).grade('hm').correct).toBeNull();
    }
  });

  it('takes a known answer given as a whole solution', () => {
    expect(generalGrader(r`because, \boxed{12}`).grade('#### 12').correct).toBe(true);
  });
});
