/**
 * Further cases after the public descriptions of graders for MATH-style answers (see graders.test.ts):
 * the imaginary unit, determinants and matrices, sets of real numbers, numbers in words, currencies,
 * choices, names in front. Where graders differ, the narrower rule is taken.
 */
import { describe, expect, it } from 'vitest';
import { generalGrader, sameAnswer } from './general.ts';
import { numberOfWords } from './number-words.ts';

const r = String.raw;

/** Given answer, known answer: they agree. */
const SAME: readonly [string, string][] = [
  // The imaginary unit
  ['3+2i', '2i+3'],
  ['(1+i)^2', '2i'],
  [r`i^2`, '-1'],
  ['i^{10}', '-1'],
  [r`\frac{1}{i}`, '-i'],
  [r`\frac{1+i}{1-i}`, 'i'],
  ['(2+i)(2-i)', '5'],
  [r`\sqrt{-4}`, '2i'],
  [r`2\sqrt{-3}`, r`2i\sqrt{3}`],
  [r`|3+4i|`, '5'],
  [r`e^{i\pi}`, '-1'],
  [r`e^{i\pi/2}`, 'i'],
  [r`2(\cos 60^\circ + i\sin 60^\circ)`, r`1+i\sqrt{3}`],
  [r`\frac{3+4i}{2}`, '1.5+2i'],
  ['z = 1 - 2i', '-2i+1'],
  [r`1+i, 1-i`, r`1\pm i`],
  ['(a+bi)(a-bi)', 'a^2+b^2'],
  [r`-\frac{1}{2}+\frac{\sqrt{3}}{2}i`, r`\frac{-1+i\sqrt{3}}{2}`],
  // Beside j or k it is a direction
  ['2i+3j', '3j+2i'],
  // Determinants
  [r`\begin{vmatrix}1&2\\3&4\end{vmatrix}`, '-2'],
  [r`\begin{vmatrix}a&b\\c&d\end{vmatrix}`, 'ad-bc'],
  [r`\begin{vmatrix}1&0&2\\0&3&0\\4&0&5\end{vmatrix}`, '-9'],
  [r`2\begin{vmatrix}1&2\\3&4\end{vmatrix}+1`, '-3'],
  [r`\det\begin{pmatrix}2&0\\0&3\end{pmatrix}`, '6'],
  [r`\det\left(\begin{bmatrix}2&1\\1&3\end{bmatrix}\right)`, '5'],
  // Matrices, element by element
  [r`\begin{pmatrix}\frac12&2\\3&4\end{pmatrix}`, r`\begin{bmatrix}0.5&2\\3&2^2\end{bmatrix}`],
  [r`\frac12\begin{pmatrix}2&4\\6&8\end{pmatrix}`, r`\begin{pmatrix}1&2\\3&4\end{pmatrix}`],
  [r`-\begin{pmatrix}1\\-2\end{pmatrix}`, r`\begin{pmatrix}-1\\2\end{pmatrix}`],
  [r`\begin{pmatrix}1&2\end{pmatrix}^T`, r`\begin{pmatrix}1\\2\end{pmatrix}`],
  [r`\begin{pmatrix}1&2\\3&4\end{pmatrix}^{T}`, r`\begin{pmatrix}1&3\\2&4\end{pmatrix}`],
  [r`A=\begin{pmatrix}1&2\\3&4\end{pmatrix}`, r`\begin{pmatrix}1&2\\3&4\end{pmatrix}`],
  // Unions
  [r`(-\infty,2)\cup(3,\infty)`, r`(3,\infty)\cup(-\infty,2)`],
  [r`(-\infty,2]\cup[2,3)`, r`(-\infty,3)`],
  [r`(1,3)\cup(2,5)`, '(1,5)'],
  [r`[0,1)\cup\{1\}`, '[0,1]'],
  [r`\{1\}\cup\{2\}`, r`\{1,2\}`],
  [r`x<1 \text{ or } x\ge 3`, r`(-\infty,1)\cup[3,\infty)`],
  ['x < 1 or x > 0', r`(-\infty,\infty)`],
  [r`x<-2 \lor x>2`, r`(-\infty,-2)\cup(2,\infty)`],
  // Intersections
  [r`[1,5]\cap(3,7)`, '(3,5]'],
  [r`(-\infty,4)\cap[0,\infty)`, '[0,4)'],
  [r`(1,2)\cap(3,4)`, r`\emptyset`],
  [r`\{1,2,3\}\cap\{2,3,4\}`, r`\{2,3\}`],
  [r`x\leq 3 \text{ and } x\ge 1`, '[1,3]'],
  ['x > 1 and x < 3', '(1,3)'],
  [r`x>1 \land x\le 3`, '1<x<=3'],
  // Differences
  [r`\mathbb{R}\setminus\{1,2\}`, r`(-\infty,1)\cup(1,2)\cup(2,\infty)`],
  [r`[0,3]\setminus\{1\}`, r`[0,1)\cup(1,3]`],
  ['all real numbers except 1 and 2', r`\mathbb{R}\setminus\{1,2\}`],
  [r`\text{all real numbers except } 0`, r`x \ne 0`],
  // Numbers in words, where a number is known
  ['five', '5'],
  ['Twelve', '12'],
  ['twenty-one', '21'],
  ['one hundred and five', '105'],
  ['two thousand three hundred', '2300'],
  ['three million', '3000000'],
  ['negative seven', '-7'],
  ['one half', '1/2'],
  ['a half', '0.5'],
  ['one-third', '1/3'],
  ['three quarters', '0.75'],
  ['two and a half', '5/2'],
  ['a dozen', '12'],
  ['two dozen', '24'],
  ['twelve apples', '12'],
  ['ten percent', '10%'],
  ['forty-five degrees', r`45^\circ`],
  [r`\text{six}`, '6'],
  ['two, three', '3, 2'],
  ['1.5 million', '1500000'],
  ['$2.5 million', '2,500,000'],
  ['3 hundred', '300'],
  // ±
  ['x = +/- 3', r`\pm 3`],
  ['plus or minus 2', '2,-2'],
  ['+-4', r`\pm 4`],
  // Money and angles
  ['5 €', '€5'],
  ['US$5', '5 dollars'],
  ['USD 7.50', r`\$7.50`],
  ['75¢', '75 cents'],
  ['75¢', '$0.75'],
  ['90 degrees', '90'],
  // A name in front
  [r`\theta = 30^\circ`, '30'],
  ['AB = 5 cm', '5'],
  [r`P(X > 2) = 0.3`, '0.3'],
  [r`P(A\cap B) = \frac14`, '1/4'],
  [r`x_1 = 2, x_2 = 3`, '3, 2'],
  [r`f(3) = 7`, '7'],
  // Choices
  ['(B) 12', 'B'],
  [r`\text{(D) } 3x`, 'D'],
  ['B', '(B) 12'],
  [r`\text{Choice (E)}`, 'E'],
];

/** They do not. */
const DIFFERENT: readonly [string, string][] = [
  ['3+2i', '3-2i'],
  ['2i', '-2i'],
  ['(1+i)^2', '2'],
  ['1+i', '2'],
  ['i', '-i'],
  [r`\sqrt{-4}`, '2'],
  ['2i+3j', '3i+2j'],
  ['3+4i', '5'],
  [r`\begin{vmatrix}1&2\\3&4\end{vmatrix}`, '2'],
  // A table in round or square brackets is not its determinant.
  [r`\begin{pmatrix}1&2\\3&4\end{pmatrix}`, '-2'],
  ['-2', r`\begin{bmatrix}1&2\\3&4\end{bmatrix}`],
  [r`\begin{pmatrix}1&2\\3&4\end{pmatrix}`, r`\begin{pmatrix}1&3\\2&4\end{pmatrix}`],
  [r`\begin{pmatrix}1&2\\3&4\end{pmatrix}`, r`\begin{pmatrix}1&2&3&4\end{pmatrix}`],
  [r`2\begin{pmatrix}1&2\\3&4\end{pmatrix}`, r`\begin{pmatrix}1&2\\3&4\end{pmatrix}`],
  [r`\begin{pmatrix}1\\2\end{pmatrix}^T`, r`\begin{pmatrix}1\\2\end{pmatrix}`],
  [r`(-\infty,2)\cup(2,\infty)`, r`(-\infty,\infty)`],
  [r`(-\infty,2)\cup(3,\infty)`, r`(-\infty,2]\cup(3,\infty)`],
  [r`(-\infty,2)\cup(3,\infty)`, r`(-\infty,2)`],
  [r`(-\infty,2)\cap(3,\infty)`, r`(-\infty,2)\cup(3,\infty)`],
  [r`[1,5]\cap(3,7)`, '[3,5]'],
  [r`x<1 \text{ or } x>3`, '(1,3)'],
  // Of two unknowns: no interval.
  ['x > 1 and y < 3', '(1,3)'],
  [r`\mathbb{R}\setminus\{1\}`, r`\mathbb{R}`],
  [r`\mathbb{R}\setminus\{1,2\}`, r`\mathbb{R}\setminus\{1\}`],
  // Without brackets nobody says what comes first.
  [r`(1,5)\cup(6,7)\cap(0,2)`, r`(1,5)`],
  // A known word is met by that word only.
  ['5', 'five'],
  ['six', '5'],
  ['one of them', '1'],
  ['two or three', '2'],
  ['one more', '1'],
  ['third', '3'],
  ['third', '1/3'],
  ['two and three', '5'],
  ['twenty eleven', '31'],
  ['no', '0'],
  ['none', '0'],
  ['a dozen', '13'],
  ['five apples', '6'],
  ['3 million', '3'],
  ['1.5 million', '1.5'],
  ['ten percent', '10 cm'],
  ['+-4', '4'],
  [r`3 \pm 2`, '3'],
  ['€5', '¥5'],
  ['75¢', '$75'],
  ['180°', r`\pi \text{ rad}`],
  ['30°', r`30 \text{ rad}`],
  ['x = 5', '6'],
  ['x + y = 5', '5'],
  ['x = y = 5', '5'],
  [r`P(X > 2) = 0.3`, '2'],
  [r`x_1 = 2, y_1 = 3`, '3, 2'],
  ['(B) 12', 'C'],
  ['C', '(B) 12'],
  ['(B) + 1', 'B'],
];

describe('wider answers', () => {
  it.each(SAME)('%s is %s', (given, known) => expect(sameAnswer(given, known)).toBe(true));
  it.each(DIFFERENT)('%s is not %s', (given, known) => {
    expect(sameAnswer(given, known)).toBe(false);
  });
  it.each([...SAME, ...DIFFERENT])('%s and %s agree with themselves', (...texts) => {
    for (const text of texts) expect(sameAnswer(text, text), text).toBe(true);
  });
});

describe('numberOfWords', () => {
  it.each([
    ['', null],
    ['and', null],
    ['hundred', 100],
    ['zero', 0],
    ['nine hundred ninety nine thousand nine hundred ninety nine', 999_999],
    ['one thousand million', null],
    ['thousand one', 1001],
    ['one two', null],
    ['fifty five five', null],
    ['half', 0.5],
    ['quarter', null],
    ['minus three halves', -1.5],
    ['two hundred and fifty', 250],
    ['two hundred and a half', 200.5],
    ['seven eighths', 0.875],
    ['a', null],
    ['a five', null],
    ['five and', null],
  ])('%j is %d', (text, expected) => {
    const read = numberOfWords(text);
    const value = read?.kind === 'number' ? read.value.samples[0] : null;
    expect(value).toBe(expected);
  });
});

describe('hostile answers', () => {
  const deep = (open: string, close: string, n: number): string =>
    open.repeat(n) + '1' + close.repeat(n);
  it.each([
    ['nested determinants', deep(r`\begin{vmatrix}`, r`&2\\3&4\end{vmatrix}`, 18)],
    ['a wide determinant', r`\begin{vmatrix}${'1&'.repeat(120)}1\end{vmatrix}`],
    ['many intervals', Array.from({ length: 70 }, (_, i) => `(${i},9)`).join(r`\cup`)],
    ['many intersections', Array.from({ length: 40 }, () => '(1,2)').join(r`\cap`)],
    ['towers of i', 'i' + '^{i'.repeat(60) + '}'.repeat(60)],
    ['powers of i', '(1+i)^{99999999}'],
    ['many roots', r`\sqrt{-`.repeat(38) + '1' + '}'.repeat(38)],
    ['many words', 'one hundred and '.repeat(35)],
    ['many ands', 'x>1 and '.repeat(60)],
    ['a long factor', `${'('.repeat(150)}2${')'.repeat(150)}\\begin{pmatrix}1\\end{pmatrix}`],
    ['many holes', r`\mathbb{R}\setminus\{${'1,'.repeat(200)}2\}`],
    ['long commands', r`\mathbb{R}\setminus\{${r`\aaaaaaaaa`.repeat(50)}`],
    ['backslashes', r`\mathbb{R}\setminus\{${'\\a'.repeat(150)}`],
  ])('%s: an answer or none, and no exception', (_, text) => {
    const grade = generalGrader('5').grade(`The answer is \\boxed{${text}}`);
    expect(grade.correct).toBe(false);
  });
});
