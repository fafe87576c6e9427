import { describe, expect, it } from 'vitest';
import { strategyOf } from '../../search/strategies.ts';
import { collect, scriptedContext } from '../../search/testing/scripted-context.ts';
import { ScriptedPolicy, ScriptedVerifier } from '../../search/testing/scripted-policy.ts';
import { viewAt } from '../../shared/run-view.ts';
import { revisionOf } from '../tree/revision.ts';
import { chainLengths, chainWords } from './chain-slider.tsx';
import { chainsOf, flipMeter, gainWords, lossWords } from './chains.ts';
import { tellStory, voteWords } from './story.ts';

async function revised(seed = 3, selection: 'weighted' | 'majority' = 'weighted') {
  const reviser = {
    policy: new ScriptedPolicy(),
    verifier: new ScriptedVerifier(7, { perStep: false }),
  };
  const config = { strategy: 'revise', budget: 18, chainLength: 6, seed, selection } as const;
  return viewAt(
    await collect(strategyOf('revise'), scriptedContext(config, { reviser })),
    Infinity,
  );
}

describe('chains on the page', () => {
  it('have one winner each, and the chosen answer is one of them', async () => {
    const view = await revised();
    const chains = chainsOf(view);
    expect(chains.map(({ attempts }) => attempts.length)).toEqual([6, 6, 6]);
    const attempts = chains.flatMap((chain) => chain.attempts);
    expect(attempts.filter((one) => one.wonChain).length).toBeLessThanOrEqual(3);
    const [chosen] = attempts.filter((one) => one.chosen);
    expect(chosen.wonChain).toBe(true);
    expect(tellStory(view)[0]).toContain('winners of 3 chains');
    expect(voteWords(view)).toContain('all chains pooled');
  });

  it('have no winners under a flat majority', async () => {
    const view = await revised(3, 'majority');
    expect(chainsOf(view).flatMap((chain) => chain.attempts.filter((one) => one.wonChain))).toEqual(
      [],
    );
    expect(voteWords(view)).toBe('Share of the votes');
  });

  it('count what revising turned, and only where the truth is known', async () => {
    const view = await revised();
    const meter = flipMeter(view);
    expect(meter).not.toBeNull();
    if (meter === null) return;
    expect(meter.fromRight + meter.fromWrong).toBeGreaterThan(0);
    expect(meter.fromRight + meter.fromWrong).toBeLessThanOrEqual(15);
    expect(meter.lost).toBe(meter.fromRight === 0 ? null : meter.rightToWrong / meter.fromRight);
    expect(lossWords({ ...meter, fromRight: 8, rightToWrong: 3, lost: 3 / 8 })).toMatch(
      /^3 of 8 right attempts turned wrong \(38.%\)$/,
    );
    expect(gainWords({ ...meter, fromWrong: 0, wrongToRight: 0, gained: null })).toContain(
      'no wrong',
    );
    const open = { ...view, candidates: view.candidates.map((one) => ({ ...one, correct: null })) };
    expect(flipMeter(open)).toBeNull();
  });

  it('name what each attempt had in view, oldest first', async () => {
    const view = await revised();
    const last = view.candidates.find((one) => one.chain === 1 && one.attempt === 5);
    const revision = revisionOf(view, last?.id ?? -1);
    expect(revision?.window.map((one) => one.attempt)).toEqual([1, 2, 3, 4]);
    expect(revision?.before?.attempt).toBe(4);
    const first = view.candidates.find((one) => one.chain === 1 && one.attempt === 0);
    expect(revisionOf(view, first?.id ?? -1)).toMatchObject({ window: [], before: null });
  });
});

it('the ratio goes from all parallel to all sequential', () => {
  expect(chainLengths(16)).toEqual([1, 2, 4, 8, 16]);
  expect(chainLengths(12)).toEqual([1, 2, 4, 8, 12]);
  expect(chainWords(16, 4)).toBe('4 chains of 4 attempts, sequential to parallel 1 : 1');
  expect(chainWords(16, 16)).toBe('1 chain of 16 attempts, sequential to parallel 16 : 1');
  expect(chainWords(16, 1)).toBe('16 chains of 1 attempt, sequential to parallel 1 : 16');
  expect(chainWords(10, 4)).toContain('3 chains of 4 attempts, the last of 2');
});
