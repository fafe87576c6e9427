/**
 * The worker's side of one web-llm model: checks the device before any download, gets the files,
 * loads, checks that the model does not answer at random, warms up, and then samples, one request
 * after another. The engine comes in from outside, so the order of things is tested without a GPU.
 */
import * as z from 'zod/mini';
import { AppError, toAppError } from '../../shared/errors.ts';
import { answerTokenIds } from '../../verify/judge-words.ts';
import { assertUsable, type DeviceFacts } from './device-facts.ts';
import type { LoadEvent } from './load-state.ts';
import {
  toWorkerSchema,
  type FromWorker,
  type ModelSpec,
  type Sample,
  type Sampled,
  type ToWorker,
  type Weighed,
} from './messages.ts';
import { CACHE_SCOPES, ensureModelFiles, modelFolder, type FileTools } from './model-files.ts';
import { TokenConfidence } from './token-confidence.ts';

/** What is used of web-llm's `MLCEngine`. */
export interface MlcEngine {
  reload(id: string, options: { context_window_size: number }): Promise<void>;
  interruptGenerate(): unknown;
  readonly completions: { create(request: MlcRequest): Promise<MlcReply> };
}

export interface MlcRequest {
  readonly prompt: string;
  readonly max_tokens: number;
  readonly temperature: number;
  readonly top_p: number;
  readonly repetition_penalty: number;
  readonly frequency_penalty: number;
  readonly presence_penalty: number;
  readonly n: number;
  readonly stop?: string[];
  readonly seed?: number;
  readonly logit_bias?: Record<string, number>;
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
}

export interface MlcReply {
  readonly choices: readonly {
    readonly text: string;
    readonly finish_reason: string | null;
    readonly logprobs?: {
      readonly content?:
        | readonly {
            readonly token: string;
            readonly top_logprobs: readonly { readonly token: string; readonly logprob: number }[];
          }[]
        | null;
    } | null;
  }[];
  readonly usage?:
    { readonly prompt_tokens: number; readonly completion_tokens: number } | undefined;
}

export interface HostTools {
  readonly createEngine: (
    spec: ModelSpec,
    onReport: (text: string, progress: number) => void,
    /** Listens to what is sampled; null where nobody wants to know. */
    confidence: TokenConfidence | null,
  ) => Promise<MlcEngine>;
  readonly readDevice: () => Promise<DeviceFacts>;
  readonly fetch: typeof fetch;
  readonly caches: Pick<CacheStorage, 'open'>;
  readonly post: (message: FromWorker) => void;
  /** The last lines of the console. */
  readonly log: () => readonly string[];
}

// The model's own config fills in whatever is missing here, so everything is said.
const PLAIN = {
  top_p: 1,
  repetition_penalty: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
  n: 1,
} as const;

const KNOWN_PROMPT = 'One, two, three, four, five, six,';
// More than any real distribution over a vocabulary is flat, less than rounding.
const FLAT = 1e-4;

export class WebLlmHost {
  private engine: MlcEngine | null = null;
  private confidence: TokenConfidence | null = null;
  private answerIds: readonly number[] = [];
  private readonly stopped = new Set<number>();
  private running: { readonly id: number; readonly abort: AbortController } | null = null;
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly tools: HostTools) {}

  /** Requests are answered in the order they came; a stop is heard at once. */
  handle(raw: unknown): void {
    const message = toWorkerSchema.parse(raw);
    if (message.type === 'stop') this.stop(message.ids);
    else this.queue = this.queue.then(() => this.answer(message));
  }

  private stop(ids: readonly number[]): void {
    for (const id of ids) this.stopped.add(id);
    if (this.running === null || !ids.includes(this.running.id)) return;
    this.running.abort.abort();
    this.engine?.interruptGenerate();
  }

  private async answer(message: Exclude<ToWorker, { type: 'stop' }>): Promise<void> {
    const { id } = message;
    const abort = new AbortController();
    this.running = { id, abort };
    try {
      if (this.stopped.has(id)) throw stoppedError();
      if (message.type === 'load') await this.load(id, message.spec, abort.signal);
      else if (message.type === 'sample') {
        this.tools.post({ type: 'sampled', id, sampled: await this.sample(message.sample) });
      } else this.tools.post({ type: 'weighed', id, weighed: await this.weigh(message.prompt) });
    } catch (thrown) {
      this.tools.post(this.failure(message, thrown));
    } finally {
      this.running = null;
      this.stopped.delete(id);
    }
  }

  private async load(id: number, spec: ModelSpec, signal: AbortSignal): Promise<void> {
    const { tools } = this;
    const facts = await tools.readDevice();
    assertUsable(spec, facts);
    const report = (event: Exclude<LoadEvent, { type: 'ready' | 'failed' }>): void =>
      tools.post({ type: 'progress', id, event });
    const files: FileTools = {
      fetch: tools.fetch,
      caches: tools.caches,
      signal,
      report: (event) => {
        if (event.type !== 'ready' && event.type !== 'failed') report(event);
      },
    };
    await ensureModelFiles(spec, files);
    this.engine = null;
    this.confidence = spec.confidence ? new TokenConfidence() : null;
    const onReport = (text: string, progress: number): void =>
      report({ type: 'report', text, progress });
    const engine = await tools.createEngine(spec, onReport, this.confidence);
    await engine.reload(spec.id, { context_window_size: spec.contextTokens });
    if (signal.aborted) throw stoppedError();
    this.engine = engine;
    this.answerIds = await this.readAnswerIds(spec);
    // Warms up the kernels that loading leaves out, and shows an invalid shader: it does not throw,
    // it makes all tokens equally probable.
    const { top } = await this.weigh(KNOWN_PROMPT, []);
    if (isFlat(top.map(([, logProb]) => logProb))) {
      this.engine = null;
      const error = new Error('all tokens are equally probable');
      error.name = 'UniformOutputError';
      throw error;
    }
    tools.post({ type: 'loaded', id, adapter: facts.adapter ?? '' });
  }

  private async sample({ prompt, stop, maxTokens, temperature, seed }: Sample): Promise<Sampled> {
    const { confidence } = this;
    confidence?.take();
    const reply = await this.loaded().completions.create({
      ...PLAIN,
      prompt,
      max_tokens: maxTokens,
      temperature,
      seed,
      ...(stop.length > 0 ? { stop } : {}),
      // For the texts of the tokens; web-llm gives none unless it may name a likely one as well.
      ...(confidence === null ? {} : { logprobs: true, top_logprobs: 1 }),
    });
    const [choice] = reply.choices;
    if (choice.finish_reason === 'abort') throw stoppedError();
    return {
      text: choice.text,
      finishReason: choice.finish_reason ?? 'stop',
      promptTokens: reply.usage?.prompt_tokens ?? 0,
      sampledTokens: reply.usage?.completion_tokens ?? 0,
      pieces: confidence === null ? null : piecesOf(choice, confidence.take()),
    };
  }

  private async weigh(prompt: string, ids = this.answerIds): Promise<Weighed> {
    const bias = Object.fromEntries(ids.map((token) => [String(token), 100]));
    const reply = await this.loaded().completions.create({
      ...PLAIN,
      prompt,
      max_tokens: 1,
      temperature: 1,
      logprobs: true,
      top_logprobs: 5,
      ...(ids.length > 0 ? { logit_bias: bias } : {}),
    });
    const top = reply.choices[0].logprobs?.content?.[0]?.top_logprobs ?? [];
    return {
      // Beside two words with a bias, the others have a probability of 0, and its logarithm is no number
      // that crosses a border. The same holds for what a GPU computes wrongly.
      top: top
        .filter(({ logprob }) => Number.isFinite(logprob))
        .map(({ token, logprob }): [string, number] => [token, logprob]),
      promptTokens: reply.usage?.prompt_tokens ?? 0,
      sampledTokens: reply.usage?.completion_tokens ?? 0,
    };
  }

  private loaded(): MlcEngine {
    if (this.engine !== null) return this.engine;
    const error = new Error('no model is loaded');
    error.name = 'ModelNotLoadedError';
    throw error;
  }

  /** The ids of Yes and No from the model's own tokenizer file; none where it has another form. */
  private async readAnswerIds(spec: ModelSpec): Promise<number[]> {
    const cache = await this.tools.caches.open(CACHE_SCOPES.model);
    const url = new URL('tokenizer.json', modelFolder(spec.modelUrl)).href;
    const file = await cache.match(url);
    const json = (await file?.json().catch(() => null)) as {
      model?: { vocab?: Record<string, number> };
    } | null;
    const vocabulary = json?.model?.vocab;
    return typeof vocabulary === 'object' && !Array.isArray(vocabulary)
      ? answerTokenIds(vocabulary)
      : [];
  }

  private failure(message: Exclude<ToWorker, { type: 'stop' }>, thrown: unknown): FromWorker {
    const { id } = message;
    if (thrown instanceof AppError || this.stopped.has(id)) {
      const error = this.stopped.has(id) ? stoppedError() : toAppError(thrown);
      return { type: 'failed', id, error: error.toData() };
    }
    const { name, message: text } = named(thrown);
    const stage = message.type === 'load' ? 'load' : 'generate';
    const log = [...this.tools.log()];
    return { type: 'threw', id, failure: { name, message: text, log, stage } };
  }
}

/** What stopped the text is among them: a stop string and the end of a turn were sampled, too. */
function piecesOf(
  { logprobs }: MlcReply['choices'][number],
  logProbs: readonly number[],
): Sampled['pieces'] {
  const tokens = logprobs?.content ?? [];
  if (tokens.length !== logProbs.length) {
    throw new Error(`${tokens.length} tokens with ${logProbs.length} probabilities`);
  }
  return tokens.map(({ token }, i) => ({ text: token, logProb: logProbs[i] }));
}

const namedSchema = z.object({ name: z.string(), message: z.string() });

/** What ends a WebAssembly program (`ExitStatus`) has a name and a message but is no `Error`. */
function named(thrown: unknown): { name: string; message: string } {
  const parsed = z.safeParse(namedSchema, thrown);
  return parsed.success ? parsed.data : { name: 'Error', message: String(thrown) };
}

/** Whether all tokens are equally probable, or none is probable at all. */
export function isFlat(logProbs: readonly number[]): boolean {
  if (logProbs.length < 2) return logProbs.length === 0;
  return Math.max(...logProbs) - Math.min(...logProbs) < FLAT;
}

function stoppedError(): AppError {
  return new AppError('aborted', 'Stopped.', { advice: 'Run again when you like.' });
}
