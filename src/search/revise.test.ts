import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRevisionPrompt } from '../shared/revision-prompt.ts';
import { SELECTIONS } from '../shared/run-config.ts';
import { pathTo, viewAt } from '../shared/run-view.ts';
import { revisionFlips } from './revision-flips.ts';
import { strategyOf } from './strategies.ts';
import { referenceChainAnswer, referenceRevisions } from './testing/reference-search.ts';
import { collect, scriptedContext } from './testing/scripted-context.ts';
import { PLAIN_SCRIPT, ScriptedPolicy, ScriptedVerifier } from './testing/scripted-policy.ts';

const revise = strategyOf('revise');

const PLAN = {
  prompt: 'make 24: 4 6 7 8',
  temperature: 1,
  merge: false,
  aggregation: 'last',
  groups: [],
  keeps: () => 1,
  lookahead: 0,
} as const;

function setUp(config: Parameters<typeof scriptedContext>[0], cut = 0, levels = 7) {
  const policy = new ScriptedPolicy({ ...PLAIN_SCRIPT, letters: 4, cut });
  const verifier = new ScriptedVerifier(levels, { perStep: false });
  const context = scriptedContext(config, { reviser: { policy, verifier }, baseline: false });
  return { policy, verifier, context };
}

describe('revision chains', () => {
  test('cost chains x length = N and advance together, one batch for each attempt', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 12 }),
        async (budget, chainLength) => {
          const { policy, context } = setUp({ budget, chainLength });
          const view = viewAt(await collect(revise, context), Infinity);
          expect(view.ledger.generations).toBe(budget);
          expect(view.candidates).toHaveLength(budget);
          expect(policy.calls).toHaveLength(Math.min(budget, chainLength));
          const chains = new Set(view.candidates.map((one) => one.chain));
          expect(chains.size).toBe(Math.ceil(budget / Math.min(budget, chainLength)));
          expect(policy.live.size).toBe(0);
        },
      ),
    );
  });

  test('show, score and select as the slow reference does, cut attempts and ties included', async () => {
    let windows = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          budget: fc.integer({ min: 1, max: 24 }),
          chainLength: fc.integer({ min: 1, max: 9 }),
          selection: fc.constantFrom(...SELECTIONS),
          seed: fc.nat(500),
        }),
        fc.constantFrom(0, 0, 6),
        fc.constantFrom(1, 2, 7, 64),
        async (config, cut, levels) => {
          const { policy, context } = setUp({ strategy: 'revise', ...config }, cut, levels);
          const view = viewAt(await collect(revise, context), Infinity);
          const reference = referenceRevisions(
            { ...PLAN, script: { ...PLAIN_SCRIPT, letters: 4, cut }, levels, seed: config.seed },
            config.budget,
            config.chainLength,
          );
          const byPlace = [...view.candidates].sort(
            (a, b) => (a.chain ?? 0) - (b.chain ?? 0) || (a.attempt ?? 0) - (b.attempt ?? 0),
          );
          expect(
            byPlace.map((one) => ({
              path: pathTo(view, one.id)
                .map((id) => view.nodes[id].text)
                .join('/'),
              stepScores: one.stepScores,
              place: [one.chain, one.attempt],
              saw: one.saw,
              prompt: policy.calls[one.attempt ?? -1][one.chain ?? -1].branch.prompt,
            })),
          ).toEqual(
            reference.map(({ path, stepScores, chain, attempt, saw, prompt }) => ({
              path,
              stepScores,
              place: [chain, attempt],
              saw,
              prompt,
            })),
          );
          // In the order in which the run met them, so that ties fall alike.
          const met = [...reference].sort((a, b) => a.attempt - b.attempt);
          expect(view.answer?.answer ?? null).toBe(referenceChainAnswer(met, config.selection));
          windows += reference.filter(({ saw, attempt }) => attempt > saw.length).length;
        },
      ),
      { numRuns: 100 },
    );
    expect(windows).toBeGreaterThan(0);
  });

  test('an attempt that was written last is not chosen because of that', async () => {
    const chosen = new Set<boolean>();
    for (let seed = 0; seed < 20; seed++) {
      const { context } = setUp({ strategy: 'revise', budget: 8, chainLength: 8, seed });
      const { candidates, answer } = viewAt(await collect(revise, context), Infinity);
      chosen.add(answer?.candidate === candidates.length - 1);
    }
    expect([...chosen].sort()).toEqual([false, true]);
  });

  test('the oldest attempts are left out where an answer would not fit behind them', async () => {
    const { policy, context } = setUp({ budget: 6, chainLength: 6 });
    const asked: string[] = [];
    const fits = (prompt: string, answer: string) => {
      asked.push(answer);
      return (prompt.match(/<attempt>/g) ?? []).length <= 3;
    };
    Object.assign(policy.capabilities, { fits });
    const view = viewAt(await collect(revise, context), Infinity);
    const saw = view.candidates.map((one) => one.saw);
    expect(saw).toEqual([[], [0], [0, 1], [1, 2], [2, 3], [3, 4]]);
    for (const { branch } of policy.calls.flat()) {
      expect(parseRevisionPrompt(branch.prompt)?.attempts.length).toBeLessThanOrEqual(2);
    }
    expect(asked.length).toBeGreaterThan(5);
  });

  test('without the reviser the run fails with advice, not with an exception', async () => {
    const events = await collect(revise, scriptedContext({}));
    expect(events.at(-1)).toMatchObject({ reason: 'failed', error: { code: 'model-missing' } });
  });
});

test('flips are counted between neighbours of a chain only', () => {
  const attempt = (chain: number, answer: string | null, correct: boolean | null) =>
    ({ chain, answer, correct }) as Parameters<typeof revisionFlips>[0][number];
  expect(
    revisionFlips([
      attempt(0, 'b', true),
      attempt(1, 'c', false),
      attempt(0, null, null),
      attempt(1, 'b', true),
      attempt(0, 'b', true),
      attempt(0, 'b', true),
    ]),
  ).toEqual({ fromRight: 2, rightToWrong: 1, fromWrong: 2, wrongToRight: 2 });
});
