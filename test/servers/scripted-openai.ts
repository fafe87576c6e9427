/**
 * An OpenAI-compatible server for tests, on a free local port. Its model is a function from prompt
 * and seed to text; what it honours and what goes wrong is set by the test. Node only.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Everything a model would write from here to the end of its turn. */
export type ScriptedModel = (prompt: string, seed: number, temperature: number) => string;

/** Weights of the next token, for judges: token → probability. null: take it from the text. */
export type ScriptedOdds = (prompt: string) => Record<string, number> | null;

export interface ServerHabits {
  readonly seed?: boolean;
  readonly n?: boolean;
  /** More choices than this are refused with 400, as llama.cpp does beyond its slots. */
  readonly mostChoices?: number;
  readonly stop?: boolean;
  readonly logProbs?: 'legacy' | 'content' | 'none';
  readonly stream?: boolean;
  readonly stopReason?: boolean;
  readonly usage?: boolean;
  /** Of every prompt, read from the prefix cache. */
  readonly cachedTokens?: number;
  readonly lists?: boolean;
  /** Refuses parameters beyond the common interface with 400. */
  readonly strict?: boolean;
  readonly key?: string;
  readonly models?: readonly string[];
  /** Headers that let other origins in. */
  readonly cors?: boolean;
}

export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: string;
      readonly body?: string;
    }
  /** The connection closes after so many events of a stream, or half of a plain body. */
  | { readonly kind: 'cut'; readonly afterEvents: number }
  /** As `cut`, but the stream ends in order, without saying why the text ends. */
  | { readonly kind: 'quiet-cut'; readonly afterEvents: number }
  /** As vLLM and SGLang report a failure once a stream has begun: an event with an error, then the
   * ordinary end. */
  | { readonly kind: 'error-event'; readonly afterEvents: number; readonly message: string }
  | { readonly kind: 'garbage'; readonly body: string }
  /** Says nothing for so long, then answers. */
  | { readonly kind: 'slow'; readonly ms: number };

export interface Recorded {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

export interface EndpointAnswer {
  readonly status: number;
  readonly json: unknown;
}

function isEndpointAnswer(answer: unknown): answer is EndpointAnswer {
  return typeof answer === 'object' && answer !== null && 'status' in answer && 'json' in answer;
}

export interface ScriptedServer {
  readonly baseUrl: string;
  readonly requests: Recorded[];
  /** The most requests that were open at one time. */
  readonly peak: () => number;
  habits: ServerHabits;
  /** Decides for every completion request; `index` counts them from 0. */
  faults: (request: Recorded, index: number) => Fault | null;
  /** Waited for before a completion is answered. */
  before: () => Promise<void>;
  /** Answers to other endpoints by path, as JSON; an `EndpointAnswer` has a status of its own. */
  readonly endpoints: Map<string, (body: Record<string, unknown>) => unknown>;
  close(): Promise<void>;
}

export async function startScriptedServer(
  model: ScriptedModel,
  habits: ServerHabits = {},
  odds: ScriptedOdds = () => null,
): Promise<ScriptedServer> {
  let open = 0;
  let peak = 0;
  let completions = 0;
  const server: Server = createServer((request, response) => {
    open++;
    peak = Math.max(peak, open);
    response.on('close', () => open--);
    void handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const scripted: ScriptedServer = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests: [],
    peak: () => peak,
    habits,
    faults: () => null,
    before: () => Promise.resolve(),
    endpoints: new Map(),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (scripted.habits.cors) {
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', 'authorization, content-type');
      if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    }
    const path = request.url ?? '';
    const { authorization } = request.headers;
    const recorded: Recorded = { path, authorization, body: await readJson(request) };
    scripted.requests.push(recorded);
    const { key, models = ['scripted'], lists = true } = scripted.habits;
    if (key !== undefined && authorization !== `Bearer ${key}`) {
      const message = `Incorrect API key provided: ${authorization ?? 'none'}`;
      return send(response, 401, { error: { message } });
    }
    const endpoint = scripted.endpoints.get(path);
    if (endpoint !== undefined) {
      const answer = endpoint(recorded.body);
      return isEndpointAnswer(answer)
        ? send(response, answer.status, answer.json)
        : send(response, 200, answer);
    }
    if (path === '/v1/models' && lists) {
      return send(response, 200, { object: 'list', data: models.map((id) => ({ id })) });
    }
    if (path !== '/v1/completions') return send(response, 404, { detail: 'Not Found' });
    const fault = scripted.faults(recorded, completions++);
    await scripted.before();
    if (fault?.kind === 'status') {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      return void response.writeHead(fault.status).end(fault.body ?? '{"error":{"message":"no"}}');
    }
    if (fault?.kind === 'garbage') return void response.writeHead(200).end(fault.body);
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (!models.includes(String(recorded.body.model))) {
      const message = `The model \`${String(recorded.body.model)}\` does not exist.`;
      return send(response, 404, { error: { message } });
    }
    complete(recorded.body, response, fault);
  }

  function complete(
    body: Record<string, unknown>,
    response: ServerResponse,
    fault: Fault | null,
  ): void {
    const own = scripted.habits;
    const common =
      /^(model|prompt|max_tokens|temperature|top_p|n|stop|seed|logprobs|echo|stream|stream_options|frequency_penalty|presence_penalty|logit_bias)$/;
    const unknown = Object.keys(body).find((name) => !common.test(name));
    if (own.strict && unknown !== undefined) {
      return send(response, 400, { error: { message: `Unrecognized argument: ${unknown}` } });
    }
    const n = own.n === false ? 1 : Number(body.n ?? 1);
    if (n > (own.mostChoices ?? Infinity)) {
      return send(response, 400, { error: { message: `n must be at most ${own.mostChoices}` } });
    }
    const choices = Array.from({ length: n }, (_, index) => write(body, index, own));
    const prompt = String(body.prompt);
    const sampled = choices.reduce((sum, choice) => sum + choice.pieces.length, 0);
    const usage = {
      prompt_tokens: tokenize(prompt).length,
      completion_tokens: sampled,
      total_tokens: tokenize(prompt).length + sampled,
      prompt_tokens_details: { cached_tokens: own.cachedTokens ?? 0 },
    };
    const withUsage = own.usage === false ? {} : { usage };
    if (body.stream === true && own.stream !== false) {
      return stream(response, choices, withUsage, fault);
    }
    const reply = JSON.stringify({
      object: 'text_completion',
      model: body.model,
      choices: choices.map(({ pieces, tail, odds: top }, index) => ({
        index,
        text: (body.echo === true ? prompt : '') + pieces.join(''),
        logprobs: logProbsOf(pieces, body, own, top),
        ...tail,
      })),
      ...withUsage,
    });
    if (fault?.kind === 'cut' || fault?.kind === 'quiet-cut') {
      response.writeHead(200, { 'content-length': reply.length });
      response.write(reply.slice(0, reply.length >> 1));
      return void setTimeout(() => response.destroy(), 5);
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(reply);
  }

  function write(body: Record<string, unknown>, index: number, own: ServerHabits) {
    const prompt = String(body.prompt);
    const temperature = Number(body.temperature);
    const seed = own.seed === false ? Math.floor(Math.random() * 2 ** 31) : Number(body.seed ?? 0);
    const top = odds(prompt);
    const whole =
      top === null
        ? model(prompt, temperature === 0 ? 0 : seed + index, temperature)
        : (Object.entries(top).sort((a, b) => b[1] - a[1])[0]?.[0] ?? '');
    const stops = own.stop === false ? [] : stopList(body.stop);
    const marks = stops
      .map((mark) => ({ mark, at: whole.indexOf(mark) }))
      .filter(({ at }) => at !== -1)
      .sort((a, b) => a.at - b.at);
    const stopped = marks.length > 0 ? marks[0] : null;
    const text = stopped === null ? whole : whole.slice(0, stopped.at);
    const all = tokenize(text);
    const pieces = all.slice(0, Number(body.max_tokens ?? 16));
    const cut = pieces.length < all.length;
    const reason = cut || stopped === null ? null : stopped.mark;
    return {
      pieces,
      odds: top,
      tail: {
        finish_reason: cut ? 'length' : 'stop',
        ...(own.stopReason === false ? {} : { stop_reason: reason }),
      },
    };
  }

  function stream(
    response: ServerResponse,
    choices: readonly ReturnType<typeof write>[],
    withUsage: object,
    fault: Fault | null,
  ): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const events: object[] = [];
    const longest = Math.max(...choices.map(({ pieces }) => pieces.length));
    // Interleaved, as a batching server writes them.
    for (let at = 0; at < longest; at++) {
      choices.forEach(({ pieces }, index) => {
        // vLLM names the end in every event, as null until it is known.
        const open = { logprobs: null, finish_reason: null, stop_reason: null };
        if (at < pieces.length) {
          const choice = {
            index,
            text: pieces[at],
            ...(scripted.habits.stopReason === false ? {} : open),
          };
          events.push({ choices: [choice] });
        }
      });
    }
    choices.forEach(({ tail }, index) => events.push({ choices: [{ index, text: '', ...tail }] }));
    if ('usage' in withUsage) events.push({ choices: [], ...withUsage });
    const limit = fault !== null && 'afterEvents' in fault ? fault.afterEvents : Infinity;
    for (const event of events.slice(0, limit))
      response.write(`data: ${JSON.stringify(event)}\n\n`);
    if (fault?.kind === 'quiet-cut') return void response.end();
    if (fault?.kind === 'error-event') {
      const error = { message: fault.message, type: 'InternalServerError', param: null, code: 500 };
      response.write(`data: ${JSON.stringify({ error })}\n\n`);
    }
    if (fault?.kind === 'cut') return void setTimeout(() => response.destroy(), 5);
    response.end('data: [DONE]\n\n');
  }

  return scripted;
}

/** Words with the space before them; line breaks stand alone. */
export function tokenize(text: string): string[] {
  return text.match(/\n|[^\S\n]*[^\s]+|[^\S\n]+/g) ?? [];
}

function logProbsOf(
  pieces: readonly string[],
  body: Record<string, unknown>,
  habits: ServerHabits,
  odds: Record<string, number> | null,
): object | null {
  const form = habits.logProbs ?? 'legacy';
  if (form === 'none' || body.logprobs === undefined) return null;
  const own = -0.25;
  const top = (piece: string): Record<string, number> =>
    odds === null
      ? { [piece]: own, ' other': -3 }
      : Object.fromEntries(Object.entries(odds).map(([token, p]) => [token, Math.log(p)]));
  if (form === 'legacy') {
    return {
      tokens: pieces,
      token_logprobs: pieces.map(() => own),
      top_logprobs: pieces.map(top),
      text_offset: [],
    };
  }
  return {
    content: pieces.map((token) => ({
      token,
      logprob: own,
      top_logprobs: Object.entries(top(token)).map(([name, logprob]) => ({ token: name, logprob })),
    })),
  };
}

function stopList(stop: unknown): string[] {
  if (typeof stop === 'string') return [stop];
  return Array.isArray(stop) ? stop.map(String) : [];
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
