/**
 * Reward models behind vLLM's pooling endpoints, request and reply as vLLM 0.11 to 0.18 define them
 * (`protocol.py` of each in vllm/entrypoints/pooling): what is sent, what each endpoint answers, how a server
 * refuses an endpoint that its model does not serve, and a whole beam search over a served PRM.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { openOpenAi } from '../../src/engine/openai/open.ts';
import { generalGrader } from '../../src/grading/general/general.ts';
import { strategyOf } from '../../src/search/strategies.ts';
import type { SearchContext } from '../../src/search/strategy.ts';
import { rootBranch, type Branch } from '../../src/shared/branch.ts';
import { DEFAULT_RUN_CONFIG } from '../../src/shared/run-config.ts';
import type { RunEvent } from '../../src/shared/run-events.ts';
import { viewAt } from '../../src/shared/run-view.ts';
import { addingModel } from '../servers/adding-model.ts';
import {
  startScriptedServer,
  type EndpointAnswer,
  type ScriptedServer,
} from '../servers/scripted-openai.ts';

const PROBLEM = 'Please add the numbers 17 25 31 8 44';
const PRM = 'Qwen/Qwen2.5-Math-PRM-7B';
const ORM = 'Qwen/Qwen2.5-Math-RM-72B';
const CLASSIFIER = 'some/reward-classifier';
const CROSS_ENCODER = 'BAAI/bge-reranker-v2-m3';
const KEY = 'sk-very-secret-0123456789';

type Body = Record<string, unknown>;
type Endpoint = (body: Body) => unknown;

const servers: ScriptedServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** vLLM serves one model, and says of the other endpoints that it does not support them. */
async function serve(model: string, own: Readonly<Record<string, Endpoint>>) {
  const server = await startScriptedServer(addingModel, { key: KEY, models: [model] });
  servers.push(server);
  for (const path of ['/pooling', '/classify', '/score']) {
    const refuse = (): EndpointAnswer => ({
      status: 400,
      json: error(`The model does not support the ${path.slice(1)} API`, 'BadRequestError', 400),
    });
    server.endpoints.set(path, own[path] ?? refuse);
  }
  return server;
}

const error = (message: string, type: string, code: number) => ({
  error: { message, type, param: null, code },
});

/** The envelope that all three share. */
const list = (model: string, prefix: string, entry: object, promptTokens: number) => ({
  id: `${prefix}-9a0bc1d2e3f4`,
  object: 'list',
  created: 1_764_000_000,
  model,
  data: [{ index: 0, ...entry }],
  usage: {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens,
    completion_tokens: 0,
    prompt_tokens_details: null,
  },
});

/** Right where every sum is. */
const isRight = (text: string): boolean =>
  [...text.matchAll(/(\d+) \+ (\d+) = (\d+)/g)].every(
    ([, a, b, c]) => Number(a) + Number(b) === Number(c),
  );

const stepsPooler: Endpoint = ({ model, input }) => {
  const steps = String(input).split('<extra_0>').slice(0, -1);
  const rows = steps.map((_, i) =>
    isRight(steps.slice(0, i + 1).join(' ')) ? [0.125, 0.875] : [0.75, 0.25],
  );
  return list(String(model), 'pool', { object: 'pooling', data: rows }, 60 + 10 * rows.length);
};

async function openVerifier(server: ScriptedServer, verifierModel: string) {
  const policyServer = await startScriptedServer(addingModel, { key: KEY });
  servers.push(policyServer);
  const { policy, verifier } = await openOpenAi({
    ...{ baseUrl: policyServer.baseUrl, key: KEY, policyModel: 'scripted' },
    ...{ verifierModel, verifierBaseUrl: server.baseUrl },
  });
  if (verifier === null) throw new Error('there is a verifier');
  return { policy, verifier };
}

function chain(...texts: string[]): Branch {
  let at = rootBranch('What is 1 + 2 + 4?', [1, 2]);
  for (const text of texts) at = { ...at, parent: at, text, depth: at.depth + 1 };
  return at;
}

const RIGHT = chain('1 + 2 = 3.', '3 + 4 = 7. The final answer is $\\boxed{7}$.');
const WRONG = chain('1 + 2 = 4.', '4 + 4 = 8. The final answer is $\\boxed{8}$.');

describe('each endpoint, as vLLM answers', () => {
  it.each<[string, string, Endpoint, string[], number[][]]>([
    [
      'a process reward model with step pooling',
      PRM,
      stepsPooler,
      ['/pooling', 'model', 'input'],
      [
        [0.875, 0.875],
        [0.25, 0.25],
      ],
    ],
    [
      'an outcome reward model: one logit at every token, or at the last',
      ORM,
      ({ model, input }) => {
        const logit = isRight(String(input)) ? 2 : -2;
        return list(String(model), 'pool', { object: 'pooling', data: [[9], [logit]] }, 40);
      },
      ['/pooling', 'model', 'input'],
      [[1 / (1 + Math.exp(-2))], [1 / (1 + Math.exp(2))]],
    ],
    [
      'a sequence classifier',
      CLASSIFIER,
      ({ model, input }) => {
        const probs = isRight(String(input)) ? [0.1, 0.9] : [0.6, 0.4];
        const label = probs[1] > probs[0] ? 'LABEL_1' : 'LABEL_0';
        return list(String(model), 'classify', { label, probs, num_classes: 2 }, 30);
      },
      ['/classify', 'model', 'input'],
      [[0.9], [0.4]],
    ],
    [
      'a cross-encoder',
      CROSS_ENCODER,
      ({ model, text_2: solution }) =>
        list(
          String(model),
          'embd',
          { object: 'score', score: isRight(String(solution)) ? 0.7 : 0.2 },
          20,
        ),
      ['/score', 'model', 'text_1', 'text_2'],
      [[0.7], [0.2]],
    ],
  ])('%s', async (_, model, answer, [path, ...fields], expected) => {
    const server = await serve(model, { [path]: answer });
    const { verifier } = await openVerifier(server, model);
    server.requests.length = 0;
    const verdicts = await verifier.score([RIGHT, WRONG]);
    verdicts.forEach(({ stepScores }, i) => {
      expect(stepScores).toHaveLength(expected[i].length);
      stepScores.forEach((score, k) => expect(score).toBeCloseTo(expected[i][k], 12));
    });
    // The fields of the protocol and no others; the key in its header.
    expect(server.requests).toHaveLength(2);
    for (const request of server.requests) {
      expect(request.path).toBe(path);
      expect(Object.keys(request.body).sort()).toEqual(fields.sort());
      expect(request.authorization).toBe(`Bearer ${KEY}`);
      expect(JSON.stringify(request.body)).toContain('1 + 2 + 4');
    }
    expect(verifier.capabilities.perStep).toBe(model === PRM);
  });

  it('with one server for both, none of them is a judge instead', async () => {
    const server = await serve('chat-only', {});
    const { verifier } = await openVerifier(server, 'chat-only');
    expect(verifier.capabilities.label).toMatch(/, as judge$/);
  });

  it('an overloaded pooling endpoint costs a branch, a refused key the run', async () => {
    let times = 0;
    const busy: Endpoint = (body): unknown => {
      const failing = String(body.input).includes('1 + 2 = 4') && ++times > 0;
      return failing
        ? { status: 422, json: error('Unprocessable', 'BadRequestError', 422) }
        : stepsPooler(body);
    };
    const server = await serve(PRM, { '/pooling': busy });
    const { verifier } = await openVerifier(server, PRM);
    await expect(verifier.score([WRONG])).rejects.toMatchObject({ code: 'server' });
    const [verdict] = await verifier.score([RIGHT]);
    expect(verdict.stepScores).toEqual([0.875, 0.875]);
    server.habits = { key: 'another' };
    await expect(verifier.score([chain('1 + 2 = 3.')])).rejects.toMatchObject({
      message: 'The server refuses the key.',
    });
  });
});

it('a beam search on one server is led by a PRM on another', async () => {
  const server = await serve(PRM, { '/pooling': stepsPooler });
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
  expect(view.ledger.verifierTokens % 10).toBe(0);
  // min over steps, as the verifier says.
  const scores = view.candidates.map(({ stepScores }) => Math.min(...stepScores));
  expect(new Set(scores).has(0.875)).toBe(true);
  expect(JSON.stringify(events)).not.toContain(KEY);
});
