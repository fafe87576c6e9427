import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AGGREGATIONS, SELECTIONS } from '../shared/run-config.ts';
import { pathTo, viewAt } from '../shared/run-view.ts';
import { reselect, type ReselectOptions } from '../verify/reselect.ts';
import { strategyOf } from './strategies.ts';
import { collect, scriptedContext } from './testing/scripted-context.ts';
import { ScriptedPolicy, ScriptedVerifier } from './testing/scripted-policy.ts';

const recorded: ReselectOptions = {
  selection: 'weighted',
  aggregation: 'last',
  scorer: 'recorded',
  corruption: 'none',
  seed: 1,
};

async function viewOf(config: Parameters<typeof scriptedContext>[0]) {
  const reviser = {
    policy: new ScriptedPolicy(),
    verifier: new ScriptedVerifier(5, { perStep: false }),
  };
  const strategy = strategyOf(config.strategy ?? 'best-of-n');
  return viewAt(await collect(strategy, scriptedContext(config, { reviser })), Infinity);
}

describe('selecting anew', () => {
  test('gives what a run with these settings would have chosen', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('best-of-n', 'revise'),
        fc.constantFrom(...SELECTIONS),
        fc.constantFrom(...AGGREGATIONS),
        fc.nat(100),
        async (strategy, selection, aggregation, seed) => {
          const config = { strategy, budget: 12, seed } as const;
          const before = await viewOf(config);
          const wanted = await viewOf({ ...config, selection, aggregation });
          const choice = reselect(before, { ...recorded, selection, aggregation });
          expect(choice.candidate).toBe(wanted.answer?.candidate);
          expect(choice.votes).toEqual(wanted.answer?.votes);
          expect(choice.correct).toBe(wanted.answer?.correct);
        },
      ),
    );
  });

  test('self-consistency makes weighted selection prefer agreement', async () => {
    const view = await viewOf({ budget: 30, mergeDuplicates: false, seed: 9 });
    const choice = reselect(view, { ...recorded, scorer: 'self-consistency' });
    const majority = reselect(view, { ...recorded, selection: 'majority' });
    expect(choice.answerText).toBe(majority.answerText);
    const parsed = view.candidates.filter((one) => one.answer !== null);
    const own = parsed.filter((one) => one.answer === choice.votes[0].answer).length;
    expect(Math.max(...choice.scores.map((score) => score ?? 0))).toBeCloseTo(
      own / parsed.length,
      12,
    );
  });

  test('likelihood is the mean probability of a token over the whole solution', async () => {
    const view = await viewOf({ budget: 6 });
    const { scores } = reselect(view, { ...recorded, scorer: 'likelihood' });
    view.candidates.forEach((candidate, i) => {
      const nodes = pathTo(view, candidate.id).map((id) => view.nodes[id]);
      const sum = nodes.reduce((total, node) => total + node.logProb, 0);
      const tokens = nodes.reduce((total, node) => total + node.tokens, 0);
      expect(scores[i]).toBeCloseTo(Math.exp(sum / tokens), 12);
    });
  });

  test('corruption turns about a fifth of the verdicts round, the same ones for a seed', async () => {
    const view = await viewOf({ budget: 1000, mergeDuplicates: false });
    const scores = (corruption: 'none' | 'flip-20' | 'random', seed = 1) =>
      reselect(view, { ...recorded, corruption, seed }).scores;
    const clean = scores('none');
    const flipped = scores('flip-20');
    const turned = clean.filter((score, i) => score !== flipped[i]);
    expect(turned.length / clean.length).toBeGreaterThan(0.16);
    expect(turned.length / clean.length).toBeLessThan(0.24);
    clean.forEach((score, i) => {
      if (flipped[i] !== score) expect(flipped[i]).toBe(1 - (score ?? NaN));
    });
    expect(scores('flip-20')).toEqual(flipped);
    expect(scores('flip-20', 2)).not.toEqual(flipped);
    expect(new Set(scores('random')).size).toBeGreaterThan(990);
  });
});
