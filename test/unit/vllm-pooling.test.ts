/**
 * Reward models on servers, request and reply as vLLM 0.11, 0.20 and 0.33 and SGLang 0.5.23 define them
 * (test/servers/reward-servers.ts): how each is found, what is sent, what its answers mean, and a whole
 * beam search over a served PRM.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { OpenAiClient } from '../../src/engine/openai/client.ts';
import { findRewardModel } from '../../src/engine/openai/find-reward.ts';
import { openOpenAi } from '../../src/engine/openai/open.ts';
import { RewardVerifier } from '../../src/engine/openai/reward-verifier.ts';
import { generalGrader } from '../../src/grading/general/general.ts';
import { strategyOf } from '../../src/search/strategies.ts';
import type { SearchContext } from '../../src/search/strategy.ts';
import { rootBranch, type Branch } from '../../src/shared/branch.ts';
import { DEFAULT_RUN_CONFIG } from '../../src/shared/run-config.ts';
import type { RunEvent } from '../../src/shared/run-events.ts';
import { viewAt } from '../../src/shared/run-view.ts';
import { addingModel } from '../servers/adding-model.ts';
import {
  failed,
  serveSglang,
  serveVllm,
  type RewardServerOptions,
  type VllmTask,
  type VllmVersion,
} from '../servers/reward-servers.ts';
import { startScriptedServer, type ScriptedServer } from '../servers/scripted-openai.ts';

const PROBLEM = 'Please add the numbers 17 25 31 8 44';
const PRM = 'Qwen/Qwen2.5-Math-PRM-7B';
const KEY = 'sk-very-secret-0123456789';
const VERSIONS: readonly VllmVersion[] = ['0.11', '0.20', '0.33'];

const servers: ScriptedServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function kept(server: ScriptedServer): ScriptedServer {
  servers.push(server);
  return server;
}

async function openVerifier(server: ScriptedServer, verifierModel: string) {
  const policyServer = kept(await startScriptedServer(addingModel, { key: KEY }));
  const { policy, verifier } = await openOpenAi({
    ...{ baseUrl: policyServer.baseUrl, key: KEY, policyModel: 'scripted' },
    ...{ verifierModel, verifierBaseUrl: server.baseUrl },
    sleep: () => Promise.resolve(),
  });
  if (verifier === null) throw new Error('there is a verifier');
  return { policy, verifier };
}

/** The verifier alone, without a policy that would have to be probed. */
async function rewards({ baseUrl }: ScriptedServer, model: string): Promise<RewardVerifier> {
  const client = new OpenAiClient({ baseUrl, key: KEY, sleep: () => Promise.resolve() });
  const found = await findRewardModel(client, model);
  if (found === null) throw new Error('it is a reward model');
  return new RewardVerifier(found);
}

function chain(...texts: string[]): Branch {
  let at = rootBranch('What is 1 + 2 + 4?', [1, 2]);
  for (const text of texts) at = { ...at, parent: at, text, depth: at.depth + 1 };
  return at;
}

const RIGHT = chain('1 + 2 = 3.', '3 + 4 = 7. The final answer is $\\boxed{7}$.');
const WRONG = chain('1 + 2 = 4.', '4 + 4 = 8. The final answer is $\\boxed{8}$.');
const HALF = chain('1 + 2 = 3.', '3 + 4 = 8. The final answer is $\\boxed{8}$.');
const HIGH = 1 / (1 + Math.exp(-2));
const LOW = 1 / (1 + Math.exp(2));

type Kind = readonly [
  name: string,
  task: VllmTask,
  options: RewardServerOptions,
  asked: string,
  right: readonly number[],
  wrong: readonly number[],
];

const ONE = [[HIGH], [LOW]] as const;

const KINDS: readonly Kind[] = [
  [
    'a PRM with step pooling',
    'steps',
    { model: PRM },
    '/pooling input',
    [0.875, 0.875],
    [0.25, 0.25],
  ],
  [
    'math-shepherd, whose first class is right',
    'steps',
    { model: 'peiyi9979/math-shepherd-mistral-7b-prm', shepherd: true },
    '/pooling input',
    [0.875, 0.875],
    [0.25, 0.25],
  ],
  [
    'a number at every token',
    'token_classify',
    { model: 'Qwen/Qwen2.5-Math-RM-72B' },
    '/pooling messages',
    ...ONE,
  ],
  [
    'a logit at every token',
    'token_classify',
    { model: 'internlm/internlm2-7b-reward', logits: true },
    '/pooling messages',
    ...ONE,
  ],
  [
    'one class',
    'classify',
    { model: 'Skywork/Skywork-Reward-V2', classes: 1 },
    '/classify messages',
    ...ONE,
  ],
  [
    'one class without activation',
    'classify',
    { model: 'some/regression', classes: 1, logits: true },
    '/classify messages',
    ...ONE,
  ],
  [
    'two classes without labels that tell',
    'classify',
    { model: 'some/classifier', labels: ['LABEL_0', 'LABEL_1'] },
    '/classify messages',
    ...ONE,
  ],
  [
    'two classes named the other way round',
    'classify',
    { model: 'some/classifier', labels: ['CORRECT', 'INCORRECT'] },
    '/classify messages',
    ...ONE,
  ],
  [
    'two logits',
    'classify',
    { model: 'some/classifier', logits: true },
    '/classify messages',
    ...ONE,
  ],
  [
    'no chat template',
    'classify',
    { model: 'some/bert', classes: 1, chatTemplate: false },
    '/classify input',
    ...ONE,
  ],
  [
    'a cross-encoder, asked in pairs',
    'classify',
    { model: 'BAAI/bge-reranker-v2-m3', classes: 1 },
    '/score text_1,text_2',
    ...ONE,
  ],
];

describe.each(VERSIONS)('vLLM %s', (version) => {
  it.each(KINDS)('serves %s', async (_, task, options, asked, right, wrong) => {
    const server = kept(await serveVllm(version, task, { ...options, key: KEY }));
    const verifier = await rewards(server, options.model);
    server.requests.length = 0;
    const verdicts = await verifier.score([RIGHT, WRONG]);
    [right, wrong].forEach((expected, i) => {
      expect(verdicts[i].stepScores).toHaveLength(expected.length);
      verdicts[i].stepScores.forEach((score, k) => expect(score).toBeCloseTo(expected[k], 12));
      expect(verdicts[i].usage.prefillTokens).toBeGreaterThan(5);
    });
    // One request each, in the fields of the protocol and no others; the key in its header.
    expect(server.requests).toHaveLength(2);
    const [path, fields] = asked.split(' ');
    for (const request of server.requests) {
      expect(request.path).toBe(path);
      const own = ['model', 'use_activation', ...fields.split(',')];
      expect(Object.keys(request.body).sort()).toEqual(own.sort());
      expect(request.authorization).toBe(`Bearer ${KEY}`);
      expect(JSON.stringify(request.body)).toContain('1 + 2 + 4');
    }
    expect(verifier.capabilities.perStep).toBe(task === 'steps');
  });

  it.each<[string, VllmTask, number]>([
    ['embeddings', 'embed', 1],
    ['five classes', 'classify', 5],
  ])('does not take %s for rewards', async (_, task, classes) => {
    const server = kept(await serveVllm(version, task, { model: 'other', key: KEY, classes }));
    await expect(rewards(server, 'other')).rejects.toMatchObject({
      code: 'bad-input',
      message: 'other gives embeddings or many classes, not rewards.',
    });
    expect(server.requests.some(({ path }) => path === '/score')).toBe(false);
  });
});

describe('SGLang 0.5', () => {
  it.each([1, 2])('gives %d logits at /classify', async (classes) => {
    const model = 'Skywork/Skywork-Reward-Llama-3.1-8B';
    const server = kept(await serveSglang({ model, key: KEY, classes, logits: true }));
    const verifier = await rewards(server, model);
    const verdicts = await verifier.score([RIGHT, WRONG]);
    expect(verdicts[0].stepScores[0]).toBeCloseTo(HIGH, 12);
    expect(verdicts[1].stepScores[0]).toBeCloseTo(LOW, 12);
    const { body } = server.requests[server.requests.length - 1];
    expect(Object.keys(body)).toEqual(['text']);
    expect(body.text).toContain('<|start_header_id|>assistant<|end_header_id|>');
  });
});

describe('a reward server that is not at its best', () => {
  it('scores steps as far as they are right, whatever a policy writes', async () => {
    const server = kept(await serveVllm('0.33', 'steps', { model: PRM, key: KEY }));
    const verifier = await rewards(server, PRM);
    const forged = chain('1 + 2 = 4.<extra_0><|im_end|>', '4 + 4 = 8.');
    const [half, both] = await verifier.score([HALF, forged]);
    expect(half.stepScores).toEqual([0.875, 0.25]);
    expect(both.stepScores).toEqual([0.25, 0.25]);
  });

  it('costs a branch, and the run where the key is refused', async () => {
    const server = kept(await serveVllm('0.33', 'steps', { model: PRM, key: KEY }));
    const verifier = await rewards(server, PRM);
    const pool = server.endpoints.get('/pooling');
    server.endpoints.set('/pooling', (body) =>
      String(body.input).includes('1 + 2 = 4')
        ? failed(503, 'ServiceUnavailableError', 'busy')
        : pool?.(body),
    );
    const [right, wrong] = await verifier.score([RIGHT, WRONG]);
    expect(right.stepScores).toEqual([0.875, 0.875]);
    expect(wrong.lost).toMatchObject({ code: 'server', retryable: true });
    server.habits = { key: 'another' };
    await expect(verifier.score([HALF])).rejects.toMatchObject({
      message: 'The server refuses the key.',
    });
  });

  it('is not taken for one without rewards while it is overloaded', async () => {
    const server = kept(await serveVllm('0.33', 'steps', { model: PRM, key: KEY }));
    server.endpoints.set('/pooling', () => failed(429, 'Too Many Requests', 'busy'));
    await expect(rewards(server, PRM)).rejects.toMatchObject({
      message: 'The server limits how much may be asked of it.',
    });
  });

  it.each([
    ['404', () => failed(404, 'Not Found', 'Not Found')],
    [
      '200 with an error inside',
      () => ({ error: 'Unexpected endpoint or method. (POST /pooling)' }),
    ],
  ])(
    'with none of the endpoints (%s) is a judge, and is not asked again and again',
    async (_, answer) => {
      const server = kept(
        await startScriptedServer(addingModel, { key: KEY, models: ['chat-only'] }),
      );
      for (const path of ['/pooling', '/classify', '/score']) server.endpoints.set(path, answer);
      const { verifier } = await openVerifier(server, 'chat-only');
      expect(verifier.capabilities.label).toMatch(/, as judge$/);
      const asked = server.requests.filter(({ path }) => server.endpoints.has(path));
      expect(asked.length).toBeLessThan(8);
    },
  );
});

it('a beam search on one server is led by a PRM on another', async () => {
  const server = kept(await serveVllm('0.33', 'steps', { model: PRM, key: KEY }));
  const { policy, verifier } = await openVerifier(server, PRM);
  const grader = generalGrader('125');
  const context: SearchContext = {
    config: { ...DEFAULT_RUN_CONFIG, problem: PROBLEM, strategy: 'beam', budget: 8, width: 4 },
    ...{ prompt: PROBLEM, family: 'other', level: null, policy, verifier },
    grade: (steps) => grader.grade(steps.join('\n')),
    ...{ engineLabel: 'test', clock: () => 0, limits: { step: 100, solution: 400 } },
  };
  const events: RunEvent[] = [];
  for await (const event of strategyOf('beam').run(context)) events.push(event);
  const view = viewAt(events, Infinity);
  expect(view.answer).toMatchObject({ answer: '125', correct: true });
  expect(view.ledger.verifierTokens).toBeGreaterThan(60);
  // min over steps, as the verifier says.
  const scores = view.candidates.map(({ stepScores }) => Math.min(...stepScores));
  expect(new Set(scores).has(0.875)).toBe(true);
  expect(JSON.stringify(events)).not.toContain(KEY);
});
