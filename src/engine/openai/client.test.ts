import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { failureOf } from '../../shared/testing/failure-of.ts';
import { addingModel } from '../../../test/servers/adding-model.ts';
import {
  startScriptedServer,
  tokenize,
  type Fault,
  type ScriptedServer,
  type ServerHabits,
} from '../../../test/servers/scripted-openai.ts';
import { OpenAiClient, type ClientOptions } from './client.ts';

const KEY = 'sk-very-secret-0123456789';
const BODY = {
  model: 'scripted',
  prompt: 'add the numbers 1 2 3\n\n## Step 1:',
  max_tokens: 100,
  temperature: 0,
};

let server: ScriptedServer | null = null;
const waits: number[] = [];

async function start(habits: ServerHabits = {}): Promise<ScriptedServer> {
  server = await startScriptedServer(addingModel, habits);
  return server;
}

function clientFor({ baseUrl }: ScriptedServer, options: Partial<ClientOptions> = {}) {
  return new OpenAiClient({
    baseUrl,
    key: KEY,
    retry: { attempts: 3, firstDelayMs: 100, maxDelayMs: 5000 },
    sleep: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    ...options,
  });
}

afterEach(async () => {
  await server?.close();
  server = null;
  waits.length = 0;
});

describe.each([{ stream: true }, { stream: false }])('completions, %o', ({ stream }) => {
  it('reads text, end and usage', async () => {
    const client = clientFor(await start());
    const raw = await client.complete(BODY, { stream });
    expect(raw.choices[0].text).toContain('\\boxed{6}');
    expect(raw.choices[0]).toMatchObject({ finishReason: 'stop', stoppedBy: null });
    expect(raw).toMatchObject({
      promptTokens: tokenize(BODY.prompt).length,
      sampledTokens: tokenize(raw.choices[0].text).length,
      reportsUsage: true,
    });
  });

  it('keeps the choices of one request apart', async () => {
    const client = clientFor(await start());
    const several = await client.complete({ ...BODY, temperature: 1, seed: 5, n: 6 }, { stream });
    const single = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((i) =>
        client.complete({ ...BODY, temperature: 1, seed: 5 + i }, { stream }),
      ),
    );
    expect(several.choices.map(({ text }) => text)).toEqual(
      single.map(({ choices }) => choices[0].text),
    );
    expect(new Set(several.choices.map(({ text }) => text)).size).toBeGreaterThan(1);
  });

  it.each<[string, Fault]>([
    ['cut connection', { kind: 'cut', afterEvents: 4 }],
    ['failing server', { kind: 'status', status: 503 }],
    ['rate limit', { kind: 'status', status: 429 }],
    ['garbage', { kind: 'garbage', body: '<html>gateway</html>' }],
    ['nothing', { kind: 'garbage', body: '' }],
  ])('gets over one %s', async (_, fault) => {
    const scripted = await start();
    scripted.faults = (_request, index) => (index === 0 ? fault : null);
    const raw = await clientFor(scripted).complete(BODY, { stream });
    expect(raw.choices[0].text).toContain('\\boxed{6}');
    expect(scripted.requests).toHaveLength(2);
  });

  it.each<[string, Fault, Partial<AppError>]>([
    ['cut connection', { kind: 'cut', afterEvents: 4 }, { code: 'network', retryable: true }],
    ['failing server', { kind: 'status', status: 500 }, { code: 'server', retryable: true }],
    ['garbage', { kind: 'garbage', body: 'hello' }, { code: 'server', retryable: true }],
  ])('gives up on a lasting %s with advice', async (_, fault, expected) => {
    const scripted = await start();
    scripted.faults = () => fault;
    const failure = await failureOf(clientFor(scripted).complete(BODY, { stream }));
    expect(failure).toMatchObject(expected);
    expect(failure.advice).not.toBe('');
    expect(scripted.requests).toHaveLength(3);
  });

  it('does not take a stream without an end for an answer', async () => {
    const scripted = await start();
    scripted.faults = () => ({ kind: 'quiet-cut', afterEvents: 3 });
    const failure = await failureOf(clientFor(scripted).complete(BODY, { stream }));
    expect(failure).toMatchObject({ code: 'network', message: expect.stringContaining('cut off') });
  });

  it('stops waiting for a silent server', async () => {
    const scripted = await start();
    scripted.faults = () => ({ kind: 'slow', ms: 60_000 });
    const retry = { attempts: 1, firstDelayMs: 1, maxDelayMs: 1 };
    const client = clientFor(scripted, { silenceMs: 40, retry });
    const failure = await failureOf(client.complete(BODY, { stream }));
    expect(failure).toMatchObject({ code: 'network', retryable: true });
    expect(failure.message).toContain('sent nothing');
  });

  it('ends at once on an abort, also while it waits', async () => {
    const scripted = await start();
    scripted.faults = () => ({ kind: 'slow', ms: 60_000 });
    const abort = new AbortController();
    const pending = clientFor(scripted).complete(BODY, { stream, signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    expect(await failureOf(pending)).toMatchObject({ code: 'aborted' });
  });
});

it('gets over a failure that is reported inside the stream', async () => {
  const scripted = await start();
  const fault: Fault = { kind: 'error-event', afterEvents: 2, message: `failed for ${KEY}` };
  scripted.faults = (_request, index) => (index === 0 ? fault : null);
  const client = clientFor(scripted);
  const raw = await client.complete(BODY, { stream: true });
  expect(raw.choices[0].text).toContain('\\boxed{6}');
  scripted.faults = () => fault;
  const failure = await failureOf(client.complete(BODY, { stream: true }));
  expect(failure).toMatchObject({ code: 'server', retryable: true, cause: 'failed for [key]' });
});

describe('refusals', () => {
  it('does not repeat what will not get better', async () => {
    const scripted = await start({ key: 'another' });
    const failure = await failureOf(clientFor(scripted).complete(BODY, { stream: true }));
    expect(failure).toMatchObject({ code: 'server', message: 'The server refuses the key.' });
    expect(scripted.requests).toHaveLength(1);
  });

  it('names an unknown model', async () => {
    const client = clientFor(await start());
    const failure = await failureOf(client.complete({ ...BODY, model: 'gpt-9' }, { stream: true }));
    expect(failure.code).toBe('model-missing');
  });

  it('tells a closed port from anything else', async () => {
    const scripted = await start();
    const { baseUrl } = scripted;
    await scripted.close();
    server = null;
    const client = clientFor({ ...scripted, baseUrl });
    const failure = await failureOf(client.models());
    expect(failure).toMatchObject({ code: 'network', retryable: true });
    expect(JSON.stringify(failure.toData())).toContain('ECONNREFUSED');
  });

  it('tells CORS from a server that is not there', async () => {
    const blocked = (url: URL | RequestInfo, init?: RequestInit): Promise<Response> =>
      init?.mode === 'no-cors'
        ? Promise.resolve(new Response(null))
        : Promise.reject(new TypeError(`Failed to fetch ${String(url)}`));
    const client = new OpenAiClient({
      baseUrl: 'http://gpu.example:8000',
      fetch: blocked as typeof fetch,
      pageOrigin: 'https://page.example',
      retry: { attempts: 1, firstDelayMs: 1, maxDelayMs: 1 },
    });
    // https page, http server elsewhere: the browser blocks that whatever the server says.
    expect((await failureOf(client.models())).message).toContain('https');
    const secure = new OpenAiClient({
      baseUrl: 'https://gpu.example',
      fetch: blocked as typeof fetch,
      pageOrigin: 'https://page.example',
    });
    const failure = await failureOf(secure.models());
    expect(failure.message).toContain('CORS');
    expect(failure.advice).toContain('https://page.example');
    expect(failure.retryable).toBe(false);
  });
});

describe('patience', () => {
  it('waits as long as the server asks, and doubles otherwise', async () => {
    const scripted = await start();
    scripted.faults = (_, index) =>
      index === 0
        ? { kind: 'status', status: 429, retryAfter: '2' }
        : { kind: 'status', status: 500 };
    await failureOf(clientFor(scripted).complete(BODY, { stream: true }));
    expect(waits[0]).toBe(2000);
    expect(waits[1]).toBeGreaterThanOrEqual(200);
    expect(waits[1]).toBeLessThan(250);
  });

  it('holds the limit of concurrent requests and still asks all', async () => {
    const scripted = await start();
    scripted.faults = () => ({ kind: 'slow', ms: 5 });
    const client = clientFor(scripted, { concurrency: 3 });
    await Promise.all(Array.from({ length: 12 }, () => client.complete(BODY, { stream: true })));
    expect(scripted.peak()).toBe(3);
    expect(scripted.requests).toHaveLength(12);
  });
});

describe('the key', () => {
  it('is sent by header and found nowhere else', async () => {
    const scripted = await start({ key: 'another' });
    const client = clientFor(scripted);
    const failure = await failureOf(client.models());
    // The scripted server quotes the key back, as real ones do.
    expect(failure.toData().cause).toContain('Bearer [key]');
    expect(JSON.stringify(failure.toData()) + String(failure.stack)).not.toContain(KEY);
    expect(JSON.stringify(client)).not.toContain(KEY);
    expect(scripted.requests[0].authorization).toBe(`Bearer ${KEY}`);
    expect(scripted.requests[0].path).not.toContain(KEY);
  });

  it.each(['a key', 'key\nX-Other: 1', 'schlüssel'])('refuses %j without quoting it', (key) => {
    let message = '';
    try {
      new OpenAiClient({ baseUrl: 'http://localhost', key });
    } catch (thrown) {
      message = (thrown as AppError).message;
      expect(thrown).toMatchObject({ code: 'bad-input' });
    }
    expect(message).not.toBe('');
    expect(message).not.toContain(key);
  });

  it.each(['http://name:word@host/v1', 'https://host/v1?key=abc', 'ftp://host', 'http://', ''])(
    'refuses the address %j',
    (baseUrl) => {
      expect(() => new OpenAiClient({ baseUrl })).toThrow(AppError);
    },
  );

  it.each([
    ['http://h:1/v1', 'http://h:1/v1/models'],
    ['http://h:1/v1/', 'http://h:1/v1/models'],
    ['h:1', 'http://h:1/v1/models'],
    ['https://h/proxy/v1', 'https://h/proxy/v1/models'],
  ])('reads the address %j', (baseUrl, url) => {
    expect(new OpenAiClient({ baseUrl }).endpoint.url('/v1/models')).toBe(url);
  });
});
