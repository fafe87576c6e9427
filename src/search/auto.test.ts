import { describe, expect, test } from 'vitest';
import { childStream, rootStream } from '../shared/random.ts';
import { viewAt } from '../shared/run-view.ts';
import {
  binOf,
  choiceFor,
  halfOf,
  parseComputeOptimalTable,
  tableWithout,
  type ChoiceTable,
} from './compute-optimal-table.ts';
import { strategyOf } from './strategies.ts';
import {
  referenceAnswer,
  referenceBestOfN,
  referenceTreeSearch,
} from './testing/reference-search.ts';
import { choiceFile, choiceTable } from './testing/choice-table.ts';
import { collect, scriptedContext } from './testing/scripted-context.ts';
import { PLAIN_SCRIPT, ScriptedPolicy, ScriptedVerifier } from './testing/scripted-policy.ts';

const auto = strategyOf('auto');

function table(strategy: 'beam' | 'revise'): ChoiceTable {
  return choiceTable([
    { budget: 4, strategy: 'best-of-n', selection: 'best' },
    { budget: 16, strategy, selection: 'best' },
  ]);
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
    const file = choiceFile(table('beam'));
    expect(parseComputeOptimalTable(JSON.parse(JSON.stringify(file)))).toEqual(file);
    expect(() => parseComputeOptimalTable({ format: 'x' })).toThrow(/compute-optimal/);
    expect(() => parseComputeOptimalTable({ ...file, version: 1 })).toThrow(/compute-optimal/);
  });

  test('has choices for each half of the problems that were made without it', () => {
    const withoutHalf = [table('beam'), table('revise')] as const;
    const file = choiceFile(choiceTable([]), withoutHalf);
    const prompts = Array.from({ length: 400 }, (_, i) => `make ${i}: 3 ${i % 7} 9`);
    const halves = prompts.map(halfOf);
    const ones = halves.filter((half) => half === 1).length;
    expect(ones).toBeGreaterThan(160);
    expect(ones).toBeLessThan(240);
    prompts.forEach((prompt, i) => {
      expect(tableWithout(file, prompt)).toBe(withoutHalf[halves[i]]);
    });
  });
});

const PLAIN = {
  keep: 'n-over-m',
  mergeDuplicates: false,
  lookahead: 0,
  chainLength: 4,
  aggregation: null,
} as const;

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
      /^Auto took beam search with best selection \(width 4\)\. Why: 4 samples \(4 of 16 generations, \d+ tokens written and \d+ verified, all charged\)/,
    );
  });

  test('is the samples of best of n, then the slow reference search from its own draws', async () => {
    const computeOptimal = choiceTable([
      { budget: 16, strategy: 'beam', selection: 'best', parameters: { ...PLAIN, width: 3 } },
    ]);
    for (let seed = 0; seed < 12; seed++) {
      const context = scriptedContext(
        { budget: 16, strategy: 'auto', mergeDuplicates: false, seed },
        { computeOptimal, baseline: false },
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

  test('runs what was measured with all its parameters, whatever the controls say', async () => {
    const parameters = { ...PLAIN, width: 2, keep: 'm', lookahead: 2, aggregation: 'min' } as const;
    const computeOptimal = choiceTable([
      { budget: 16, strategy: 'lookahead', selection: 'majority', parameters },
    ]);
    for (let seed = 0; seed < 6; seed++) {
      const controls = { width: 6, lookahead: 1, mergeDuplicates: true, aggregation: null };
      const context = scriptedContext(
        { budget: 16, strategy: 'auto', seed, ...controls },
        { computeOptimal, baseline: false },
      );
      const view = viewAt(await collect(auto, context), Infinity);
      const plan = {
        script: PLAIN_SCRIPT,
        levels: 5,
        prompt: context.prompt,
        seed,
        temperature: 1,
        merge: false,
        aggregation: 'min',
        // 12 generations pay for 4 beams of 2 steps ahead; each keeps 2.
        groups: [4],
        keeps: (live: number) => Math.min(2, live),
        lookahead: 2,
      } as const;
      const root = rootStream(seed, context.prompt);
      const { results } = referenceTreeSearch({
        ...plan,
        rootStream: childStream(root, 0x20000000),
      });
      expect(view.candidates.slice(-results.length).map((one) => one.stepScores)).toEqual(
        results.map((one) => one.stepScores),
      );
      expect(view.answer).toMatchObject({ selection: 'majority', aggregation: 'min' });
      expect(view.notes[0].text).toContain('lookahead with majority selection (width 2, 2 steps');
    }
  });

  test('revises in chains of the measured length', async () => {
    const computeOptimal = choiceTable([
      { budget: 16, strategy: 'revise', parameters: { ...PLAIN, width: 4, chainLength: 6 } },
    ]);
    const reviser = { policy: new ScriptedPolicy(), verifier: new ScriptedVerifier() };
    const context = scriptedContext(
      { budget: 16, strategy: 'auto', chainLength: 2 },
      { computeOptimal, reviser, baseline: false },
    );
    const view = viewAt(await collect(auto, context), Infinity);
    const attempts = view.candidates.map(({ attempt }) => attempt ?? -1);
    expect(Math.max(...attempts)).toBe(5);
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
