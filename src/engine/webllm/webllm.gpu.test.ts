/**
 * The real web-llm package in real workers, with models that write: hand-made ones, served by
 * `tools/gpu-test.mjs` (test/servers/write-webllm-models.ts), and a real one where its addresses are
 * given in OVERTHINK_WEBLLM_MODEL and OVERTHINK_WEBLLM_LIB.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { MLCEngine, type ModelRecord } from '@mlc-ai/web-llm';
import { AppError } from '../../shared/errors.ts';
import { failureOf } from '../../shared/testing/failure-of.ts';
import { JUDGEMENTS, solutionsAbout } from '../../../test/servers/passages.ts';
import { logProbsOf } from '../../../test/servers/written-odds.ts';
import { completerContract } from '../text/completer.suite.ts';
import type { Completion, CompletionRequest } from '../text/completer.ts';
import { customModel } from './open.ts';
import { LOSE_GPU, loseGpuAt } from './testing/losable-device.ts';
import { toWebLlmError } from './webllm-errors.ts';
import { WebLlmModel } from './webllm-model.ts';

declare global {
  var servedWebLlm: { readonly model?: string; readonly lib?: string } | undefined;
}

const REQUEST: CompletionRequest = {
  prompt: '<|im_start|>assistant\n## Step 1:',
  stop: ['## Step'],
  ends: [],
  maxTokens: 40,
  temperature: 1,
  seeds: [1_234_567_891],
};

const opened: WebLlmModel[] = [];

interface Opened {
  readonly model: WebLlmModel;
  /** Messages of losable-device.ts. */
  readonly tell: (message: string) => void;
}

/** Not loaded yet. */
function open(modelUrl: string, libUrl: string, confidence = false): Opened {
  const worker = new Worker(new URL('./testing/losable-worker.ts', import.meta.url), {
    type: 'module',
  });
  const model = new WebLlmModel(worker, { ...customModel(modelUrl, libUrl), confidence });
  opened.push(model);
  return { model, tell: (message) => worker.postMessage(message) };
}

const here = (path: string): string => new URL(`/webllm/${path}`, location.href).href;
const written = (animals: string, lib = 'good'): Opened =>
  open(here(`${animals}-instruct`), here(`libs/${lib}.wasm`));

/** Loaded once, for all tests that break nothing. */
const loaded = new Map<string, Promise<WebLlmModel>>();
function shared(key: string, make: () => Opened): Promise<WebLlmModel> {
  const known = loaded.get(key);
  if (known !== undefined) return known;
  const { model } = make();
  const loading = model.load().then(() => model);
  loaded.set(key, loading);
  return loading;
}
const owls = (): Promise<WebLlmModel> => shared('owls', () => written('owls'));
/** Tells the probabilities of its tokens. */
const frankOwls = (): Promise<WebLlmModel> =>
  shared('frank owls', () => open(here('owls-instruct'), here('libs/good.wasm'), true));

afterAll(() => opened.forEach((model) => model.dispose()));

async function textsOf(
  model: WebLlmModel,
  change: Partial<CompletionRequest> = {},
): Promise<string[]> {
  const results = await model.complete({ ...REQUEST, ...change });
  for (const result of results) if (result instanceof AppError) throw result;
  return (results as Completion[]).map(({ text }) => text);
}

completerContract('web-llm with a hand-made model', owls);
completerContract('web-llm that tells probabilities', frankOwls);

const { model: servedModel, lib: servedLib } = globalThis.servedWebLlm ?? {};
if (servedModel !== undefined && servedLib !== undefined) {
  completerContract(`web-llm with ${servedModel}`, () =>
    shared('served', () => open(servedModel, servedLib)),
  );
} else {
  // eslint-disable-next-line no-console -- a suite that does not run says so
  console.info(
    'web-llm with a real model: skipped, for OVERTHINK_WEBLLM_MODEL and OVERTHINK_WEBLLM_LIB do not name one',
  );
}

describe('web-llm writes', () => {
  it('a step, ended by its stop string, the same for the same seed', async () => {
    const model = await owls();
    const [one, other] = [await textsOf(model), await textsOf(model)];
    expect(one[0]).toMatch(/^ We \w+ 3 \* 4 = 12 owls\.\n\n$/);
    expect(other).toEqual(one);
  });

  it('judgements with one token, by the text that is judged', async () => {
    const judge = (await owls()).asJudge();
    const judged = await Promise.all(
      ['12 - 5 = 7', '12 - 5 = 8', '12 - 5 = 9'].map((step) => judge.judge('P', [step])),
    );
    for (const { yes, sampledTokens } of judged) {
      expect(yes).toBeGreaterThan(0.1);
      expect(yes).toBeLessThan(0.9);
      expect(sampledTokens).toBe(1);
    }
    expect(new Set(judged.map(({ yes }) => yes)).size).toBe(3);
    const [again] = [await judge.judge('P', ['12 - 5 = 7'])];
    expect(again.yes).toBe(judged[0].yes);
  });

  it('from two models in two workers, without mixing their replies', async () => {
    const models = {
      owls: await owls(),
      foxes: await shared('foxes', () => written('foxes')),
    };
    const calls = Array.from({ length: 8 }, (_, i) => {
      const animals = i % 2 === 0 ? 'owls' : 'foxes';
      const seeds = [1_000_003 * (i + 1), 998_244_353 - i];
      return textsOf(models[animals], { seeds }).then((texts) => ({ animals, texts }));
    });
    for (const { animals, texts } of await Promise.all(calls)) {
      expect(texts).toHaveLength(2);
      for (const text of texts) expect(text).toContain(`12 ${animals}.`);
    }
  });
});

describe('web-llm tells how likely its words were', () => {
  const passages = [...solutionsAbout('owls'), ...JUDGEMENTS];
  const HEADER = '## Step';

  /** What was sampled, and that each token of it is as likely as the model makes it. */
  async function sampledBy(change: Partial<CompletionRequest>): Promise<Completion[]> {
    const request = { ...REQUEST, ...change };
    const results = (await (await frankOwls()).complete(request)) as Completion[];
    for (const { pieces, sampledTokens } of results) {
      expect(pieces).toHaveLength(sampledTokens);
      const words = (pieces ?? []).map(({ text }) => text);
      const expected = logProbsOf(passages, request.prompt, words);
      const off = expected.map((logProb, i) => Math.abs(logProb - (pieces ?? [])[i].logProb));
      // 32-bit floats against 64.
      expect(Math.max(...off)).toBeLessThan(1e-4);
    }
    return results;
  }
  const wordsOf = ({ pieces }: Completion): string =>
    (pieces ?? []).map(({ text }) => text).join('');

  it.each([1, 0, 0.6, 1.5])(
    'before the temperature, which is %d, to the end of the stop string',
    async (temperature) => {
      const seeds = [1_234_567_891, 987_654_321, 192_837_465];
      const maxTokens = 200;
      const all = await sampledBy({ temperature, seeds, maxTokens });
      for (const one of all) expect(wordsOf(one)).toBe(one.text + HEADER);
      const plain = await textsOf(await owls(), { temperature, seeds, maxTokens });
      expect(all.map(({ text }) => text)).toEqual(plain);
    },
  );

  it('to the end of the turn, and to where it was cut', async () => {
    const [ended] = await sampledBy({
      prompt: `${REQUEST.prompt} We see 3 * 4 = 12 owls.\n\n## Step 2:`,
      stop: [],
      maxTokens: 200,
      temperature: 0,
    });
    expect(wordsOf(ended)).toBe(`${ended.text}<end>`);
    const [cut] = await sampledBy({ maxTokens: 5 });
    expect(wordsOf(cut)).toBe(cut.text);
    expect(cut.finish).toBe('length');
  });
});

describe('web-llm fails', () => {
  it('on a prompt longer than its context, and goes on with the next', async () => {
    const model = await owls();
    const failure = await failureOf(textsOf(model, { prompt: 'too long '.repeat(600) }));
    expect(failure).toMatchObject({ code: 'bad-input', retryable: false });
    expect(failure.message).toContain('no longer fits the context');
    expect(await textsOf(model)).toHaveLength(1);
    // As a judge it can still answer other questions.
    const judging = model.asJudge().judge('P', ['too long '.repeat(600)]);
    expect(await failureOf(judging)).toMatchObject({ code: 'bad-input', retryable: true });
  });

  it('on a GPU that computes nothing, which throws nothing by itself', async () => {
    const failure = await failureOf(written('owls', 'invalid-shader').model.load());
    expect(failure).toMatchObject({ code: 'model-unsupported' });
    expect(failure.message).toContain('at random');
  });

  it('on a context that no GPU can hold', async () => {
    const failure = await failureOf(written('owls', 'vast').model.load());
    expect(failure).toMatchObject({ code: 'out-of-memory', retryable: false });
    expect(failure.toData().advice).toContain('shorter context');
  });

  it('when the GPU is lost while it writes, and loads again', async () => {
    const { model, tell } = written('owls');
    await model.load();
    const before = await textsOf(model);
    const writing = textsOf(model, { seeds: [7, 8, 9], maxTokens: 200, stop: [] });
    tell(LOSE_GPU);
    expect(await failureOf(writing)).toMatchObject({ code: 'device-lost', retryable: true });
    expect(await textsOf(model)).toEqual(before);
  });

  it('when the GPU is lost while nothing runs, and loads again', async () => {
    const { model, tell } = written('foxes');
    await model.load();
    tell(LOSE_GPU);
    expect(await failureOf(textsOf(model))).toMatchObject({ code: 'device-lost', retryable: true });
    expect((await textsOf(model))[0]).toContain('foxes');
  });

  it.each(['Loading model from cache', 'Loading GPU shader modules', 'Finish loading'])(
    'when the GPU is lost while it loads (%s), and loads again',
    async (moment) => {
      const { model, tell } = written('owls');
      tell(loseGpuAt(moment));
      expect(await failureOf(model.load())).toMatchObject({ code: 'out-of-memory' });
      await model.load();
      expect((await textsOf(model))[0]).toContain('owls');
    },
  );
});

// The page asks for models of its own list and the catalogue holds no hashes, so web-llm is asked by itself.
describe('what web-llm throws is known by name', () => {
  async function thrownOn(id: string, integrity: ModelRecord['integrity'] = {}): Promise<AppError> {
    const { modelUrl, libUrl } = customModel(here('owls-instruct'), here('libs/good.wasm'));
    const record = { model: modelUrl, model_id: 'owls', model_lib: libUrl, integrity };
    const engine = new MLCEngine({ appConfig: { model_list: [record] } });
    const thrown = await engine.reload(id).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(thrown instanceof Error)) throw new Error(`web-llm threw ${String(thrown)}`);
    const { name, message } = thrown;
    return toWebLlmError({ name, message, log: [], stage: 'load' });
  }

  it('for a model that it has no record of', async () => {
    const failure = await thrownOn('owls-of-another-name');
    expect(failure).toMatchObject({ code: 'model-missing' });
    expect(failure.message).toContain('no model of this name');
  });

  it('for a library of another hash', async () => {
    const failure = await thrownOn('owls', { model_lib: `sha256-${btoa('x'.repeat(32))}` });
    expect(failure.code).toBe('model-corrupt');
    expect(failure.toData().cause).toContain('Integrity');
  });
});
