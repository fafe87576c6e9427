/** What replies mean; test/unit/vllm-pooling.test.ts has whole servers. */
import { afterEach, describe, expect, it } from 'vitest';
import { rootBranch, type Branch } from '../../shared/branch.ts';
import { serveVllm } from '../../../test/servers/reward-servers.ts';
import type { ScriptedServer } from '../../../test/servers/scripted-openai.ts';
import { OpenAiClient } from './client.ts';
import { findRewardModel } from './find-reward.ts';
import { areLogits, rewardOf, rewardRows, REWARD_FORMS, type RewardForm } from './reward-forms.ts';
import { RewardVerifier } from './reward-verifier.ts';

const MODEL = 'Qwen/Qwen2.5-Math-PRM-7B';
const STEPS: RewardForm = { endpoint: '/pooling', input: 'tagged steps' };
const WHOLE: RewardForm = { endpoint: '/pooling', input: 'text' };
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

describe('rewardRows', () => {
  it.each<[string, object, number, RewardForm, number[][] | null]>([
    [
      'a row at each step',
      {
        data: [
          [0.9, 0.1],
          [0.2, 0.8],
        ],
      },
      2,
      STEPS,
      [
        [0.9, 0.1],
        [0.2, 0.8],
      ],
    ],
    ['one number at each step', { data: [[0], [2]] }, 2, STEPS, [[0], [2]]],
    ['one step of two classes', { data: [[0.3, 0.7]] }, 1, STEPS, [[0.3, 0.7]]],
    ['rows for tokens, not for steps', { data: [[0.1], [0.2], [0.9]] }, 2, STEPS, null],
    ['as many classes as steps', { data: [0.2, 0.3, 0.5] }, 3, STEPS, null],
    ['the last token of many', { data: [[0.1], [0.2], [0.9]] }, 2, WHOLE, [[0.9]]],
    ['two tokens of one number', { data: [[0.1], [0.9]] }, 2, WHOLE, [[0.9]]],
    ['two classes', { data: [0.1, 0.9] }, 2, WHOLE, [[0.1, 0.9]]],
    ['an embedding', { data: Array.from({ length: 384 }, () => 0.1) }, 2, WHOLE, null],
    ['an embedding at each token', { data: [[0.1, 0.2, 0.3]] }, 2, WHOLE, null],
    ['a bare number', { data: -1 }, 2, WHOLE, [[-1]]],
    ['five classes', { probs: [0.2, 0.2, 0.2, 0.2, 0.2] }, 2, WHOLE, null],
    ['a label', { probs: [0.9, 0.1], label: 'good' }, 2, WHOLE, [[0.1, 0.9]]],
    ['a label that is wrong', { probs: [0.9, 0.1], label: 'NEGATIVE' }, 2, WHOLE, [[0.9, 0.1]]],
    ['a score', { score: 0.4 }, 2, WHOLE, [[0.4]]],
    ['a score where steps are wanted', { score: 0.4 }, 2, STEPS, null],
    ['nothing', {}, 2, WHOLE, null],
  ])('%s', (_, entry, steps, form, expected) => {
    expect(rewardRows({ data: [entry] }, form, MODEL, steps)).toEqual(expected);
  });
});

describe('rewardOf', () => {
  it('keeps probabilities, and the order of logits even where some look like shares', () => {
    expect(rewardOf([0.4], false)).toBe(0.4);
    expect(rewardOf([0.1, 0.9], false)).toBe(0.9);
    const logits = [-3, -0.2, 0.4, 0.99, 1.01, 7].map((logit) => rewardOf([logit], true));
    expect(logits).toEqual([...logits].sort((a, b) => a - b));
    expect(rewardOf([-1, 1], true)).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
    expect(areLogits([[0.5], [0.2, 0.8]])).toBe(false);
    expect(areLogits([[0.5], [1.2]])).toBe(true);
  });
});

describe('RewardVerifier', () => {
  it('asks once for each solution and charges for it', async () => {
    server = await serveVllm('0.33', 'steps', { model: MODEL });
    const client = new OpenAiClient({ baseUrl: server.baseUrl });
    const found = await findRewardModel(client, MODEL);
    expect(found).toMatchObject({ form: STEPS, logits: false });
    if (found === null) return;
    const verifier = new RewardVerifier(found);
    const [good, bad] = [chain('a', 'b'), chain('a', '1 + 1 = 3', 'c')];
    const before = server.requests.length;
    const verdicts = await verifier.score([good, bad, good]);
    expect(verdicts.map(({ stepScores }) => stepScores)).toEqual([
      [0.875, 0.875],
      [0.875, 0.25, 0.25],
      [0.875, 0.875],
    ]);
    expect(server.requests).toHaveLength(before + 2);
    const [first, , again] = verdicts.map(({ usage }) => usage);
    expect(first.flopsNominal).toBe(2 * 7e9 * first.prefillTokens);
    expect(again.prefillTokens).toBe(0);
    await verifier.score([good]);
    expect(server.requests).toHaveLength(before + 2);
  });

  it('has a form for every endpoint', () => {
    const paths = new Set(REWARD_FORMS.map(({ endpoint }) => endpoint));
    expect([...paths].sort()).toEqual(['/classify', '/pooling', '/score']);
  });
});
