import { describe, expect, it } from 'vitest';
import { rootBranch, type Branch } from '../shared/branch.ts';
import { LikelihoodVerifier } from './likelihood.ts';

function step(text: string, tokenCount: number, logProb: number): Branch {
  const root = rootBranch('P', [1, 2]);
  return { ...root, parent: root, depth: 1, text, tokenCount, logProb };
}

describe('LikelihoodVerifier', () => {
  it('takes the geometric mean over the tokens of a step, and costs nothing', async () => {
    const [{ stepScores, usage }] = await new LikelihoodVerifier().score([step('a b', 2, -1)]);
    expect(stepScores[0]).toBeCloseTo(Math.exp(-0.5), 12);
    expect(usage).toMatchObject({ prefillTokens: 0, sampledTokens: 0, flopsNominal: 0 });
  });

  it('refuses a policy that knows no probabilities, but not a step without a text', async () => {
    const verifier = new LikelihoodVerifier();
    await expect(verifier.score([step('a b', 2, 0)])).rejects.toMatchObject({ code: 'bad-input' });
    // A real model may go on to the next header at once.
    expect((await verifier.score([step('', 3, 0)]))[0].stepScores).toEqual([0]);
  });
});
