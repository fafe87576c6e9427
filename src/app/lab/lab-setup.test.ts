import { describe, expect, test } from 'vitest';
import type { SweepResult } from '../../eval/sweep-result.ts';
import { EMPTY_LEDGER } from '../../shared/ledger.ts';
import { estimateSweep, secondsLeft, totalWork, workOf } from './estimate.ts';
import { recallLab, rememberLab } from './lab-memory.ts';
import { fingerprint, problemsOfLevel, problemsOfText, splitProblems } from './lab-problems.ts';
import {
  addStrategy,
  DEFAULT_SETUP,
  defaultWorkers,
  obstacleOf,
  planOf,
  specOf,
  workersFor,
  type LabSetup,
} from './lab-setup.ts';

const problems = Array.from({ length: 10 }, (_, i) => ({
  id: `p${i}`,
  prompt: `compute ${i + 10}+${i + 20}`,
}));

function setup(patch: Partial<LabSetup>): LabSetup {
  return { ...DEFAULT_SETUP, ...patch };
}

function planFor(patch: Partial<LabSetup>) {
  return planOf(specOf(setup(patch), problems));
}

const SPEED = { policyTokensPerSecond: 1000, verifierTokensPerSecond: 1000 };

describe('estimate', () => {
  test('rules share a search, greedy is run once, and done work is not counted', () => {
    const plan = planFor({
      strategies: ['greedy', 'best-of-n', 'best-of-n:majority'],
      budgets: [4, 16],
      seeds: 2,
    });
    const whole = estimateSweep(plan, [], SPEED, 1);
    expect(whole.results).toBe(10 * 3 * 2 * 2);
    // Of each seed the run at 16 contains the one at 4.
    expect(whole.runs).toBe(10 * (1 + 2));
    const done = problems.map(({ id }): SweepResult => ({
      id,
      strategy: 'best-of-n',
      budget: 16,
      seed: 1,
      answer: null,
      correct: false,
      ledger: EMPTY_LEDGER,
    }));
    const votes = done.map((one) => ({ ...one, strategy: 'best-of-n:majority' }));
    expect(estimateSweep(plan, done, SPEED, 1).runs, 'the vote still needs it').toBe(30);
    const rest = estimateSweep(plan, [...done, ...votes], SPEED, 1);
    expect(rest.runs, 'the smaller budget is still missing').toBe(30);
    expect(rest.tokens).toBeLessThan(whole.tokens * 0.7);
    const small = [...done, ...votes].map((one) => ({ ...one, budget: 4 }));
    expect(estimateSweep(plan, [...done, ...votes, ...small], SPEED, 1).runs).toBe(20);
  });

  test('two workers halve the time, a larger set is scaled up from a sample', () => {
    const many = Array.from({ length: 400 }, (_, i) => ({
      id: `q${i}`,
      prompt: `compute ${10 + (i % 80)}+15`,
    }));
    const plan = planOf(specOf(setup({ strategies: ['beam'], budgets: [4] }), many));
    const one = estimateSweep(plan, [], SPEED, 1);
    expect(one.runs).toBe(400);
    expect(estimateSweep(plan, [], SPEED, 2).seconds).toBeCloseTo((one.seconds ?? 0) / 2);
    expect(estimateSweep(plan, [], null, 1).seconds).toBeNull();
  });

  test('the work of a finished sweep is the total, whatever order it came in', () => {
    const plan = planFor({ strategies: ['greedy', 'beam', 'dvts'], budgets: [1, 4], seeds: 3 });
    const all = plan.strategies.flatMap(({ name }) =>
      plan.budgets.flatMap((budget) =>
        Array.from({ length: 30 }, () => ({ strategy: name, budget })),
      ),
    );
    expect(workOf(all)).toBe(totalWork(plan));
  });

  test('time left follows the work that is left, not the number of results', () => {
    const progress = { work: 30, workAtStart: 10, totalWork: 110, elapsedMs: 2000 };
    expect(secondsLeft(progress)).toBeCloseTo(8);
    expect(secondsLeft({ ...progress, work: 10 })).toBeNull();
  });
});

describe('problems', () => {
  test('a bad line is named, the others stay, and the limit cuts after reading', () => {
    const text = [
      '{"id":"a","prompt":"compute 12+30"}',
      'not json',
      '{"id":"b","prompt":"prove that P is not NP"}',
      '{"id":"c","prompt":"compute 1+2"}',
    ].join('\n');
    const set = problemsOfText('mine', text, { limit: 1 });
    expect(set.problems.map(({ id }) => id)).toEqual(['a']);
    expect(set.available).toBe(2);
    expect(set.faults.map(({ line }) => line)).toEqual([2]);
    expect(set.outside.map(({ line }) => line)).toEqual([3]);
    // Language models take problems in words as well, in the order of the file.
    const all = problemsOfText('mine', text, { limit: 2, anyProblem: true });
    expect(all.problems.map(({ id }) => id)).toEqual(['a', 'b']);
    expect([all.available, all.outside]).toEqual([3, []]);
  });

  test('all levels share the count, and the same request gives the same problems', () => {
    const wanted = setup({ source: 'generated', family: 'equation', level: 'all', count: 10 });
    const set = problemsOfLevel(wanted);
    expect(set.problems.length).toBeLessThanOrEqual(10);
    expect(new Set(set.problems.map(({ id }) => id)).size).toBe(set.problems.length);
    expect(problemsOfLevel(wanted)).toEqual(set);
    expect(problemsOfLevel({ ...wanted, generatorSeed: 2 }).problems).not.toEqual(set.problems);
  });

  test('shares of the workers are disjoint, complete and of like size', () => {
    const parts = splitProblems(problems, 3);
    expect(parts.map(({ length }) => length)).toEqual([4, 3, 3]);
    expect(
      parts
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(problems.map(({ id }) => id).sort());
    expect(splitProblems(problems.slice(0, 2), 5)).toHaveLength(2);
  });

  test('a changed prompt under the same id is another set', () => {
    const changed = problems.map((one, at) => (at === 3 ? { ...one, prompt: 'compute 1+1' } : one));
    expect(fingerprint(changed)).not.toBe(fingerprint(problems));
  });

  test('so are the same problems with other known answers, or with none', () => {
    const withAnswers = (answer: string) => problems.map((one) => ({ ...one, answer }));
    const sets = [problems, withAnswers('30'), withAnswers('31')];
    expect(new Set(sets.map(fingerprint)).size).toBe(3);
    expect(fingerprint(withAnswers('30'))).toBe(fingerprint(withAnswers('30')));
  });
});

describe('setup', () => {
  test('a language model has one worker, and its sweep takes as long as with one', () => {
    const many = setup({ workers: 4, strategies: ['best-of-n'], budgets: [16] });
    expect([workersFor(many, false), workersFor(many, true)]).toEqual([4, 1]);
    const plan = planOf(specOf(many, problems));
    const seconds = [false, true].map(
      (language) => estimateSweep(plan, [], SPEED, workersFor(many, language)).seconds ?? 0,
    );
    expect(seconds[1]).toBeCloseTo(4 * seconds[0], 9);
  });

  test('budgets ascend, so that an interrupted sweep has the cheap points', () => {
    expect(specOf(setup({ budgets: [64, 1, 16] }), problems).budgets).toEqual([1, 16, 64]);
  });

  test('a variant is added once, a wrong one says what is possible', () => {
    expect(addStrategy(['beam'], ' beam ')).toEqual({ strategies: ['beam'] });
    expect(addStrategy([], 'beam:best:width=8')).toEqual({ strategies: ['beam:best:width=8'] });
    expect(addStrategy([], 'bream')).toEqual({
      problem: expect.stringMatching(/no strategy named "bream".*best-of-n/),
    });
    expect(addStrategy([], 'beam:width=999')).toHaveProperty('problem');
  });

  test('what is missing is said before a start, not after it', () => {
    expect(obstacleOf(DEFAULT_SETUP, problems, null)).toMatch(/loading/);
    expect(obstacleOf(DEFAULT_SETUP, [], [])).toMatch(/no problems/);
    expect(obstacleOf(setup({ strategies: ['revise:majority'] }), problems, [])).toMatch(/revise/);
    expect(obstacleOf(setup({ strategies: ['revise'] }), problems, ['revise'])).toBeNull();
    expect(obstacleOf(DEFAULT_SETUP, problems, [])).toBeNull();
  });

  test('one core stays free for the page', () => {
    expect([1, 2, 4, 64].map(defaultWorkers)).toEqual([1, 1, 3, 8]);
  });
});

describe('memory', () => {
  test('settings come back; a file that is too long, or damage, does not break them', () => {
    const kept = new Map<string, string>();
    const place = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, text: string) => void kept.set(name, text),
    };
    const file = { name: 'mine.jsonl', text: '{"id":"a"}' };
    expect(rememberLab(place, DEFAULT_SETUP, file)).toBe(true);
    expect(recallLab(place)).toEqual({ setup: DEFAULT_SETUP, file });
    expect(rememberLab(place, DEFAULT_SETUP, { name: 'x', text: 'x'.repeat(2_000_000) })).toBe(
      false,
    );
    expect(recallLab(place)?.file).toBeNull();
    kept.set('overthink-lab', '{"setup":{"budgets":["many"]}}');
    expect(recallLab(place)).toBeNull();
  });
});
