import { describe, expect, test } from 'vitest';
import { childStream, rootStream } from '../shared/random.ts';
import { viewAt } from '../shared/run-view.ts';
import {
  binOf,
  choiceFor,
  parseComputeOptimalTable,
  type ComputeOptimalTable,
} from './compute-optimal-table.ts';
import { strategyOf } from './strategies.ts';
import {
  referenceAnswer,
  referenceBestOfN,
  referenceTreeSearch,
} from './testing/reference-search.ts';
import { collect, scriptedContext } from './testing/scripted-context.ts';
import { PLAIN_SCRIPT, ScriptedPolicy } from './testing/scripted-policy.ts';

const auto = strategyOf('auto');

function table(strategy: 'beam' | 'revise'): ComputeOptimalTable {
  const choice = { selection: 'best', accuracy: 0.5, problems: 40 } as const;
  return {
    format: 'overthink-compute-optimal',
    version: 1,
    source: 'a test',
    thresholds: [0.9, 0.7, 0.4, 0.2],
    choices: [1, 2, 3, 4, 5].flatMap((bin) => [
      { ...choice, bin, budget: 4, strategy: 'best-of-n' as const },
      { ...choice, bin, budget: 16, strategy },
    ]),
  };
}

describe('the table', () => {
  test('puts a problem into the first bin whose lower end it reaches', () => {
    const eases = [1, 0.9, 0.89, 0.7, 0.41, 0.2, 0.19, 0];
    expect(eases.map((ease) => binOf(table('beam'), ease))).toEqual([1, 1, 2, 2, 3, 4, 5, 5]);
  });

  test('chooses for the largest measured budget that is not above the wanted one', () => {
    const budgets = [1, 4, 15, 16, 256].map((b) => choiceFor(table('beam'), 3, b)?.budget);
    expect(budgets).toEqual([4, 4, 4, 16, 16]);
    expect(choiceFor(table('beam'), 9, 16)).toBeNull();
  });

  test('is checked before use', () => {
    expect(parseComputeOptimalTable(JSON.parse(JSON.stringify(table('beam'))))).toEqual(
      table('beam'),
    );
    expect(() => parseComputeOptimalTable({ format: 'x' })).toThrow(/compute-optimal/);
  });
});

describe('auto', () => {
  test('charges the estimate to the budget and spends the rest on the measured choice', async () => {
    const context = scriptedContext(
      { budget: 16, strategy: 'auto' },
      { computeOptimal: table('beam'), baseline: false },
    );
    const view = viewAt(await collect(auto, context), Infinity);
    expect(view.status).toBe('done');
    expect(view.ledger.generations).toBe(16);
    expect(view.candidates.reduce((sum, one) => sum + one.copies, 0)).toBe(16);
    expect(view.nodes.some((node) => node.rank !== null)).toBe(true);
    expect(view.answer?.selection).toBe('best');
    expect(view.notes[0]).toMatchObject({ code: 'auto-choice' });
    expect(view.notes[0].text).toMatch(
      /^Auto took beam search with best selection\. Why: 4 samples \(4 of 16 generations, \d+ tokens written and \d+ verified, all charged\)/,
    );
  });

  test('is the samples of best of n, then the slow reference search from its own draws', async () => {
    for (let seed = 0; seed < 12; seed++) {
      const context = scriptedContext(
        { budget: 16, strategy: 'auto', mergeDuplicates: false, width: 3, seed },
        { computeOptimal: table('beam'), baseline: false },
      );
      const view = viewAt(await collect(auto, context), Infinity);
      const plan = {
        script: PLAIN_SCRIPT,
        levels: 5,
        prompt: context.prompt,
        seed,
        temperature: 1,
        merge: false,
        aggregation: 'last',
        groups: [12],
        keeps: (live: number) => Math.ceil(live / 3),
        lookahead: 0,
      } as const;
      const root = rootStream(seed, context.prompt);
      const samples = referenceBestOfN(plan, 4);
      const search = referenceTreeSearch({ ...plan, rootStream: childStream(root, 0x20000000) });
      const ease = samples.reduce((sum, one) => sum + (one.stepScores.at(-1) ?? 0), 0) / 4;
      expect(view.notes[0].text).toContain(`score of ${ease.toFixed(2)}`);
      const all = [...samples, ...search.results];
      expect(view.candidates.map((one) => one.stepScores)).toEqual(
        all.map((one) => one.stepScores),
      );
      expect(view.answer?.answer ?? null).toBe(referenceAnswer(all, 'best', 'last'));
    }
  });

  test('the second phase draws other samples than the first', async () => {
    const policy = new ScriptedPolicy();
    const context = scriptedContext(
      { budget: 12, strategy: 'auto' },
      { computeOptimal: table('beam'), policy, baseline: false },
    );
    await collect(auto, context);
    const keys = policy.calls.flat().flatMap(({ streams }) => streams.map(String));
    expect(policy.calls.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('falls back to best of n where nothing was measured or the model is missing', async () => {
    for (const computeOptimal of [null, table('revise')]) {
      const context = scriptedContext(
        { budget: 16, strategy: 'auto' },
        { computeOptimal, baseline: false },
      );
      const view = viewAt(await collect(auto, context), Infinity);
      expect(view.status).toBe('done');
      expect(view.ledger.generations).toBe(16);
      expect(view.notes[0].text).toMatch(/^Auto took best of N/);
    }
  });
});
