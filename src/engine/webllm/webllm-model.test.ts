import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../shared/testing/failure-of.ts';
import { rootBranch, stepTexts } from '../../shared/branch.ts';
import type { ExtendRequest } from '../../shared/policy.ts';
import { childStream, rootStream } from '../../shared/random.ts';
import { NO_DEVICE } from './device-facts.ts';
import { isFlat, type MlcEngine, type MlcRequest } from './host.ts';
import type { LoadState } from './load-state.ts';
import { openWebLlm } from './open.ts';
import { deleteModel, storedModel } from './storage.ts';
import { MemoryCaches } from './testing/memory-caches.ts';
import { scriptedWorker, words } from './testing/scripted-worker.ts';
import { FOLDER, LIB, ModelServer, SOURCE, type FileFault } from './testing/model-server.ts';
import { WebLlmModel, type ModelChoice } from './webllm-model.ts';

const CHOICE: ModelChoice = {
  id: 'Tiny-Instruct-10M-q4f32_1',
  vramMb: 1,
  parameters: 1e7,
  ...SOURCE,
};

describe('loading', () => {
  it('downloads, verifies, loads, warms up', async () => {
    const states: LoadState[] = [];
    const requests: MlcRequest[] = [];
    await new WebLlmModel(scriptedWorker({ requests }), CHOICE, (state) =>
      states.push(state),
    ).load();
    const phases = [...new Set(states.map(({ phase }) => phase))];
    expect(phases).toEqual(['checking', 'downloading', 'verifying', 'to-gpu', 'ready']);
    const bytes = states.map(({ loadedBytes }) => loadedBytes);
    expect(Math.max(...bytes)).toBe(1000 + 1037 + 1074);
    expect(requests).toHaveLength(1);
  });

  it('takes the context that was chosen, or the default', async () => {
    const contexts: number[] = [];
    const reload: MlcEngine['reload'] = async (_, options) => {
      contexts.push(options.context_window_size);
    };
    await new WebLlmModel(scriptedWorker({ reload }), { ...CHOICE, contextTokens: 1024 }).load();
    await new WebLlmModel(scriptedWorker({ reload }), CHOICE).load();
    expect(contexts).toEqual([1024, 4096]);
  });

  it('looks at the device before it asks for a single file', async () => {
    const server = new ModelServer();
    const model = new WebLlmModel(scriptedWorker({ server, facts: NO_DEVICE }), CHOICE);
    expect((await failureOf(model.load())).code).toBe('no-webgpu');
    expect(server.asked).toEqual([]);
  });

  it('goes on where it was cut, and downloads nothing twice', async () => {
    const server = new ModelServer();
    const caches = new MemoryCaches();
    server.fault = (name, times) => (name === 'params_shard_1.bin' && times === 1 ? 'cut' : null);
    const failure = await failureOf(
      new WebLlmModel(scriptedWorker({ server, caches }), CHOICE).load(),
    );
    expect(failure).toMatchObject({ code: 'network', retryable: true });
    expect(failure.message).toContain('params_shard_1.bin');
    await new WebLlmModel(scriptedWorker({ server, caches }), CHOICE).load();
    const twice = server.asked.filter((url, i) => server.asked.indexOf(url) !== i);
    expect(twice).toEqual([`${FOLDER}params_shard_1.bin`]);
  });

  it.each(['short', 'wrong'] as const)(
    'heals a file that is %s, and says so when the server itself is wrong',
    async (fault) => {
      const healing = new ModelServer();
      healing.fault = (name, times) =>
        name === 'params_shard_2.bin' && times === 1 ? fault : null;
      await new WebLlmModel(scriptedWorker({ server: healing }), CHOICE).load();
      const broken = new ModelServer();
      broken.fault = (name) => (name === 'params_shard_2.bin' ? fault : null);
      const caches = new MemoryCaches();
      const failure = await failureOf(
        new WebLlmModel(scriptedWorker({ server: broken, caches }), CHOICE).load(),
      );
      expect(failure).toMatchObject({ code: 'model-corrupt' });
      expect(failure.message).toContain(fault === 'wrong' ? 'checksum' : 'incomplete');
      // The index may be older than the weights, so it goes as well; what is right is kept.
      expect(caches.urls('webllm/model')).not.toContain(`${FOLDER}params_shard_2.bin`);
      expect(caches.urls('webllm/model')).not.toContain(`${FOLDER}tensor-cache.json`);
      expect(caches.urls('webllm/model')).toContain(`${FOLDER}params_shard_1.bin`);
    },
  );

  it('verifies later what came before the page was closed', async () => {
    const server = new ModelServer();
    const caches = new MemoryCaches();
    server.fault = (name, times) =>
      (name === 'params_shard_0.bin' || name === 'params_shard_1.bin') && times < 2
        ? 'wrong'
        : name === 'params_shard_2.bin' && times === 1
          ? 'cut'
          : null;
    await failureOf(new WebLlmModel(scriptedWorker({ server, caches }), CHOICE).load());
    expect(await storedModel(SOURCE, caches)).toMatchObject({ complete: false });
    await new WebLlmModel(scriptedWorker({ server, caches }), CHOICE).load();
    expect(await storedModel(SOURCE, caches)).toMatchObject({ complete: true });
    for (const name of ['params_shard_0.bin', 'params_shard_1.bin']) {
      expect(server.asked.filter((url) => url.endsWith(name))).toHaveLength(2);
    }
  });

  it.each<[FileFault, string, string]>([
    ['missing', 'tensor-cache.json', 'network'],
    ['down', 'mlc-chat-config.json', 'network'],
    ['html', 'mlc-chat-config.json', 'model-corrupt'],
    ['missing', 'tiny.wasm', 'network'],
  ])('names a file that is %s: %s', async (fault, file, code) => {
    const server = new ModelServer();
    server.fault = (name) => (name === file ? fault : null);
    const caches = new MemoryCaches();
    const failure = await failureOf(
      new WebLlmModel(scriptedWorker({ server, caches }), CHOICE).load(),
    );
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(file);
    // A portal's page must not be there after the visitor has signed in.
    server.fault = () => null;
    await new WebLlmModel(scriptedWorker({ server, caches }), CHOICE).load();
  });

  it.each([0.001, 0, NaN])('finds a model that answers at random: all with %d', async (p) => {
    const answer = () => words({ a: p, b: p, c: p });
    const failure = await failureOf(new WebLlmModel(scriptedWorker({ answer }), CHOICE).load());
    expect(failure.message).toContain('at random');
    expect([isFlat([-2, -2.5]), isFlat([-7, -7]), isFlat([0])]).toEqual([false, true, false]);
  });

  it('keeps the console of a failure that says its reason there only', async () => {
    // As Emscripten throws it: an object that is no Error.
    const exit = { name: 'ExitStatus', message: 'Program terminated with exit(1)', status: 1 };
    const reload = () => Promise.reject(exit);
    const states: LoadState[] = [];
    const model = new WebLlmModel(scriptedWorker({ reload }), CHOICE, (state) =>
      states.push(state),
    );
    const failure = await failureOf(model.load());
    expect(failure.toData().cause).toContain('a line of the console');
    expect(states.at(-1)).toMatchObject({ phase: 'failed', error: { code: 'model-corrupt' } });
  });

  it('stops a download', async () => {
    const server = new ModelServer(40);
    server.delayMs = 2;
    const abort = new AbortController();
    const model = new WebLlmModel(scriptedWorker({ server }), CHOICE, ({ phase }) => {
      if (phase === 'downloading') abort.abort();
    });
    expect((await failureOf(model.load(abort.signal))).code).toBe('aborted');
    expect(server.asked.length).toBeLessThan(40);
  });
});

describe('generating', () => {
  it('says every sampling parameter, with the hashed seed of its stream', async () => {
    const requests: MlcRequest[] = [];
    const backend = await openWebLlm({
      policy: CHOICE,
      verifier: null,
      createWorker: () =>
        scriptedWorker({ requests, answer: ({ seed }) => ({ text: ` step ${seed}` }) }),
    });
    const root = rootBranch('P', rootStream(1, 'P'));
    const streams = [0, 1, 2].map((i) => childStream(root.stream, i));
    const [{ leaves, usage }] = await backend.policy.extend([
      { branch: root, streams, temperature: 0.8, until: 'step', maxTokens: 50 },
    ]);
    expect(requests.slice(1).map(({ stop, ...rest }) => ({ ...rest, stop: stop?.[0] }))).toEqual(
      leaves.map((leaf) => ({
        prompt: expect.stringMatching(/## Step 1:$/),
        max_tokens: 50,
        temperature: 0.8,
        top_p: 1,
        repetition_penalty: 1,
        frequency_penalty: 0,
        presence_penalty: 0,
        n: 1,
        stop: '## Step',
        seed: Number(/\d+/.exec(leaf.text)?.[0]),
      })),
    );
    expect(new Set(leaves.map(({ text }) => text)).size).toBe(3);
    // No fork: every sample reads the whole prefix again, and is charged for it.
    expect(usage).toMatchObject({
      prefillTokens: 120,
      sampledTokens: 21,
      flopsExecuted: 2e7 * 141,
    });
    expect(backend.policy.capabilities).toMatchObject({ forks: false, batches: false });
  });

  it('a branch that is too long is lost, not the run; earlier attempts are shown where they fit', async () => {
    const answer = ({ prompt }: MlcRequest) => {
      if (!prompt.includes('long')) return {};
      throw Object.assign(new Error('x'), { name: 'ContextWindowSizeExceededError' });
    };
    const { policy } = await openWebLlm({
      policy: { ...CHOICE, contextTokens: 1024 },
      verifier: null,
      createWorker: () => scriptedWorker({ answer }),
    });
    const request = (prompt: string): ExtendRequest => {
      const branch = rootBranch(prompt, rootStream(1, prompt));
      return { branch, streams: [branch.stream], temperature: 1, until: 'step', maxTokens: 9 };
    };
    const extended = await policy.extend([request('short'), request('long')]);
    expect(extended.map(({ leaves: [leaf] }) => leaf.lost?.code)).toEqual([undefined, 'bad-input']);
    const { fits } = policy.capabilities;
    expect([fits?.('P', 'x'.repeat(1000)), fits?.('P', 'x'.repeat(4000))]).toEqual([true, false]);
  });

  it('judges with one token, by the ids of its own tokenizer', async () => {
    const requests: MlcRequest[] = [];
    // What the bias leaves of other tokens: nothing.
    const answer = ({ prompt }: MlcRequest) =>
      prompt.includes('1 + 1 = 2') ? words({ Yes: 0.6, ' Yes': 0.2, No: 0.2, else: 0 }) : {};
    const model = new WebLlmModel(scriptedWorker({ requests, answer }), CHOICE);
    await model.load();
    const { yes } = await model.asJudge().judge('P', ['1 + 1 = 2']);
    expect(yes).toBeCloseTo(0.8);
    expect(requests.at(-1)).toMatchObject({
      max_tokens: 1,
      temperature: 1,
      logit_bias: { 11: 100, 12: 100, 21: 100 },
      logprobs: true,
    });
    expect((await model.asJudge().judge('P', ['else'])).yes).toBeNull();
  });

  it('interrupts what runs and drops what waits', async () => {
    const requests: MlcRequest[] = [];
    const model = new WebLlmModel(scriptedWorker({ requests }), CHOICE);
    await model.load();
    const abort = new AbortController();
    const request = { prompt: 'for ever', stop: [], ends: [], maxTokens: 9, temperature: 1 };
    const pending = model.complete({ ...request, seeds: [1, 2, 3] }, abort.signal);
    setTimeout(() => abort.abort(), 10);
    expect((await failureOf(pending)).code).toBe('aborted');
    // The model is free again for the next one.
    const [next] = await model.complete({ ...request, prompt: 'now', seeds: [4] });
    expect(next).toMatchObject({ text: ' done' });
    expect(requests.filter(({ prompt }) => prompt === 'for ever')).toHaveLength(1);
  });

  it('a lost device ends the run with a reason and a way on', async () => {
    let lost = false;
    const answer = () => {
      if (lost) {
        const error = new Error("Failed to execute 'mapAsync' on 'GPUBuffer'");
        error.name = 'AbortError';
        throw error;
      }
      return {};
    };
    let loads = 0;
    const reload = (): Promise<void> => {
      loads++;
      lost = false;
      return Promise.resolve();
    };
    const model = new WebLlmModel(scriptedWorker({ answer, reload }), CHOICE);
    await model.load();
    lost = true;
    const request = { prompt: 'x', stop: [], ends: [], maxTokens: 9, temperature: 1, seeds: [1] };
    expect(await model.complete(request)).toMatchObject([{ code: 'device-lost' }]);
    // All that is asked for afterwards waits for one load.
    const asked = await Promise.all([model.complete(request), model.complete(request)]);
    expect(asked.flat()).toMatchObject([{ text: ' done' }, { text: ' done' }]);
    expect(loads).toBe(2);
  });
});

it('two models in two workers never mix replies', async () => {
  const kinds = ['cat', 'dog'];
  const backends = await Promise.all(
    kinds.map((kind) =>
      openWebLlm({
        policy: CHOICE,
        verifier: CHOICE,
        createWorker: () =>
          scriptedWorker({ answer: ({ seed }) => ({ text: ` ${kind} ${seed}` }) }),
      }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.nat(), async (count, seed) => {
      const extensions = await Promise.all(
        backends.map(({ policy }) => {
          const root = rootBranch('P', rootStream(seed, 'P'));
          const streams = Array.from({ length: count }, (_, i) => childStream(root.stream, i));
          return policy.extend([
            { branch: root, streams, temperature: 1, until: 'step', maxTokens: 9 },
          ]);
        }),
      );
      extensions.forEach(([{ leaves }], i) => {
        for (const leaf of leaves) expect(stepTexts(leaf)[0]).toContain(kinds[i]);
        expect(new Set(leaves.map(({ text }) => text)).size).toBe(count);
      });
    }),
    { numRuns: 10 },
  );
});

describe('what lies on disk', () => {
  it('is complete or not, and can be deleted without its neighbour', async () => {
    const caches = new MemoryCaches();
    expect(await storedModel(SOURCE, caches)).toBeNull();
    await new WebLlmModel(scriptedWorker({ caches }), CHOICE).load();
    expect(await storedModel(SOURCE, caches)).toMatchObject({ complete: true });
    await (await caches.open('webllm/model')).delete(`${FOLDER}params_shard_0.bin`);
    expect(await storedModel(SOURCE, caches)).toMatchObject({ complete: false });
    const neighbour = { modelUrl: 'https://models.test/other', libUrl: LIB };
    await (
      await caches.open('webllm/model')
    ).put(
      'https://models.test/other/resolve/main/tensor-cache.json',
      new Response('{"records":[]}'),
    );
    await deleteModel(SOURCE, [neighbour], caches);
    expect(await storedModel(SOURCE, caches)).toBeNull();
    expect(caches.urls('webllm/wasm')).toEqual([LIB]);
    await deleteModel(neighbour, [SOURCE], caches);
    expect(caches.urls('webllm/wasm')).toEqual([]);
  });
});
