import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rootStream, StreamRandom } from '../shared/random.ts';
import { MAX_PROBLEM_LENGTH } from '../shared/run-config.ts';
import { FAMILIES, familyById, familyOf } from './families.ts';
import { understand } from './understand.ts';

const LIMIT = MAX_PROBLEM_LENGTH;

/** What every reading must satisfy, whatever was typed. */
function checkReading(text: string): void {
  const reading = understand(text);
  if (reading.kind === 'problem') {
    expect(familyOf(reading.prompt)).toMatchObject({
      family: { id: reading.family },
      level: reading.level,
    });
    const again = understand(reading.prompt);
    expect(again).toMatchObject({ kind: 'problem', prompt: reading.prompt, level: reading.level });
    expect(reading.shown.length).toBeGreaterThan(10);
  } else {
    for (const words of [reading.code, reading.message, reading.missing, reading.advice]) {
      expect(words).not.toBe('');
      expect(words).not.toMatch(/undefined|NaN|null|Infinity|\[object/);
    }
    const { message, understood, missing, advice } = reading;
    expect(`${message}${understood}${missing}${advice}`.length).toBeLessThan(1200);
  }
}

/** Pieces that make nearly valid input. */
const piece = fc.constantFrom(
  ...'make,reach,24,4,6,7,8,x,y,=,+,-,*,/,(,),:,->,from,use,to,get,2x,3(,find x,and,solve,game of,target,compute,?,!,.,0,007,1 234,9999,×,−,÷,the,a,\u202e,\u00a0,{,],;,^2,%,<,1e5,∞'.split(
    ',',
  ),
  ',',
);
const sentence = fc
  .array(fc.tuple(piece, fc.constantFrom('', ' ')), { maxLength: 40 })
  .map((parts) => parts.map((pair) => pair.join('')).join(''));

const problem = fc
  .tuple(fc.constantFrom(...FAMILIES), fc.nat(), fc.nat())
  .map(([family, pick, seed]) => {
    const level = family.levels[pick % family.levels.length].id;
    return family.generate(level, new StreamRandom(rootStream(seed, level)));
  });

describe('understand, fuzzed', () => {
  it('never throws on any string', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: LIMIT + 50 }), checkReading), {
      numRuns: 300,
    });
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), checkReading), {
      numRuns: 500,
    });
  });

  it('never throws on nearly valid text, and prints what it parses', () => {
    fc.assert(fc.property(sentence, checkReading), { numRuns: 1000 });
  });

  it('never throws on one piece repeated to the limit', () => {
    const repeated = fc
      .tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.constantFrom('', ' '))
      .map(([pieces, join]) => {
        const unit = pieces.join(join) + join;
        return unit.repeat(Math.ceil(LIMIT / unit.length)).slice(0, LIMIT);
      });
    fc.assert(fc.property(repeated, checkReading), { numRuns: 120 });
  });

  it('understands every generated problem as itself', () => {
    fc.assert(
      fc.property(problem, ({ prompt, family, level }) => {
        const reading = understand(prompt);
        expect(reading).toMatchObject({ kind: 'problem', prompt, family, level, warnings: [] });
      }),
      { numRuns: 600 },
    );
  });

  it('is not disturbed by spaces, case and typography', () => {
    const signs: Record<string, string> = { '*': ' × ', '-': ' − ', '/': ' ÷ ', '+': ' + ' };
    fc.assert(
      fc.property(problem, ({ prompt }) => {
        const typed = prompt.replace(/[-*/+]/g, (sign) => signs[sign]).toUpperCase();
        expect(understand(`  ${typed} ?`)).toMatchObject({ kind: 'problem', prompt });
      }),
      { numRuns: 300 },
    );
  });

  it('knows the level of its own prompts only', () => {
    fc.assert(
      fc.property(
        problem,
        fc.string({ minLength: 1, maxLength: 3 }),
        ({ prompt, family }, more) => {
          expect(familyById(family).levelOf(prompt)).not.toBeNull();
          expect(familyOf(`${prompt},${more}`)).toBeNull();
          expect(familyOf(prompt.toUpperCase())).toBeNull();
        },
      ),
    );
  });
});
