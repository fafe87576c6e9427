import { afterEach, describe, expect, it } from 'vitest';
import { rootBranch, type Branch } from '../../shared/branch.ts';
import { addingModel } from '../../../test/servers/adding-model.ts';
import { startScriptedServer, type ScriptedServer } from '../../../test/servers/scripted-openai.ts';
import { OpenAiClient } from './client.ts';
import { findRewardEndpoint, readReward, RewardVerifier } from './reward-verifier.ts';

const MODEL = 'Qwen/Qwen2.5-Math-PRM-7B';
let server: ScriptedServer | null = null;

afterEach(async () => {
  await server?.close();
  server = null;
});

function chain(...texts: string[]): Branch {
  let at = rootBranch('P', [1, 2]);
  for (const text of texts) at = { ...at, parent: at, text, depth: at.depth + 1 };
  return at;
}

describe('readReward', () => {
  it.each<
    [string, Parameters<typeof readReward>[0]['data'][number], number, boolean, number[] | null]
  >([
    [
      'two classes at each step',
      {
        data: [
          [0.9, 0.1],
          [0.2, 0.8],
        ],
      },
      2,
      true,
      [0.1, 0.8],
    ],
    ['one logit at each step', { data: [[0], [2]] }, 2, true, [0, 1 / (1 + Math.exp(-2))]],
    ['one step of two classes', { data: [0.3, 0.7] }, 1, true, [0.7]],
    ['rows for tokens, not for steps', { data: [[0.1], [0.2], [0.9]] }, 2, true, null],
    ['the last token of many', { data: [[0.1], [0.2], [0.9]] }, 2, false, [0.9]],
    ['a bare logit', { data: -1 }, 2, false, [1 / (1 + Math.E)]],
    ['classes', { probs: [0.25, 0.75] }, 2, false, [0.75]],
    ['a score', { score: 0.4 }, 2, false, [0.4]],
    ['a score where steps are wanted', { score: 0.4 }, 2, true, null],
    ['nothing', {}, 2, false, null],
  ])('%s', (_, entry, steps, perStep, expected) => {
    const read = readReward({ data: [entry] }, steps, perStep);
    if (expected === null) expect(read).toBeNull();
    else expected.forEach((value, i) => expect(read?.[i]).toBeCloseTo(value));
  });
});

describe('a reward model on a server', () => {
  it('is found at its endpoint, asked once for each solution, and charged', async () => {
    server = await startScriptedServer(addingModel, { models: [MODEL] });
    // As vLLM does: one row of two classes at every step tag.
    server.endpoints.set('/pooling', ({ input }) => {
      const steps = String(input).split('<extra_0>').slice(0, -1);
      const rows = steps.map((step) => (step.includes('wrong') ? [0.8, 0.2] : [0.1, 0.9]));
      return { data: [{ data: rows }], usage: { prompt_tokens: 50 } };
    });
    const client = new OpenAiClient({ baseUrl: server.baseUrl });
    const found = await findRewardEndpoint(client, MODEL);
    expect(found).toMatchObject({ endpoint: '/pooling', perStep: true });
    if (found === null) return;
    const verifier = new RewardVerifier(found);
    const [good, bad] = [chain('a', 'b'), chain('a', 'wrong', 'c')];
    const verdicts = await verifier.score([good, bad, good]);
    expect(verdicts.map(({ stepScores }) => stepScores)).toEqual([
      [0.9, 0.9],
      [0.9, 0.2, 0.9],
      [0.9, 0.9],
    ]);
    expect(verdicts.map(({ usage }) => usage.prefillTokens)).toEqual([50, 50, 0]);
    expect(verdicts[0].usage.flopsNominal).toBe(2 * 7e9 * 50);
    const asked = server.requests.length;
    await verifier.score([good]);
    expect(server.requests).toHaveLength(asked);
  });

  it('falls through to a whole-solution score, and to none', async () => {
    server = await startScriptedServer(addingModel, {});
    const client = new OpenAiClient({ baseUrl: server.baseUrl });
    expect(await findRewardEndpoint(client, 'scripted')).toBeNull();
    server.endpoints.set('/classify', () => ({ data: [{ probs: [0.4, 0.6] }] }));
    const found = await findRewardEndpoint(client, 'scripted');
    expect(found).toMatchObject({ endpoint: '/classify', perStep: false });
    if (found === null) return;
    const [verdict] = await new RewardVerifier(found).score([chain('a', 'b')]);
    expect(verdict.stepScores).toEqual([0.6]);
  });
});
