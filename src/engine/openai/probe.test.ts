import { afterEach, describe, expect, it } from 'vitest';
import { addingModel } from '../../../test/servers/adding-model.ts';
import {
  startScriptedServer,
  type ScriptedServer,
  type ServerHabits,
} from '../../../test/servers/scripted-openai.ts';
import { completerContract } from '../text/completer.suite.ts';
import { OpenAiClient } from './client.ts';
import { OpenAiCompleter } from './openai-completer.ts';
import { probeServer } from './probe.ts';

let server: ScriptedServer | null = null;

async function probe(habits: ServerHabits, model = 'scripted') {
  server ??= await startScriptedServer(addingModel, habits);
  return probeServer(new OpenAiClient({ baseUrl: server.baseUrl }), model);
}

afterEach(async () => {
  await server?.close();
  server = null;
});

describe('probeServer', () => {
  it('finds everything on a complete server', async () => {
    const report = await probe({});
    expect(Object.entries(report.features).filter(([, works]) => !works)).toEqual([]);
    expect(report.models.map(({ id }) => id)).toEqual(['scripted']);
  });

  it.each<[keyof Awaited<ReturnType<typeof probe>>['features'], ServerHabits]>([
    ['seed', { seed: false }],
    ['n', { n: false }],
    ['stop', { stop: false }],
    ['logProbs', { logProbs: 'none' }],
    ['stopReason', { stopReason: false }],
    ['stream', { stream: false }],
    ['usage', { usage: false }],
    ['extensions', { strict: true }],
  ])('sees that %s is missing, and says what that means', async (feature, habits) => {
    const report = await probe(habits);
    expect(report.features[feature]).toBe(false);
    const line = report.lines.find((entry) => entry.feature === feature);
    expect(line).toMatchObject({ works: false });
    const missing = report.lines.filter(({ works }) => !works).map((entry) => entry.feature);
    // Without stop nobody can tell what stopped it.
    const implied = feature === 'stop' ? ['stop', 'stopReason'] : [feature];
    expect(missing.sort()).toEqual(implied.sort());
  });

  it('reads log-probabilities in the form of chat too', async () => {
    expect((await probe({ logProbs: 'content' })).features.logProbs).toBe(true);
  });

  it('does without a list of models', async () => {
    expect((await probe({ lists: false })).models).toEqual([]);
  });

  it('names the models there are instead of the unknown one', async () => {
    const pending = probe({ models: ['qwen', 'llama'] }, 'scripted');
    await expect(pending).rejects.toMatchObject({
      code: 'model-missing',
      advice: 'It has: qwen, llama.',
    });
  });
});

completerContract('a scripted server', async () => {
  const { features } = await probe({});
  const client = new OpenAiClient({ baseUrl: server?.baseUrl ?? '' });
  return new OpenAiCompleter({ client, model: 'scripted', features, parameters: 0 });
});

it('asks for fewer at once where a server limits how many', async () => {
  server = await startScriptedServer(addingModel, { seed: false, mostChoices: 3 });
  const client = new OpenAiClient({ baseUrl: server.baseUrl });
  const { features } = await probe({});
  expect(features).toMatchObject({ n: true, seed: false });
  const completer = new OpenAiCompleter({ client, model: 'scripted', features, parameters: 0 });
  server.requests.length = 0;
  const prompt = 'add the numbers 1 2 3\n\n## Step 1:';
  const request = { prompt, stop: [], ends: [], maxTokens: 20, temperature: 1 };
  const done = await completer.complete({ ...request, seeds: [1, 2, 3, 4, 5, 6, 7] });
  expect(done).toHaveLength(7);
  for (const one of done) expect(one).toMatchObject({ finish: expect.any(String) });
  const asked = server.requests.map(({ body }) => body.n);
  expect(asked).toEqual([7, 3, 4, 2, 2]);
});
