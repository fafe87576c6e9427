import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../problems/families.ts';
import { rootStream, StreamRandom } from '../shared/random.ts';
import { checkSteps, gradeSolution, graderFor } from './grade.ts';

const problem = fc
  .tuple(fc.constantFrom(...FAMILIES), fc.nat(), fc.nat())
  .map(([family, pick, seed]) => {
    const level = family.levels[pick % family.levels.length].id;
    return family.generate(level, new StreamRandom(rootStream(seed, level)));
  });

describe('gradeSolution', () => {
  it.each([
    ['make 24: 4 6 7 8', ['8-6=2|2 4 7', '7*4=28|2 28', '28-2=26|26'], '7*4+6-8', false, true],
    ['make 26: 4 6 7 8', ['8-6=2|2 4 7', '4*7=28|2 28', '28-2=26|26'], '7*4+6-8', true, true],
    ['make 24: 4 6 7 8', ['8-6=2|2 4 7', '7*4=28|2 28'], null, false, false],
    ['make 24: 4 6 7 8', ['8-6=2|2 4 7', '7*4=28|28'], null, false, true],
    ['make 24: 4 6 7 8', ['9-6=3|3 4 7', '7*4=28|3 28', '28-4=24|24'], null, false, true],
    ['make 24: 4 6 8', ['8/4=2|2 6', '6*2=12|12'], '8*6/4', false, true],
    ['make 24: 4 6 8', [], null, false, false],
    ['compute 3*(4+5)', ['4+5=9|3*9', '3*9=27|27'], '27', true, true],
    ['compute 3*(4+5)', ['4+5=9|3*9', '3*9=28|28'], '28', false, true],
    ['compute 3*(4+5)', ['4+5=9|3*9'], null, false, false],
    ['compute 3*(4+5)', ['4+5=9|3*9', '3*9=27|027'], null, false, false],
    ['compute 3*(4+5)', ['27'], null, false, false],
    ['solve 2*x+3=11', ['2*x=8', 'x=4'], '4', true, true],
    ['solve 2*x+3=11', ['2*x=8', 'x=-4'], '-4', false, true],
    ['solve 2*x+3=3', ['2*x=0', 'x=-0'], '0', true, true],
    ['solve 2*x+3=11', ['2*x=8'], null, false, false],
    ['solve 2*x+3=11', ['x=8/2'], null, false, false],
  ] as const)('%s %j', (prompt, steps, answer, correct, finished) => {
    const grade = gradeSolution(prompt, steps);
    expect(grade).toMatchObject({ answer, correct, finished });
    expect(grade.answerText === null).toBe(answer === null);
  });

  it('knows no truth about other prompts', () => {
    expect(graderFor('What is love?')).toBeNull();
    expect(gradeSolution('make 5: 1 2 3', ['1+2=3|3 3'])).toEqual({
      answer: null,
      answerText: null,
      correct: null,
      finished: false,
    });
    expect(checkSteps('What is love?', ['x=1'])).toEqual([]);
  });

  it('writes answers for people', () => {
    const text = (prompt: string, ...steps: string[]) => gradeSolution(prompt, steps).answerText;
    expect(text('make 24: 4 6 8', '8/4=2|2 6', '6*2=12|12')).toBe('8 × 6 ÷ 4 = 12');
    expect(text('solve x+9=4', 'x=-5')).toBe('x = −5');
  });

  it('grades every generated solution right', () => {
    fc.assert(
      fc.property(problem, ({ prompt, steps }) => {
        expect(gradeSolution(prompt, steps)).toMatchObject({ correct: true, finished: true });
        expect(checkSteps(prompt, steps).every((v) => v.legal && v.true)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('grades no solution right whose final number was changed, and finds the false step', () => {
    fc.assert(
      fc.property(problem, fc.integer({ min: 1, max: 9 }), ({ family, prompt, steps }, by) => {
        const last = steps[steps.length - 1];
        const changed =
          family === 'equation'
            ? last.replace(/-?\d+$/, (n) => String(Number(n) + by))
            : last.replace(/=(\d+)\|\d+$/, (_, n) => `=${Number(n) + by}|${Number(n) + by}`);
        const mutated = [...steps.slice(0, -1), changed];
        const verdicts = checkSteps(prompt, mutated);
        expect(verdicts[verdicts.length - 1].true).toBe(false);
        expect(verdicts.slice(0, -1).every((v) => v.legal && v.true)).toBe(true);
        // A countdown answer is the expression, which a false last result does not change.
        expect(gradeSolution(prompt, mutated).correct).toBe(family === 'countdown');
      }),
      { numRuns: 300 },
    );
  });

  it('grades no unfinished solution right', () => {
    fc.assert(
      fc.property(problem, fc.nat(), ({ prompt, steps }, cut) => {
        const part = steps.slice(0, cut % steps.length);
        expect(gradeSolution(prompt, part)).toMatchObject({ answer: null, correct: false });
      }),
      { numRuns: 200 },
    );
  });

  it('grades anything a model may write', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .array(fc.constantFrom(...'0123456789+-*/=|() x'), { maxLength: 30 })
        .map((chars) => chars.join('')),
      fc.constantFrom('1/0=0|0', '0/1=0|0', 'x=', '=x', '|', '1+1=2|', 'x=1=1', '('.repeat(500)),
      fc.constant('1+'.repeat(3000)),
      fc.constant('9'.repeat(400)),
    );
    fc.assert(
      fc.property(problem, fc.array(line, { maxLength: 6 }), ({ prompt, steps }, lines) => {
        const text = [...steps.slice(0, 1), ...lines];
        const grade = gradeSolution(prompt, text);
        expect(grade.answer === null && grade.correct === true).toBe(false);
        expect(checkSteps(prompt, text)).toHaveLength(text.length);
      }),
      { numRuns: 250 },
    );
  });
});

describe('checkSteps', () => {
  const reasons = (prompt: string, ...steps: string[]) =>
    checkSteps(prompt, steps).map((v) => `${v.legal ? 'legal' : 'illegal'} ${v.true} ${v.reason}`);

  it('charges a slip to the step that makes it', () => {
    expect(reasons('make 24: 4 6 7 8', '7*8=54|4 6 54', '54-6=48|4 48', '48/4=12|12')).toEqual([
      'legal false 7 × 8 is 56, not 54.',
      'legal true Legal and true.',
      'legal true Legal and true.',
    ]);
    expect(reasons('compute 7*8-2*3', '7*8=54|54-2*3', '2*3=6|54-6', '54-6=48|48')).toEqual([
      'legal false 7 × 8 is 56, not 54.',
      'legal true Legal and true.',
      'legal true Legal and true.',
    ]);
  });

  it.each([
    ['make 24: 4 6 7 8', '5+6=11|4 7 8 11', 'illegal true 5 is not among the numbers 4 6 7 8.'],
    ['make 24: 4 6 7 8', '4*4=16|6 7 8 16', 'illegal true a second 4 is not among'],
    ['make 24: 4 6 7 8', '4*6=24|24', 'illegal true The numbers left should read 7 8 24.'],
    ['make 24: 4 6 7 8', '4-6=2|2 7 8', 'legal false 4 − 6 is negative.'],
    ['make 24: 4 6 7 8', '8/6=1|1 4 7', 'legal false 8 ÷ 6 is not a whole number.'],
    ['make 24: 4 6 7 8', '4+6=10', 'illegal false Not of the form'],
    ['make 24: 4 6 7 8', '6+4=10|7 8 10', 'legal true Legal and true.'],
    ['make 24: 4 6 7 8', '8-8=0|0', 'illegal true a second 8'],
    ['compute 2+3*4', '2+3=5|5*4', 'illegal true 2+3 cannot be reduced in 2+3*4.'],
    ['compute 2+3*4', '3*4=12|2+13', 'illegal true What is left should read 2+12.'],
    ['compute 2*3+4*5', '4*5=20|2*3+20', 'legal true Legal and true.'],
    ['compute 9-4-2', '4-2=2|9-2', 'illegal true 4-2 cannot be reduced in 9-4-2.'],
    ['compute 9-4-2', '9-4=6|6-2', 'legal false 9 − 4 is 5, not 6.'],
    ['solve 2*x+3=11', '2*x=8', 'legal true Has the same solution.'],
    ['solve 2*x+3=11', '8=2*x', 'legal true Has the same solution.'],
    ['solve 2*x+3=11', '2*x=14', 'legal false This equation gives x = 7'],
    ['solve 2*x+3=11', '0=0', 'legal false This equation has every number'],
    ['solve 2*x+3=11', '0=8', 'legal false This equation has no solution'],
    ['solve 2*x+3=11', '2x=8', 'illegal false Not an equation in x.'],
    ['solve 3*(x-4)=2*x+5', '3*x-12=2*x+5', 'legal true Has the same solution.'],
    ['solve 3*(x-4)=2*x+5', '3*x-4=2*x+5', 'legal false This equation gives x = 9'],
  ])('%s: %s', (prompt, step, start) => {
    expect(reasons(prompt, step)[0].startsWith(start), reasons(prompt, step)[0]).toBe(true);
  });

  it('judges nothing behind a line that cannot be read', () => {
    const [, second] = checkSteps('make 24: 4 6 7 8', ['?', '4+6=10|7 8 10']);
    expect(second).toMatchObject({ legal: false, reason: 'Follows a line that cannot be read.' });
  });
});
