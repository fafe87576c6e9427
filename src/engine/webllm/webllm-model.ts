/**
 * One web-llm model seen from outside its worker: a `Completer` and a `TokenJudge`. Requests carry
 * numbers and replies name them, so replies cannot be mixed up, whatever the order.
 */
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import { parseRevisionPrompt } from '../../shared/revision-prompt.ts';
import type { Judgement, TokenJudge } from '../../verify/judge.ts';
import { yesProbability } from '../../verify/judge-words.ts';
import type {
  Completer,
  CompleterCapabilities,
  Completion,
  CompletionRequest,
} from '../text/completer.ts';
import { templateFor, type PromptTemplate } from '../text/templates.ts';
import { DEFAULT_CONTEXT_TOKENS, type CatalogueEntry } from './catalogue.ts';
import { LOAD_START, nextLoadState, type LoadEvent, type LoadState } from './load-state.ts';
import { fromWorkerSchema, type FromWorker, type Sampled, type ToWorker } from './messages.ts';
import { toWebLlmError } from './webllm-errors.ts';

/** What is used of a `Worker`. */
export interface WorkerPort {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'error', listener: (event: { message?: string }) => void): void;
  terminate(): void;
}

/** Without the number that `ask` adds. */
type Question = WithoutId<Exclude<ToWorker, { type: 'stop' }>>;
type WithoutId<M> = M extends unknown ? Omit<M, 'id'> : never;
type Answer = Extract<FromWorker, { type: 'loaded' | 'sampled' | 'weighed' }>;

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: AppError) => void;
}

export type ModelChoice = Pick<
  CatalogueEntry,
  'id' | 'modelUrl' | 'libUrl' | 'vramMb' | 'parameters'
> & {
  /** Default: `DEFAULT_CONTEXT_TOKENS`. */
  readonly contextTokens?: number | undefined;
  /** Completions come with the probabilities of their tokens, which makes writing slower. */
  readonly confidence?: boolean | undefined;
};

export class WebLlmModel implements Completer {
  readonly capabilities: CompleterCapabilities;
  readonly template: PromptTemplate;
  private state = LOAD_START;
  private nextId = 1;
  private readonly pending = new Map<number, Pending>();
  private readonly stopping: number[] = [];
  private dead: AppError | null = null;
  /** The GPU was lost: the next request loads the model again first. */
  private lost = false;
  private reloading: Promise<void> | null = null;

  constructor(
    private readonly worker: WorkerPort,
    readonly entry: ModelChoice,
    private readonly onState: (state: LoadState) => void = () => {},
  ) {
    this.template = templateFor(entry.id);
    this.capabilities = {
      label: `${entry.id} in this tab (web-llm)`,
      parameters: entry.parameters,
      reproducible: true,
      // One sequence a model, one request after another, every prefix read anew.
      batches: false,
      contextTokens: entry.contextTokens ?? DEFAULT_CONTEXT_TOKENS,
      addsBos: false,
    };
    worker.addEventListener('message', ({ data }) => this.receive(data));
    worker.addEventListener('error', ({ message }) => this.die(message ?? 'no message'));
  }

  /** Throws AppError; the state ends with `ready` or `failed` in any case. */
  async load(signal?: AbortSignal): Promise<void> {
    const { id, modelUrl, libUrl, vramMb } = this.entry;
    const { contextTokens = DEFAULT_CONTEXT_TOKENS, confidence = false } = this.entry;
    const spec = { id, modelUrl, libUrl, vramMb, contextTokens, confidence };
    this.state = LOAD_START;
    this.onState(this.state);
    try {
      await this.ask({ type: 'load', spec }, signal);
      this.lost = false;
      this.advance({ type: 'ready' });
    } catch (thrown) {
      if (thrown instanceof AppError) this.advance({ type: 'failed', error: thrown.toData() });
      throw thrown;
    }
  }

  async complete(
    request: CompletionRequest,
    signal?: AbortSignal,
  ): Promise<(Completion | AppError)[]> {
    await this.recovered(signal);
    const { prompt, maxTokens, temperature } = request;
    const stop = [...request.stop, ...request.ends];
    return Promise.all(
      request.seeds.map(async (seed) => {
        const sample = { prompt, stop, maxTokens, temperature, seed };
        try {
          const answer = await this.ask({ type: 'sample', sample }, signal);
          if (answer.type !== 'sampled') throw protocolError();
          return toCompletion(answer.sampled, request);
        } catch (thrown) {
          if (!(thrown instanceof AppError) || !isOfOneRequest(thrown)) throw thrown;
          return thrown;
        }
      }),
    );
  }

  /** This model as a judge of solutions. */
  asJudge(): TokenJudge {
    const { label, parameters } = this.capabilities;
    return {
      label,
      parameters,
      judge: (problem, steps, signal) => this.judge(problem, steps, signal),
    };
  }

  /** Ends the worker and frees the GPU. Safe to call twice. */
  dispose(): void {
    this.die('disposed');
    this.worker.terminate();
  }

  private async judge(
    problem: string,
    steps: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Judgement> {
    await this.recovered(signal);
    // An attempt is judged on its own; earlier ones would only tempt.
    const bare = parseRevisionPrompt(problem)?.problem ?? problem;
    const prompt = this.template.bos + this.template.judge(bare, steps);
    const answer = await this.ask({ type: 'weigh', prompt }, signal).catch((thrown: unknown) => {
      if (!(thrown instanceof AppError) || !isOfOneRequest(thrown)) throw thrown;
      // To a judge, retryable means that other questions may be answered.
      throw AppError.fromData({ ...thrown.toData(), retryable: true });
    });
    if (answer.type !== 'weighed') throw protocolError();
    const { top, promptTokens, sampledTokens } = answer.weighed;
    // The same word may come in two tokens' spellings of one text.
    return { yes: yesProbability(new Map(top)), promptTokens, cachedTokens: 0, sampledTokens };
  }

  /** Loads again what was lost, once for all who wait. What was under way when it was lost has failed. */
  private async recovered(signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal);
    if (!this.lost) return;
    this.reloading ??= this.load().finally(() => (this.reloading = null));
    await this.reloading;
    throwIfAborted(signal);
  }

  private ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    throwIfAborted(signal);
    if (this.dead !== null) return Promise.reject(this.dead);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => this.stop(id);
      const settle = (): void => {
        this.pending.delete(id);
        signal?.removeEventListener('abort', onAbort);
      };
      this.pending.set(id, {
        resolve: (answer) => {
          settle();
          resolve(answer);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      this.worker.postMessage({ ...question, id });
    });
  }

  /** Requests that are stopped together are stopped in one message, so that none of them starts
   * when the one before it ends. */
  private stop(id: number): void {
    if (this.stopping.push(id) > 1) return;
    queueMicrotask(() => {
      const ids = this.stopping.splice(0);
      if (this.dead === null) this.worker.postMessage({ type: 'stop', ids });
    });
  }

  private receive(raw: unknown): void {
    const parsed = fromWorkerSchema.safeParse(raw);
    if (!parsed.success) return this.die('an unreadable message');
    const message = parsed.data;
    const pending = this.pending.get(message.id);
    switch (message.type) {
      case 'progress':
        // A late report of a load that was stopped is nobody's.
        if (pending !== undefined) this.advance(message.event);
        return;
      case 'failed':
        return pending?.reject(AppError.fromData(message.error));
      case 'threw':
        return this.failed(pending, toWebLlmError(message.failure));
      case 'loaded':
      case 'sampled':
      case 'weighed':
        return pending?.resolve(message);
    }
  }

  private failed(pending: Pending | undefined, error: AppError): void {
    this.lost ||= error.code === 'device-lost';
    pending?.reject(error);
  }

  private advance(event: LoadEvent): void {
    const next = nextLoadState(this.state, event);
    if (next === this.state) return;
    this.state = next;
    this.onState(next);
  }

  private die(reason: string): void {
    if (this.dead !== null) return;
    this.dead = new AppError('device-lost', 'The model is no longer loaded.', {
      advice: 'Choose the model again on the Models page.',
      retryable: false,
      cause: reason,
    });
    for (const { reject } of [...this.pending.values()]) reject(this.dead);
  }
}

/** Others may go well: what is lost is loaded again, what is too long for one is not for all. */
function isOfOneRequest({ code, retryable }: AppError): boolean {
  return retryable || code === 'bad-input';
}

function toCompletion(sampled: Sampled, { stop }: CompletionRequest): Completion {
  const { text, finishReason, promptTokens, sampledTokens, pieces } = sampled;
  return {
    text,
    // web-llm says "stop" for a stop string and for the end of the turn alike.
    finish: finishReason === 'length' ? 'length' : stop.length === 0 ? 'end' : 'stop',
    promptTokens,
    cachedTokens: 0,
    sampledTokens,
    pieces,
  };
}

function protocolError(): AppError {
  return new AppError('internal', 'The worker of the model answered something else.', {
    advice: 'Reload the page.',
    retryable: false,
  });
}
