import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateProblems } from './generate.ts';
import { MAX_SET_LINES, readProblemSet, writeProblemSet } from './problem-set.ts';

describe('readProblemSet', () => {
  it('reads what it writes', () => {
    const problems = (['countdown', 'arithmetic', 'equation'] as const).flatMap((family) =>
      generateProblems({
        family,
        level: family === 'countdown' ? 'small-4' : '3',
        count: 10,
        seed: 1,
      }),
    );
    const named = problems.map((problem, i) => ({ id: `p-${i}`, ...problem }));
    const set = readProblemSet(writeProblemSet(named));
    expect(set.faults).toEqual([]);
    expect(set.outside).toEqual([]);
    expect(set.problems).toHaveLength(30);
    expect(set.problems.map(({ prompt, answer }) => [prompt, answer])).toEqual(
      named.map(({ prompt, answer }) => [prompt, answer]),
    );
  });

  it('reports bad lines by number and keeps the rest', () => {
    const lines = [
      '\ufeff{"id":"a","prompt":"make 24: 4 6 7 8"}',
      '',
      'not json',
      '[1,2]',
      '{"id":"b"}',
      '{"id":"c","prompt":"What is the capital of France?","answer":"Paris"}',
      '{"id":7,"prompt":"2x+3=11","answer":4}',
      '{"id":"a","prompt":"3*(4+5)","answer":"28","level":"9"}',
      '{"prompt":"3+4"}',
    ];
    const set = readProblemSet(lines.join('\r\n'));
    expect(set.problems.map(({ id, prompt, answer, line }) => [id, prompt, answer, line])).toEqual([
      ['a', 'make 24: 4 6 7 8', null, 1],
      ['7', 'solve 2*x+3=11', '4', 7],
      ['a#2', 'compute 3*(4+5)', '27', 8],
      ['line-9', 'compute 3+4', '7', 9],
    ]);
    expect(set.outside).toMatchObject([
      { id: 'c', answer: 'Paris', line: 6, reason: { code: 'not-understood' } },
    ]);
    expect(set.faults.map(({ line, code, skipped }) => [line, code, skipped])).toEqual([
      [3, 'not-json', true],
      [4, 'not-a-problem', true],
      [5, 'not-a-problem', true],
      [8, 'repeated-id', false],
      [8, 'differs', false],
      [9, 'missing-id', false],
    ]);
    expect(set.faults[4].message).toMatch(/answer 28; it is 27/);
    expect(set.faults[4].message).toMatch(/level 9; it is 2/);
  });

  it('accounts for every line of any text', () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ id: fc.string(), prompt: fc.string() }).map((value) => JSON.stringify(value)),
      fc.constant('{"id":"x","prompt":"make 24: 4 6 7 8"}'),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const text = lines.join('\n');
        const set = readProblemSet(text);
        const full = text
          .replace(/^\ufeff/, '')
          .split(/\r\n|\n|\r/)
          .filter((one) => one.trim() !== '').length;
        const skipped = set.faults.filter((fault) => fault.skipped).length;
        expect(set.problems.length + set.outside.length + skipped).toBe(full);
        const ids = [...set.problems, ...set.outside].map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it('stops at the limit and says so', () => {
    const text = '{"id":"a","prompt":"?"}\n'.repeat(3) + '{"prompt":"?"}\n'.repeat(MAX_SET_LINES);
    const set = readProblemSet(text);
    expect(set.outside).toHaveLength(MAX_SET_LINES);
    expect(set.faults[set.faults.length - 1]).toMatchObject({ code: 'too-many', skipped: true });
  });
});
