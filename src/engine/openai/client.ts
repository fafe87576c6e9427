/**
 * An OpenAI-compatible server as a typed interface: models, completions (streamed or not), and JSON
 * endpoints beside them. Adds a limit on concurrent requests and retries; every failure is an
 * AppError. One client for one server; it may be shared by policy and verifier, whose requests then
 * share the limit.
 */
import * as z from 'zod/mini';
import { AppError } from '../../shared/errors.ts';
import { collectReply, collectStream, type RawCompletion } from './collect.ts';
import { Endpoint, type EndpointOptions } from './endpoint.ts';
import { garbled, errorInside } from './faults.ts';
import { DEFAULT_CONCURRENCY, Limiter } from './limiter.ts';
import { completionReply, errorReply, messageOf, modelsReply } from './replies.ts';
import { DEFAULT_RETRY, realSleep, withRetry, type RetryPolicy, type Sleep } from './retry.ts';
import { ask, askText, type Transport } from './transport.ts';

export interface ClientOptions extends EndpointOptions {
  /** Requests at the same time. */
  readonly concurrency?: number;
  readonly retry?: RetryPolicy;
  /** The longest silence of the server. Default two minutes. */
  readonly silenceMs?: number;
  readonly fetch?: typeof fetch;
  readonly sleep?: Sleep;
  readonly pageOrigin?: string | null;
}

export interface CompletionBody {
  readonly model: string;
  readonly prompt: string;
  readonly max_tokens: number;
  readonly temperature: number;
  readonly n?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly logprobs?: number;
  readonly echo?: boolean;
  readonly logit_bias?: Readonly<Record<string, number>>;
  /** Anything beyond the common interface. */
  readonly [extension: string]: unknown;
}

export interface ServedModel {
  readonly id: string;
  /** Context window in tokens; null where the server does not say. */
  readonly context: number | null;
  /** Parameters of the model; null where the server does not say. */
  readonly parameters: number | null;
}

const DEFAULT_SILENCE_MS = 120_000;

export class OpenAiClient {
  readonly endpoint: Endpoint;
  private readonly transport: Transport;
  private readonly limiter: Limiter;
  private readonly retry: RetryPolicy;
  private readonly sleep: Sleep;

  constructor(options: ClientOptions) {
    this.endpoint = new Endpoint(options);
    this.transport = {
      fetch: options.fetch ?? ((...args) => fetch(...args)),
      silenceMs: options.silenceMs ?? DEFAULT_SILENCE_MS,
      pageOrigin: options.pageOrigin === undefined ? ownOrigin() : options.pageOrigin,
    };
    this.limiter = new Limiter(Math.max(1, options.concurrency ?? DEFAULT_CONCURRENCY));
    this.retry = options.retry ?? DEFAULT_RETRY;
    this.sleep = options.sleep ?? realSleep;
  }

  async models(signal?: AbortSignal): Promise<ServedModel[]> {
    const { data } = await this.json('/v1/models', undefined, modelsReply, signal);
    return data.map(({ id, max_model_len: longest, meta }) => ({
      id,
      context: longest ?? meta?.n_ctx ?? null,
      parameters: meta?.n_params ?? null,
    }));
  }

  /** `n` choices in the order of their index. */
  complete(
    body: CompletionBody,
    options: { readonly stream: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<RawCompletion> {
    const { signal } = options;
    return this.attempt(async () => {
      const path = '/v1/completions';
      const { endpoint, transport } = this;
      const expected = body.n ?? 1;
      if (options.stream) {
        const streamed = { ...body, stream: true, stream_options: { include_usage: true } };
        const bytes = ask(transport, { endpoint, path, body: streamed, signal });
        return collectStream(bytes, expected, endpoint);
      }
      const text = await askText(transport, { endpoint, path, body, signal });
      return collectReply(this.parse(text, completionReply, true), expected, endpoint);
    }, signal);
  }

  /** Any other endpoint; `body` undefined is a GET. Throws AppError `server` on another shape. */
  json<T extends z.ZodMiniType>(
    path: string,
    body: unknown,
    schema: T,
    signal?: AbortSignal,
  ): Promise<z.infer<T>> {
    return this.attempt(async () => {
      const text = await askText(this.transport, { endpoint: this.endpoint, path, body, signal });
      return this.parse(text, schema);
    }, signal);
  }

  private attempt<T>(task: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return this.limiter.run(() => withRetry(task, this.retry, this.sleep, signal), signal);
  }

  private parse<T extends z.ZodMiniType>(text: string, schema: T, retryable = false): z.infer<T> {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      throw garbled(this.endpoint.host, this.endpoint.redact(text));
    }
    const parsed = z.safeParse(schema, json);
    if (parsed.success) return parsed.data;
    const refusal = z.safeParse(errorReply, json);
    if (refusal.success) {
      throw errorInside(this.endpoint.redact(messageOf(refusal.data)), retryable);
    }
    throw garbled(this.endpoint.host, z.prettifyError(parsed.error));
  }
}

/** The origin of the page or of its worker; null in Node. */
function ownOrigin(): string | null {
  const origin = (globalThis as { location?: { origin?: string } }).location?.origin;
  return origin === undefined || origin === 'null' ? null : origin;
}

export function isRefusal(thrown: unknown): boolean {
  return thrown instanceof AppError && !thrown.retryable && thrown.code !== 'aborted';
}
