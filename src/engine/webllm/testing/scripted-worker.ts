/** A worker of web-llm in this thread: the real host over an engine that answers by a script. */
import type { DeviceFacts } from '../device-facts.ts';
import { WebLlmHost, type MlcEngine, type MlcReply, type MlcRequest } from '../host.ts';
import type { TokenConfidence } from '../token-confidence.ts';
import type { WorkerPort } from '../webllm-model.ts';
import { HARDWARE } from './hardware.ts';
import { MemoryCaches } from './memory-caches.ts';
import { ModelServer } from './model-server.ts';

export interface Script {
  readonly facts?: DeviceFacts;
  readonly server?: ModelServer;
  readonly caches?: MemoryCaches;
  readonly reload?: MlcEngine['reload'];
  /** `confidence` wants to hear of each token: its logits, and which one it is. */
  readonly answer?: (
    request: MlcRequest,
    confidence: TokenConfidence | null,
  ) => Partial<MlcReply['choices'][number]>;
  readonly requests?: MlcRequest[];
}

export const words = (top: Record<string, number>) => ({
  text: Object.keys(top)[0],
  logprobs: {
    content: [
      {
        token: Object.keys(top)[0],
        top_logprobs: Object.entries(top).map(([token, p]) => ({ token, logprob: Math.log(p) })),
      },
    ],
  },
});

/** A worker in this thread: the real host over a scripted engine. Messages are cloned and late. */
export function scriptedWorker(script: Script): WorkerPort {
  const listeners: ((event: { data: unknown }) => void)[] = [];
  let interrupted = (): void => {};
  let listens: TokenConfidence | null = null;
  const engine: MlcEngine = {
    reload: script.reload ?? (() => Promise.resolve()),
    interruptGenerate: () => interrupted(),
    completions: {
      create: (request) => {
        script.requests?.push(request);
        const own = script.answer?.(request, listens) ?? {};
        const fallback = request.logprobs ? words({ seven: 0.9, eight: 0.1 }) : { text: ' done' };
        const reply = {
          choices: [{ finish_reason: 'stop', ...fallback, ...own }],
          usage: { prompt_tokens: 40, completion_tokens: own.logprobs?.content?.length ?? 7 },
        };
        if (!request.prompt.includes('for ever')) return Promise.resolve(reply);
        return new Promise((resolve) => {
          interrupted = () => resolve({ choices: [{ text: '', finish_reason: 'abort' }] });
        });
      },
    },
  };
  const server = script.server ?? new ModelServer();
  const host = new WebLlmHost({
    createEngine: (_, onReport, confidence) => {
      listens = confidence;
      onReport('Loading model from cache[1/1]: ', 1);
      return Promise.resolve(engine);
    },
    readDevice: () => Promise.resolve(script.facts ?? HARDWARE),
    fetch: server.fetch,
    caches: script.caches ?? new MemoryCaches(),
    post: (message) => {
      const data: unknown = structuredClone(message);
      setTimeout(() => listeners.forEach((listener) => listener({ data })), 1);
    },
    log: () => ['a line of the console'],
  });
  return {
    postMessage: (message) => setTimeout(() => host.handle(structuredClone(message)), 1),
    addEventListener: (type: string, listener: (event: never) => void) => {
      if (type === 'message') listeners.push(listener as (event: { data: unknown }) => void);
    },
    terminate: () => {},
  };
}
