import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRevisionPrompt } from '../shared/revision-prompt.ts';
import { pathTo, viewAt } from '../shared/run-view.ts';
import { revisionFlips } from './revision-flips.ts';
import { strategyOf } from './strategies.ts';
import { collect, scriptedContext } from './testing/scripted-context.ts';
import { PLAIN_SCRIPT, ScriptedPolicy, ScriptedVerifier } from './testing/scripted-policy.ts';

const revise = strategyOf('revise');

function setUp(config: Parameters<typeof scriptedContext>[0], cut = 0) {
  const policy = new ScriptedPolicy({ ...PLAIN_SCRIPT, letters: 4, cut });
  const verifier = new ScriptedVerifier(7, { perStep: false });
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

  test('each attempt is shown the last four complete ones of its own chain', async () => {
    const { policy, context } = setUp({ budget: 21, chainLength: 7, seed: 3 }, 6);
    const view = viewAt(await collect(revise, context), Infinity);
    const written = new Map<number, string[][]>();
    let checked = 0;
    for (const candidate of view.candidates) {
      const chain = candidate.chain ?? -1;
      const before = written.get(chain) ?? [];
      const request = policy.calls[candidate.attempt ?? -1][chain];
      expect(parseRevisionPrompt(request.branch.prompt)).toEqual({
        problem: 'make 24: 4 6 7 8',
        attempts: before.slice(-4),
      });
      const leaf = view.nodes[candidate.id];
      const steps = pathTo(view, candidate.id).map((id) => view.nodes[id].text);
      if (leaf.end === 'solution') written.set(chain, [...before, steps]);
      if (before.length > 4) checked++;
    }
    expect(checked).toBeGreaterThan(0);
  });

  test('select inside each chain first, then among the winners; majority pools all', async () => {
    for (let seed = 0; seed < 40; seed++) {
      const { context } = setUp({ budget: 12, chainLength: 4, seed, selection: 'weighted' });
      const view = viewAt(await collect(revise, context), Infinity);
      const heaviest = (pool: { answer: string | null; score: number }[]) => {
        const sums = new Map<string, number>();
        for (const { answer, score } of pool) {
          if (answer !== null) sums.set(answer, (sums.get(answer) ?? 0) + score);
        }
        let best: string | null = null;
        for (const [answer, sum] of sums) {
          if (best === null || sum > (sums.get(best) ?? 0) + 1e-9) best = answer;
        }
        return best;
      };
      const winners = [0, 1, 2].flatMap((chain) => {
        const own = view.candidates
          .filter((one) => one.chain === chain)
          .map((one) => ({ answer: one.answer, score: one.stepScores[0] ?? 0 }));
        const answer = heaviest(own);
        const scores = own.filter((one) => one.answer === answer).map((one) => one.score);
        return answer === null ? [] : [{ answer, score: Math.max(...scores) }];
      });
      expect(view.answer?.answer ?? null).toBe(heaviest(winners));
    }
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
