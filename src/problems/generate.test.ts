import { describe, expect, it } from 'vitest';
import { FAMILIES } from './families.ts';
import { generateProblems } from './generate.ts';
import { splitOf } from './split.ts';

const LEVELS = FAMILIES.flatMap((family) => family.levels.map(({ id }) => ({ family, level: id })));

describe('generateProblems', () => {
  it.each(LEVELS)('$family.id $level: right, distinct, at its level', ({ family, level }) => {
    const problems = generateProblems({ family: family.id, level, count: 30, seed: 5 });
    expect(problems).toHaveLength(30);
    expect(new Set(problems.map(({ prompt }) => family.splitKey(prompt))).size).toBe(30);
    for (const { prompt, answer, steps } of problems) {
      expect(family.levelOf(prompt)).toBe(level);
      expect(family.truth(prompt)).toEqual({ answer, solvable: true });
      expect(family.isFinished(prompt, steps)).toBe(true);
      const verdicts = family.checkSteps(prompt, steps);
      expect(verdicts.every((verdict) => verdict.legal && verdict.true)).toBe(true);
      const given = family.canonicalAnswer(prompt, steps);
      expect(given !== null && family.checkAnswer(prompt, given)).toBe(true);
      if (answer !== null) expect(given).toBe(answer);
    }
  });

  it('depends on the seed alone', () => {
    const prompts = (seed: number, count: number) =>
      generateProblems({ family: 'countdown', level: 'small-4', count, seed }).map((p) => p.prompt);
    expect(prompts(1, 20)).toEqual(prompts(1, 20));
    expect(prompts(1, 20).slice(0, 5)).toEqual(prompts(1, 5));
    expect(prompts(1, 20)).not.toEqual(prompts(2, 20));
  });

  it('keeps to a split', () => {
    const problems = generateProblems({
      family: 'arithmetic',
      level: '4',
      count: 20,
      seed: 1,
      split: 'test',
    });
    expect(problems).toHaveLength(20);
    expect(problems.every(({ prompt }) => splitOf(prompt) === 'test')).toBe(true);
  });

  it('spreads over the distribution of the training data', () => {
    const countdown = generateProblems({
      family: 'countdown',
      level: 'large-4',
      count: 400,
      seed: 3,
    });
    const targets = countdown.map(({ prompt }) => Number(/^make (\d+)/.exec(prompt)?.[1]));
    expect(Math.min(...targets)).toBeLessThan(60);
    expect(Math.max(...targets)).toBeGreaterThan(700);
    const arithmetic = generateProblems({ family: 'arithmetic', level: '6', count: 300, seed: 3 });
    const all = arithmetic.map(({ prompt }) => prompt).join('');
    for (const sign of ['+', '-', '*', '/', '('])
      expect(all.split(sign).length).toBeGreaterThan(60);
    const roots = generateProblems({ family: 'equation', level: '4', count: 300, seed: 3 }).map(
      ({ answer }) => Number(answer),
    );
    expect(Math.min(...roots)).toBeLessThan(-12);
    expect(Math.max(...roots)).toBeGreaterThan(22);
  });

  it('stops when a level has no more problems, and refuses levels that do not exist', () => {
    expect(() =>
      generateProblems({ family: 'countdown', level: 'small-7', count: 1, seed: 1 }),
    ).toThrow(/small-7/);
  });
});
