/**
 * Reward models as vLLM and SGLang serve them, on scripted servers: which endpoints there are, what
 * each wants and answers, and how the others refuse. After the sources of vLLM 0.11.2 ("old": every
 * endpoint is there and refuses with 400), 0.20.2 (501) and 0.33.0 (404), and of SGLang 0.5.23.
 * A solution is good as far as its sums are right. Node only.
 */
import { addingModel } from './adding-model.ts';
import {
  startScriptedServer,
  type EndpointAnswer,
  type ScriptedServer,
} from './scripted-openai.ts';

export type VllmVersion = '0.11' | '0.20' | '0.33';
/** As vLLM names pooling tasks; `steps` is `token_classify` with step pooling. */
export type VllmTask = 'steps' | 'token_classify' | 'classify' | 'embed';

type Body = Record<string, unknown>;
export type Endpoint = (body: Body) => unknown;

export interface RewardServerOptions {
  readonly model: string;
  readonly key?: string;
  /** Lets pages in. */
  readonly cors?: boolean;
  /** Logits, as with a config that asks for regression. Default probabilities. */
  readonly logits?: boolean;
  /** Of a classifier: one class, two (wrong, right), or more. Default 2. */
  readonly classes?: number;
  readonly labels?: readonly string[];
  /** A tokenizer without a chat template refuses messages. */
  readonly chatTemplate?: boolean;
  /** Which token ends a step; math-shepherd's answers + before −. */
  readonly shepherd?: boolean;
}

const PATHS = ['/pooling', '/classify', '/score'] as const;

export async function serveVllm(
  version: VllmVersion,
  task: VllmTask,
  options: RewardServerOptions,
): Promise<ScriptedServer> {
  const server = await start(options);
  const own = task === 'steps' || task === 'token_classify' ? ['/pooling'] : [...PATHS];
  if (task === 'embed') own.splice(own.indexOf('/classify'), 1);
  // The scoring interface is for one class.
  if (task === 'classify' && options.classes !== 1) own.splice(own.indexOf('/score'), 1);
  for (const path of PATHS) {
    const answer: Endpoint = (body) =>
      checked(options, path, body) ?? answerOf(path, task, options, body);
    server.endpoints.set(path, own.includes(path) ? answer : () => refusal(version, path));
  }
  return server;
}

/** Its `/classify` wants `text` and answers with logits; nothing else is served. */
export async function serveSglang(options: RewardServerOptions): Promise<ScriptedServer> {
  const server = await start(options);
  server.endpoints.set('/classify', ({ text }) => {
    if (typeof text !== 'string') {
      const message = 'Either text, input_ids or input_embeds should be provided.';
      return { status: 400, json: { error: { message } } };
    }
    const embedding = (options.classes ?? 1) === 1 ? [logitOf(text)] : classesOf(text, options);
    return { embedding, meta_info: { id: 'a1', prompt_tokens: tokensOf(text), e2e_latency: 0.01 } };
  });
  return server;
}

function start({ model, key, cors = false }: RewardServerOptions): Promise<ScriptedServer> {
  return startScriptedServer(addingModel, {
    models: [model],
    cors,
    ...(key === undefined ? {} : { key }),
  });
}

const NAMES = { '/pooling': 'Pooling', '/classify': 'Classification', '/score': 'Score' };

function refusal(version: VllmVersion, path: (typeof PATHS)[number]): EndpointAnswer {
  const message = `The model does not support ${NAMES[path]} API`;
  if (version === '0.11') return failed(400, 'BadRequestError', message);
  if (version === '0.20') return failed(501, 'NotImplementedError', message);
  return failed(404, 'Not Found', 'Not Found');
}

export function failed(code: number, type: string, message: string): EndpointAnswer {
  return { status: code, json: { error: { message, type, param: null, code } } };
}

/** What the request lacks; null where it is complete. */
function checked(
  { model, chatTemplate = true }: RewardServerOptions,
  path: string,
  body: Body,
): EndpointAnswer | null {
  if (body.model !== undefined && body.model !== model) {
    return failed(404, 'NotFoundError', `The model \`${String(body.model)}\` does not exist.`);
  }
  if (path === '/score') {
    const paired = typeof body.text_1 === 'string' && typeof body.text_2 === 'string';
    return paired ? null : failed(400, 'Bad Request', 'text_1: Field required');
  }
  if (typeof body.input === 'string') return null;
  if (!Array.isArray(body.messages)) return failed(400, 'Bad Request', 'input: Field required');
  if (chatTemplate) return null;
  return failed(
    400,
    'BadRequestError',
    'As of transformers v4.44, default chat template is no longer allowed',
  );
}

function answerOf(path: string, task: VllmTask, options: RewardServerOptions, body: Body): unknown {
  const { model } = options;
  const text = textOf(body);
  const list = (prefix: string, entry: object): object =>
    envelope(model, prefix, entry, tokensOf(text));
  if (task === 'embed') {
    if (path === '/score') return list('score', { object: 'score', score: 0.83 });
    return list('pooling', { object: 'pooling', data: Array.from({ length: 384 }, () => 0.05) });
  }
  if (path === '/score')
    return list('score', { object: 'score', score: classesOf(text, options)[0] });
  if (path === '/classify') {
    const probs = classesOf(text, options);
    const label = (options.labels ?? [])[probs.indexOf(Math.max(...probs))] ?? null;
    return list('classify', { label, probs, num_classes: probs.length });
  }
  const data =
    task === 'classify'
      ? classesOf(text, options)
      : task === 'steps'
        ? stepRows(text, options)
        : // A number at every token; the last one has seen all.
          [
            ...Array.from({ length: tokensOf(text) - 1 }, () => [0.5]),
            classesOf(text, { ...options, classes: 1 }),
          ];
  return list('pooling', { object: 'pooling', data });
}

function envelope(model: string, prefix: string, entry: object, tokens: number): object {
  return {
    id: `${prefix}-9a0bc1d2e3f4`,
    object: 'list',
    created: 1_764_000_000,
    model,
    data: [{ index: 0, ...entry }],
    usage: {
      prompt_tokens: tokens,
      total_tokens: tokens,
      completion_tokens: 0,
      prompt_tokens_details: null,
      completion_tokens_details: null,
    },
  };
}

function stepRows(text: string, { shepherd = false }: RewardServerOptions): number[][] {
  const steps = text.split(shepherd ? ' ки' : '<extra_0>').slice(0, -1);
  return steps.map((_, i) => {
    const right = isRight(steps.slice(0, i + 1).join(' ')) ? 0.875 : 0.25;
    return shepherd ? [right, 1 - right] : [1 - right, right];
  });
}

/** One number, or wrong and right, or more. */
function classesOf(
  text: string,
  { logits = false, classes = 2, labels }: RewardServerOptions,
): number[] {
  const logit = logitOf(text);
  const right = 1 / (1 + Math.exp(-logit));
  if (classes === 1) return [logits ? logit : right];
  if (classes > 2) return Array.from({ length: classes }, () => 1 / classes);
  const both = logits ? [-logit / 2, logit / 2] : [1 - right, right];
  return /^correct$/i.test(labels?.[0] ?? '') ? both.reverse() : both;
}

const logitOf = (text: string): number => (isRight(text) ? 2 : -2);

/** Right where every sum is. */
function isRight(text: string): boolean {
  return [...text.matchAll(/(\d+) \+ (\d+) = (\d+)/g)].every(
    ([, a, b, c]) => Number(a) + Number(b) === Number(c),
  );
}

function textOf(body: Body): string {
  if (Array.isArray(body.messages)) {
    return (body.messages as { content: string }[]).map(({ content }) => content).join('\n');
  }
  return [body.input, body.text_1, body.text_2].filter((part) => part !== undefined).join('\n');
}

const tokensOf = (text: string): number => text.split(/\s+/).length;
