/**
 * Everything that talks to a server, against a real llama.cpp and a real language model: what the
 * probe finds, the contract of a completer, and whole searches over a word problem. The model is far
 * too small to be right; what is checked is that its steps, votes, scores and costs are its own.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenAiClient } from '../../src/engine/openai/client.ts';
import { OpenAiCompleter } from '../../src/engine/openai/openai-completer.ts';
import { openOpenAi, type OpenAiSetup } from '../../src/engine/openai/open.ts';
import { probeServer, type ProbeReport } from '../../src/engine/openai/probe.ts';
import { completerContract } from '../../src/engine/text/completer.suite.ts';
import { generalGrader } from '../../src/grading/general/general.ts';
import { strategyOf } from '../../src/search/strategies.ts';
import type { SearchContext } from '../../src/search/strategy.ts';
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../src/shared/run-config.ts';
import type { RunEvent } from '../../src/shared/run-events.ts';
import { viewAt } from '../../src/shared/run-view.ts';
import {
  LLAMA_MODEL,
  startLlamaServer,
  whyNoLlama,
  type LlamaServer,
} from '../servers/llama-server.ts';

const KEY = 'sk-very-secret-0123456789';
const PROBLEM = 'Tom has 3 apples and buys 4 more. How many apples does he have?';
const PARAMETERS = 134_515_008;
/** Slow machines write a few tokens a second. */
const PATIENCE_MS = 900_000;

const missing = whyNoLlama();
if (missing !== null) console.log(`tests with a real llama.cpp server not run: ${missing}`);

let server: LlamaServer;

const setup = (): OpenAiSetup => ({
  baseUrl: server.baseUrl,
  key: KEY,
  policyModel: LLAMA_MODEL,
  verifierModel: LLAMA_MODEL,
});

async function search(config: Partial<RunConfig>, own: Partial<OpenAiSetup> = {}) {
  const backend = await openOpenAi({ ...setup(), ...own });
  const { policy, verifier, engineLabel } = backend;
  // It has none of vLLM's pooling endpoints: the model judges by one token.
  if (own.verifierModel === undefined) expect(verifier?.capabilities.label).toMatch(/, as judge$/);
  const grader = generalGrader('7');
  const context: SearchContext = {
    config: { ...DEFAULT_RUN_CONFIG, problem: PROBLEM, ...config },
    prompt: PROBLEM,
    family: 'other',
    level: null,
    policy,
    verifier,
    reviser: { policy, verifier },
    grade: (steps) => grader.grade(steps.join('\n')),
    engineLabel,
    clock: () => 0,
    limits: { step: 24, solution: 72 },
  };
  const events: RunEvent[] = [];
  for await (const event of strategyOf(context.config.strategy).run(context)) events.push(event);
  return { view: viewAt(events, Infinity), text: JSON.stringify(events) };
}

describe.skipIf(missing !== null)('a real llama.cpp server', { timeout: PATIENCE_MS }, () => {
  let probe: ProbeReport;
  let completer: OpenAiCompleter;

  beforeAll(async () => {
    server = await startLlamaServer({ key: KEY });
    const client = new OpenAiClient(setup());
    probe = await probeServer(client, LLAMA_MODEL);
    const { features } = probe;
    completer = new OpenAiCompleter({ client, model: LLAMA_MODEL, features, parameters: 0 });
  }, PATIENCE_MS);
  afterAll(() => server.close());

  completerContract('llama.cpp', () => Promise.resolve(completer));

  it('is probed for what it does, not for what it accepts', () => {
    expect(probe.features).toEqual({
      n: true,
      seed: true,
      stop: true,
      logProbs: true,
      stream: true,
      usage: true,
      extensions: true,
      // Accepted and ignored.
      echo: false,
      stopReason: false,
    });
    expect(probe.models).toEqual([{ id: LLAMA_MODEL, context: 2048, parameters: PARAMETERS }]);
  });

  it('tells the end of a turn from the end of a step by the last token', async () => {
    const turn = (user: string): string =>
      `<|im_start|>user\n${user}<|im_end|>\n<|im_start|>assistant\n`;
    const base = { stop: ['## Step'], ends: ['<|im_end|>'], maxTokens: 40, temperature: 0 };
    const seeds = [1];
    const ended = await completer.complete({ ...base, seeds, prompt: turn('Say only: yes') });
    expect(ended).toMatchObject([{ finish: 'end' }]);
    const steps = [3, 4, 5].map((n) => `## Step ${n - 2}: Add 1: ${n - 1} + 1 = ${n}.\n\n`);
    const prompt = `${turn('Count to nine.')}${steps.join('')}## Step 4:`;
    const stepped = await completer.complete({ ...base, seeds, prompt });
    expect(stepped).toMatchObject([{ finish: 'stop-string' }]);
  });

  it('runs a whole beam search with itself as the judge', async () => {
    const { view, text } = await search({
      strategy: 'beam',
      budget: 4,
      width: 2,
      temperature: 0.7,
    });
    expect(view.status).toBe('done');
    expect(view.candidates.reduce((sum, { copies }) => sum + copies, 0)).toBe(4);
    expect(view.baseline).not.toBeNull();
    const texts = view.nodes.map((node) => node.text);
    expect(texts.filter((one) => one !== '').length).toBeGreaterThan(3);
    for (const one of texts) expect(one).not.toMatch(/## ?Step|<\|im_/);
    const scores = view.nodes.map(({ score }) => score).filter((score) => score !== null);
    for (const score of scores) expect(score > 0 && score < 1).toBe(true);
    expect(scores.some((score) => score !== 0.5)).toBe(true);
    const { ledger } = view;
    // No forks: the prompt is read again for every step and every judgement, or comes from the cache.
    expect(ledger.cachedTokens ?? 0).toBeGreaterThan(0);
    expect(ledger.verifierTokens).toBeGreaterThan(0);
    expect(ledger.flopsNominal).toBeGreaterThan(ledger.flopsExecuted);
    expect(ledger.flopsExecuted).toBe(
      2 * PARAMETERS * (ledger.prefillTokens + ledger.policyTokens + ledger.verifierTokens),
    );
    expect(text).not.toContain(KEY);
  });

  it('runs a chain of revisions, scored by its own likelihood', async () => {
    const { view } = await search(
      { strategy: 'revise', budget: 2, chainLength: 2 },
      { verifierModel: 'likelihood' },
    );
    expect(view.status).toBe('done');
    expect(view.candidates.reduce((sum, { copies }) => sum + copies, 0)).toBe(2);
    const scores = view.candidates.flatMap(({ stepScores }) => stepScores);
    for (const score of scores) expect(score >= 0 && score < 1).toBe(true);
    expect(view.ledger.verifierTokens).toBe(0);
  });

  it('explains a problem that does not fit, and a wrong key', async () => {
    const client = new OpenAiClient(setup());
    const body = { model: LLAMA_MODEL, prompt: 'a b '.repeat(3000), max_tokens: 1, temperature: 0 };
    await expect(client.complete(body, { stream: true })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('no longer fits the context'),
    });
    await expect(openOpenAi({ ...setup(), key: 'sk-other' })).rejects.toMatchObject({
      message: 'The server refuses the key.',
    });
  });
});
