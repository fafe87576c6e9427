import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rootBranch, type Branch } from '../shared/branch.ts';
import { leastDetermined, withConfidence } from './confidence.ts';

const WEIGHTS = { scale: 0.8, step: 1, solution: 0.9, bias: -0.1 };

/** `logProbs` are those of the characters of `text` and of its terminator. */
function step(parent: Branch, text: string, logProbs?: readonly number[]): Branch {
  const tokens = [...text, '\n'].map(() => 9);
  const said = logProbs === undefined ? {} : { logProbs };
  return { ...parent, parent, text, tokens, tokenCount: tokens.length, depth: 1, ...said };
}

const root = rootBranch('make 24: 4 6 8', [1, 2]);
const sure = (text: string) => [...text, '\n'].map(() => -0.001);
const spoilt = (text: string, at: number, logProb: number) => sure(text).with(at, logProb);

describe('leastDetermined', () => {
  it('looks behind the = of a move, at all of an equation, and at the terminator', () => {
    const move = '8-6=2|2 4';
    expect(leastDetermined(step(root, move, spoilt(move, 0, -7)))).toBe(-0.001);
    expect(leastDetermined(step(root, move, spoilt(move, 4, -7)))).toBe(-7);
    expect(leastDetermined(step(root, move, spoilt(move, move.length, -7)))).toBe(-7);
    expect(leastDetermined(step(root, '2*x=8', spoilt('2*x=8', 0, -7)))).toBe(-7);
  });

  it('takes a step for sure where the policy did not say, or not for each token', () => {
    expect(leastDetermined(step(root, '2*x=8'))).toBe(0);
    expect(leastDetermined(step(root, '2*x=8', [-7]))).toBe(0);
    // Rounding may leave a certain token a hair above 0.
    expect(leastDetermined(step(root, 'x', [1e-7, 0]))).toBe(0);
  });
});

describe('withConfidence', () => {
  it('is the logistic sum that training/confidence.py fits (the same figures are in its test)', () => {
    const first = step(root, '8-6=2|2 4', spoilt('8-6=2|2 4', 4, -2));
    const second = step(first, '2+4=6|6', spoilt('2+4=6|6', 4, -0.5));
    const scores = withConfidence(second, [0.9, 0.6], WEIGHTS);
    expect(scores[0]).toBeCloseTo(0.10506, 6);
    expect(scores[1]).toBeCloseTo(0.111488, 6);
  });

  it('leaves the values as they are where it weighs nothing else', () => {
    const leaf = step(root, 'x=3', spoilt('x=3', 2, -9));
    const [score] = withConfidence(leaf, [0.3], { scale: 1, bias: 0, step: 0, solution: 0 });
    expect(score).toBeCloseTo(0.3, 12);
  });

  it('keeps 0 and 1: a cut step stays a dead end', () => {
    const leaf = step(step(root, 'x', [-9, -9]), 'x', [0, 0]);
    expect(withConfidence(leaf, [0, 1], WEIGHTS)).toEqual([0, 1]);
  });

  it('never thinks more of a solution whose determined tokens were expected less', () => {
    const text = '8-6=2|2';
    const logProb = fc.double({ min: -30, max: 0, noNaN: true });
    const line = fc.array(logProb, { minLength: text.length + 1, maxLength: text.length + 1 });
    const value = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, value), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.nat({ max: text.length }),
        logProb,
        (lines, which, at, less) => {
          const scoresOf = (all: typeof lines) => {
            const leaf = all.reduce<Branch>((from, [said]) => step(from, text, said), root);
            return withConfidence(
              leaf,
              all.map(([, one]) => one),
              WEIGHTS,
            );
          };
          const changed = which % lines.length;
          const lower = lines.map(([said, one], i): (typeof lines)[number] =>
            i === changed ? [said.with(at, Math.min(said[at], less)), one] : [said, one],
          );
          const [before, after] = [scoresOf(lines), scoresOf(lower)];
          // What is in front of the = is a choice; earlier steps do not know.
          const touched = at > text.indexOf('=') ? changed : Infinity;
          before.forEach((score, i) => {
            if (i < touched) expect(after[i]).toBe(score);
            else expect(after[i]).toBeLessThanOrEqual(score);
          });
        },
      ),
    );
  });
});
