/** Going on from a step of an earlier run ("expand from here"). */
import { describe, expect, test } from 'vitest';
import { pathTo, viewAt } from '../shared/run-view.ts';
import type { RunConfig } from '../shared/run-config.ts';
import { strategyOf } from './strategies.ts';
import { collect, scriptedContext } from './testing/scripted-context.ts';
import { ScriptedPolicy, ScriptedVerifier, scoresOf } from './testing/scripted-policy.ts';

const FROM = ['c', 'b'];

async function goOn(config: Partial<RunConfig>, from: readonly string[] = FROM) {
  const policy = new ScriptedPolicy();
  const verifier = new ScriptedVerifier();
  const context = scriptedContext({ budget: 8, ...config }, { policy, verifier, from });
  const events = await collect(strategyOf(config.strategy ?? 'beam'), context);
  return { view: viewAt(events, Infinity), policy, verifier };
}

describe.each(['greedy', 'best-of-n', 'beam', 'lookahead', 'dvts', 'auto'] as const)(
  '%s from a step',
  (strategy) => {
    test('writes only what comes behind it, and every solution begins with it', async () => {
      const { view, policy, verifier } = await goOn({ strategy });
      expect(view.status).toBe('done');
      expect(view.start?.from).toEqual(FROM);
      const given = view.nodes.filter((node) => node.role === 'given');
      expect(given.map((node) => [node.text, node.tokens, node.state])).toEqual([
        ['c', 0, 'kept'],
        ['b', 0, 'kept'],
      ]);
      for (const candidate of view.candidates) {
        const texts = pathTo(view, candidate.id).map((id) => view.nodes[id].text);
        expect(texts.slice(0, 2)).toEqual(FROM);
        if (candidate.stepScores.length > 0) {
          expect(candidate.stepScores).toEqual(scoresOf(texts, 5));
        }
      }
      expect(view.candidates.length).toBeGreaterThan(0);
      for (const request of policy.calls.flat()) expect(request.branch.depth).toBeGreaterThan(1);
      const written = view.nodes.reduce((sum, node) => sum + node.tokens, 0);
      expect(view.ledger.policyTokens).toBeGreaterThan(0);
      expect(view.ledger.policyTokens).toBeLessThanOrEqual(written * 8);
      if (strategy !== 'greedy') {
        expect(given.map((node) => node.score)).toEqual(scoresOf(FROM, 5));
      }
      expect([policy.live.size, verifier.live.size]).toEqual([0, 0]);
    });
  },
);

test('other steps to begin with give other draws; the same ones the same log', async () => {
  const streams = async (from: readonly string[]) =>
    (await goOn({}, from)).view.nodes
      .filter((node) => node.role === 'step')
      .map((node) => node.stream.join());
  expect(await streams(['c'])).toEqual(await streams(['c']));
  expect(await streams(['c'])).not.toEqual(await streams(['b']));
  expect(await streams([])).not.toEqual(await streams(['b']));
});

test('revisions refuse, with advice: they rewrite whole attempts', async () => {
  const reviser = { policy: new ScriptedPolicy(), verifier: null };
  const context = scriptedContext({}, { reviser, from: FROM });
  const events = await collect(strategyOf('revise'), context);
  expect(events.at(-1)).toMatchObject({ reason: 'failed', error: { code: 'bad-input' } });
});
