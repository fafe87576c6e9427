/**
 * The script of a web-llm worker: one model, one engine, one device. Policy and verifier are two
 * such workers, because `reload([a, b])` of web-llm shares one interrupt between its models.
 */
import '../../shared/no-eval.ts';
import type { AppConfig } from '@mlc-ai/web-llm';
import { readDeviceFacts } from './device-facts.ts';
import { WebLlmHost, type MlcEngine } from './host.ts';
import type { ModelSpec } from './messages.ts';
import type { TokenConfidence } from './token-confidence.ts';

const LOG_LINES = 20;
const log: string[] = [];

// Some of web-llm's failures say their reason on the console only.
/* eslint-disable no-console -- listened to, not written */
for (const level of ['error', 'warn'] as const) {
  const original = console[level].bind(console);
  console[level] = (...parts: unknown[]) => {
    log.push(parts.map(String).join(' ').slice(0, 300));
    if (log.length > LOG_LINES) log.shift();
    original(...parts);
  };
}
/* eslint-enable no-console */

async function createEngine(
  spec: ModelSpec,
  onReport: (text: string, progress: number) => void,
  confidence: TokenConfidence | null,
): Promise<MlcEngine> {
  log.length = 0;
  const { MLCEngine } = await import('@mlc-ai/web-llm');
  const appConfig: AppConfig = {
    model_list: [{ model: spec.modelUrl, model_id: spec.id, model_lib: spec.libUrl }],
  };
  const engine = new MLCEngine({
    appConfig,
    logLevel: 'WARN',
    ...(confidence === null ? {} : { logitProcessorRegistry: new Map([[spec.id, confidence]]) }),
    initProgressCallback: ({ text, progress }) => onReport(text, progress),
  });
  return {
    reload: (id, options) => engine.reload(id, options),
    interruptGenerate: () => engine.interruptGenerate(),
    completions: {
      create: (request) => engine.completions.create({ ...request, stream: false }),
    },
  };
}

const host = new WebLlmHost({
  createEngine,
  readDevice: () => readDeviceFacts(navigator.gpu),
  fetch: (...args) => fetch(...args),
  caches,
  post: (message) => self.postMessage(message),
  log: () => log,
});

self.addEventListener('message', (event: MessageEvent<unknown>) => host.handle(event.data));
