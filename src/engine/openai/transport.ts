/**
 * One request to a server: time limits, aborts, and every failure as an AppError. It does not retry
 * and does not know what is in a body.
 */
import { throwIfAborted, type AppError } from '../../shared/errors.ts';
import type { Endpoint } from './endpoint.ts';
import {
  blockedByCors,
  cutOff,
  mixedContent,
  statusFault,
  tooSlow,
  unreachable,
} from './faults.ts';
import { Retryable } from './retry.ts';

export interface Transport {
  readonly fetch: typeof fetch;
  /** The longest silence: before the headers, and between two pieces of the body. */
  readonly silenceMs: number;
  /** Where the page lives; null outside a browser. */
  readonly pageOrigin: string | null;
}

export interface Asked {
  readonly endpoint: Endpoint;
  readonly path: string;
  /** Sent as JSON with POST; undefined is a GET. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** The body in pieces. Throws AppError, or Retryable where waiting may help. */
export async function* ask(transport: Transport, asked: Asked): AsyncGenerator<Uint8Array> {
  const { endpoint, signal } = asked;
  throwIfAborted(signal);
  const watch = new SilenceWatch(transport.silenceMs, signal);
  try {
    const response = await open(transport, asked, watch);
    if (!response.ok) throw await refusal(response, endpoint, watch);
    if (response.body === null) return;
    yield* pieces(response.body, endpoint, watch);
  } catch (thrown) {
    throwIfAborted(signal);
    if (watch.expired) throw tooSlow(endpoint.host, transport.silenceMs);
    throw thrown;
  } finally {
    // Also when the reader stops early: the server must not go on writing for nobody.
    watch.close();
  }
}

/** The whole body as text. */
export async function askText(transport: Transport, asked: Asked): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of ask(transport, asked)) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}

async function open(transport: Transport, asked: Asked, watch: SilenceWatch): Promise<Response> {
  const { endpoint, path, body } = asked;
  try {
    const response = await transport.fetch(endpoint.url(path), {
      method: body === undefined ? 'GET' : 'POST',
      headers: endpoint.headers(),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: watch.signal,
      // Keys are sent by header only; cookies of that host are none of our business.
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    });
    watch.heard();
    return response;
  } catch (thrown) {
    if (watch.signal.aborted) throw thrown;
    throw await explainSilence(transport, endpoint, thrown);
  }
}

/** A browser says "Failed to fetch" for everything. An opaque request tells a server that is not
 * there from one that does not allow the page. */
async function explainSilence(
  transport: Transport,
  endpoint: Endpoint,
  thrown: unknown,
): Promise<AppError> {
  const { pageOrigin } = transport;
  const url = new URL(endpoint.url('/v1/models'));
  const local = /^(localhost|127\.|\[::1\])/.test(url.host);
  if (pageOrigin?.startsWith('https:') && url.protocol === 'http:' && !local) {
    return mixedContent(endpoint.host);
  }
  if (pageOrigin !== null && pageOrigin !== url.origin) {
    const opaque = { mode: 'no-cors', credentials: 'omit' } as const;
    const reached = await transport.fetch(url.href, opaque).then(
      () => true,
      () => false,
    );
    if (reached) return blockedByCors(endpoint.host, pageOrigin);
  }
  return unreachable(endpoint.host, endpoint.redact(causeText(thrown)));
}

/** Node hides the reason ("ECONNREFUSED") in a chain of causes. */
function causeText(thrown: unknown): string {
  const words: string[] = [];
  for (let at: unknown = thrown; at instanceof Error && words.length < 4; at = at.cause) {
    if (at.message !== '') words.push(at.message);
  }
  return words.length > 0 ? words.join(': ') : String(thrown);
}

async function refusal(
  response: Response,
  endpoint: Endpoint,
  watch: SilenceWatch,
): Promise<Retryable> {
  const text = await response.text().catch(() => '');
  watch.heard();
  const detail = endpoint.redact(serverMessage(text));
  const wait = response.headers.get('retry-after');
  const { error, retryAfterMs } = statusFault(response.status, detail, wait, Date.now());
  return new Retryable(error, retryAfterMs);
}

/** Servers say `{error: {message}}`, `{error}`, `{message}`, `{detail}` or plain text. */
function serverMessage(text: string): string {
  try {
    const json: unknown = JSON.parse(text);
    for (const path of [['error', 'message'], ['error'], ['message'], ['detail']]) {
      const found = path.reduce<unknown>(
        (at, name) =>
          typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined,
        json,
      );
      if (typeof found === 'string') return found;
    }
  } catch {
    // Not JSON: shown as it is.
  }
  return text.trim();
}

async function* pieces(
  body: ReadableStream<Uint8Array>,
  endpoint: Endpoint,
  watch: SilenceWatch,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      let result: ReadableStreamReadResult<Uint8Array>;
      try {
        result = await reader.read();
      } catch (thrown) {
        if (watch.signal.aborted) throw thrown;
        throw cutOff(endpoint.host, endpoint.redact(causeText(thrown)));
      }
      watch.heard();
      if (result.done) return;
      yield result.value;
    }
  } finally {
    reader.releaseLock();
  }
}

/** An abort signal that fires on the caller's abort or after too long a silence. */
class SilenceWatch {
  expired = false;
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly limitMs: number,
    outer: AbortSignal | undefined,
  ) {
    const own = this.controller.signal;
    this.signal = outer === undefined ? own : AbortSignal.any([outer, own]);
    this.heard();
  }

  heard(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.expired = true;
      this.controller.abort();
    }, this.limitMs);
  }

  close(): void {
    clearTimeout(this.timer);
    this.controller.abort();
  }
}
