import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { familyById, familyOf } from './families.ts';
import type { GeneratedProblem } from './family.ts';
import { splitOf } from './split.ts';
import { understand } from './understand.ts';

/** Three problems of each level from `training/problems.py` (`draw`, seed 7), with its split. */
const PYTHON: readonly (GeneratedProblem & { split: string })[] = readFileSync(
  new URL('./fixtures/python-problems.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as GeneratedProblem & { split: string });

describe('agreement with training/', () => {
  it('covers every level', () => {
    const labels = new Set(PYTHON.map(({ family, level }) => `${family} ${level}`));
    expect(labels.size).toBe(22);
  });

  it.each(PYTHON)('$prompt', ({ family, level, prompt, answer, steps, split }) => {
    const { family: own } = familyOf(prompt) ?? {};
    expect(own?.id).toBe(family);
    expect(own?.levelOf(prompt)).toBe(level);
    expect(understand(prompt)).toMatchObject({ kind: 'problem', prompt, level, warnings: [] });
    expect(splitOf(prompt)).toBe(split);
    expect(own?.truth(prompt)).toEqual({ answer, solvable: true });
    // The generator's steps are one canonical way for all but countdown.
    if (family !== 'countdown') expect(familyById(family).solve(prompt)).toEqual(steps);
    const verdicts = own?.checkSteps(prompt, steps) ?? [];
    expect(verdicts.filter((verdict) => !verdict.legal || !verdict.true)).toEqual([]);
    const given = own?.canonicalAnswer(prompt, steps) ?? '';
    expect(own?.checkAnswer(prompt, given)).toBe(true);
  });
});
