/** Whole searches over a served model: strategies, policy, judge and client together. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { openOpenAi, type OpenAiSetup } from '../../src/engine/openai/open.ts';
import { generalGrader } from '../../src/grading/general/general.ts';
import { parseStrategySpec } from '../../src/eval/strategy-spec.ts';
import { runSweep } from '../../src/eval/sweep.ts';
import { strategyOf } from '../../src/search/strategies.ts';
import type { Grade, SearchContext } from '../../src/search/strategy.ts';
import { rootBranch, stepTexts } from '../../src/shared/branch.ts';
import { childStream, rootStream } from '../../src/shared/random.ts';
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../src/shared/run-config.ts';
import type { RunEvent } from '../../src/shared/run-events.ts';
import { viewAt } from '../../src/shared/run-view.ts';
import { addingJudge, addingModel } from '../servers/adding-model.ts';
import {
  startScriptedServer,
  type ScriptedModel,
  type ScriptedServer,
  type ServerHabits,
} from '../servers/scripted-openai.ts';

const PROBLEM = 'Please add the numbers 17 25 31 8 44';
const TRUTH = '125';
const KEY = 'sk-very-secret-0123456789';

const servers: ScriptedServer[] = [];

async function start(habits: ServerHabits = {}): Promise<ScriptedServer> {
  const server = await startScriptedServer(addingModel, { key: KEY, ...habits }, addingJudge);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function grade(steps: readonly string[]): Grade {
  const answer = /\\boxed\{(\d+)\}/.exec(steps.at(-1) ?? '')?.[1] ?? null;
  return { answer, answerText: answer, correct: answer === TRUTH, finished: answer !== null };
}

const retry = { attempts: 2, firstDelayMs: 1, maxDelayMs: 2 };

async function run(
  server: ScriptedServer,
  config: Partial<RunConfig>,
  setup: Partial<OpenAiSetup> = {},
  onReady: () => void = () => {},
  ownGrade = grade,
): Promise<RunEvent[]> {
  const backend = await openOpenAi({
    baseUrl: server.baseUrl,
    key: KEY,
    policyModel: 'scripted',
    verifierModel: 'scripted',
    retry,
    ...setup,
  });
  onReady();
  const { policy, verifier, engineLabel } = backend;
  const context: SearchContext = {
    config: { ...DEFAULT_RUN_CONFIG, problem: PROBLEM, ...config },
    prompt: PROBLEM,
    family: 'general',
    level: null,
    policy,
    verifier,
    reviser: { policy, verifier },
    grade: ownGrade,
    engineLabel,
    clock: () => 0,
    limits: { step: 100, solution: 400 },
  };
  const events: RunEvent[] = [];
  for await (const event of strategyOf(context.config.strategy).run(context)) events.push(event);
  return events;
}

describe('a search over a served model', () => {
  it.each(['best-of-n', 'beam', 'lookahead', 'dvts', 'revise'] as const)(
    '%s finds the answer that greedy decoding of a slipping model may miss',
    async (strategy) => {
      const view = viewAt(await run(await start(), { strategy, budget: 8, width: 4 }), Infinity);
      expect(view.status).toBe('done');
      expect(view.answer).toMatchObject({ answer: TRUTH, correct: true });
      expect(view.candidates.some(({ correct }) => correct === false)).toBe(true);
      expect(view.baseline?.correct).toBe(true);
      expect(view.ledger.verifierTokens).toBeGreaterThan(0);
      // Nothing is shared: every sample pays for its prefix, and the size of "scripted" is unknown.
      expect(view.ledger.prefillTokens).toBeGreaterThan(view.ledger.policyTokens);
      expect(view.ledger.flopsNominal).toBe(0);
    },
  );

  it('repeats itself with the same seed and not with another', async () => {
    const server = await start();
    const config = { strategy: 'beam', budget: 8 } as const;
    const first = await run(server, { ...config, seed: 7 });
    expect(await run(server, { ...config, seed: 7 })).toEqual(first);
    expect(await run(server, { ...config, seed: 8 })).not.toEqual(first);
  });

  it.each<[string, ServerHabits]>([
    ['stop', { stop: false }],
    ['stop reasons', { stopReason: false }],
    ['seeds, so that `n` is used', { seed: false }],
    ['streams', { stream: false }],
    ['usage', { usage: false }],
    ['extensions', { strict: true }],
    ['a list of models', { lists: false }],
  ])('works without %s', async (_, habits) => {
    const view = viewAt(await run(await start(habits), { strategy: 'beam', budget: 8 }), Infinity);
    expect(view.status).toBe('done');
    expect(view.candidates).toHaveLength(view.candidates.filter((one) => one.finished).length);
    expect(view.answer?.answer).toBe(TRUTH);
    expect(view.ledger.policyTokens).toBeGreaterThan(0);
  });

  it('charges FLOPs by the size in the name, executed without what the server had cached', async () => {
    const server = await start({ models: ['tiny-10M'] });
    const models = { policyModel: 'tiny-10M', verifierModel: '' };
    const config = { strategy: 'best-of-n', budget: 4 } as const;
    const { ledger } = viewAt(await run(server, config, models), Infinity);
    expect(ledger.flopsNominal).toBe(2e7 * (ledger.prefillTokens + ledger.policyTokens));
    expect(ledger.flopsExecuted).toBe(ledger.flopsNominal);
    expect(ledger).not.toHaveProperty('cachedTokens');
    expect(ledger).not.toHaveProperty('cost');
  });

  it('shows what came from the prefix cache, and charges it at the full price', async () => {
    const models = { models: ['tiny-10M'] };
    const config = { strategy: 'best-of-n', budget: 4 } as const;
    const own = { policyModel: 'tiny-10M', verifierModel: '', price: { read: 2, written: 10 } };
    const ledgerOf = async (habits: ServerHabits) =>
      viewAt(await run(await start({ ...models, ...habits }), config, own), Infinity).ledger;
    const cold = await ledgerOf({});
    expect(cold.cost).toBeCloseTo((2 * cold.prefillTokens + 10 * cold.policyTokens) / 1e6, 12);
    const warm = await ledgerOf({ cachedTokens: 3 });
    expect(warm.cachedTokens).toBeGreaterThan(0);
    expect(warm.prefillTokens).toBe(cold.prefillTokens - (warm.cachedTokens ?? 0));
    expect(warm.cost).toBeCloseTo(cold.cost ?? 0, 12);
    expect(warm.flopsNominal).toBe(cold.flopsNominal);
    expect(warm.flopsExecuted).toBe(2e7 * (warm.prefillTokens + warm.policyTokens));
  });

  it('charges the judge as well', async () => {
    const price = { read: 1, written: 0 };
    const config = { strategy: 'best-of-n', budget: 4 } as const;
    const ledgerWith = async (verifierModel: string) =>
      viewAt(await run(await start(), config, { price, verifierModel }), Infinity).ledger;
    const [alone, judged] = [await ledgerWith(''), await ledgerWith('scripted')];
    const verified = (judged.cost ?? 0) - (alone.cost ?? 0);
    expect(verified).toBeGreaterThan(0);
    // One token of each judgement was written.
    expect(verified).toBeLessThan(judged.verifierTokens / 1e6);
  });
});

describe('a sweep over a served model', () => {
  it.each([3, 9])(
    'keeps the server busy up to %i requests, and not beyond',
    async (concurrency) => {
      const server = await start();
      const models = await openOpenAi({
        ...{ baseUrl: server.baseUrl, key: KEY, retry, concurrency },
        ...{ policyModel: 'scripted', verifierModel: 'scripted' },
      });
      // Every request stays open until as many are there as may be: a sweep that asks for fewer at a
      // time, as one run after another would, never gets past this.
      let open = 0;
      let letIn = (): void => {};
      const gate = new Promise<void>((resolve) => (letIn = resolve));
      server.before = async () => {
        if (open < 0) return;
        if (++open === concurrency) {
          open = -1;
          letIn();
        }
        await gate;
      };
      const prepare = () => ({
        ...{ prompt: PROBLEM, family: 'other', level: null, truthKnown: true },
        grade,
      });
      const plan = {
        base: { ...DEFAULT_RUN_CONFIG, problem: PROBLEM },
        problems: Array.from({ length: 12 }, (_, i) => ({ id: `p${i}`, prompt: PROBLEM })),
        strategies: [parseStrategySpec('greedy')],
        budgets: [1],
        seeds: 1,
      };
      const host = { models, prepare, now: () => 0 };
      let results = 0;
      for await (const progress of runSweep(plan, host)) results += progress.results.length;
      expect(results).toBe(12);
      expect(server.peak()).toBe(concurrency);
    },
  );
});

describe('faults in the middle of a run', () => {
  it('a cut stream costs one branch, not the run', async () => {
    const server = await start();
    let hit = '';
    const events = await run(server, { strategy: 'beam', budget: 8 }, {}, () => {
      server.faults = ({ body }) => {
        // One request of the second round and all its retries.
        const second = String(body.prompt).endsWith('## Step 2:') && body.stream === true;
        if (second && hit === '') hit = JSON.stringify(body);
        return JSON.stringify(body) === hit ? { kind: 'cut', afterEvents: 3 } : null;
      };
    });
    const view = viewAt(events, Infinity);
    expect(hit).not.toBe('');
    expect(view.status).toBe('done');
    expect(view.answer?.answer).toBe(TRUTH);
    const lost = events.filter((event) => event.type === 'note' && event.code === 'branch-lost');
    expect(lost).toHaveLength(1);
    expect(view.candidates.filter(({ finished }) => !finished)).toHaveLength(1);
    expect(view.candidates.reduce((sum, { copies }) => sum + copies, 0)).toBe(8);
  });

  it('branches that go round in circles end, say so, and are charged', async () => {
    const circling: ScriptedModel = (prompt, seed, heat) =>
      seed % 2 === 0 || !prompt.includes('add the numbers')
        ? addingModel(prompt, seed, heat)
        : [' Let us see.', 'Let us see.'].join('\n\n## Step 9: ');
    const server = await startScriptedServer(circling, {}, addingJudge);
    servers.push(server);
    const events = await run(server, { strategy: 'beam', budget: 8, width: 4, seed: 3 });
    const view = viewAt(events, Infinity);
    const ended = view.nodes.filter(({ end }) => end === 'repetition');
    expect(ended.length).toBeGreaterThan(0);
    expect(view.nodes.every(({ depth }) => depth < 10)).toBe(true);
    for (const { tokens, score } of ended) expect([tokens > 0, score]).toEqual([true, null]);
    const said = view.notes.filter(({ code }) => code === 'repetition');
    expect(said).toHaveLength(1);
    expect(view.status).toBe('done');
    expect(view.candidates.reduce((sum, { copies }) => sum + copies, 0)).toBe(8);
    const sampled = view.nodes
      .filter(({ role }) => role === 'step')
      .reduce((sum, { tokens, copies }) => sum + tokens * copies, 0);
    expect(view.ledger.policyTokens).toBe(sampled);
  });

  it('a copied placeholder is no answer', async () => {
    const copying: ScriptedModel = (prompt, seed, heat) =>
      prompt.includes('add the numbers') && seed % 2 === 1
        ? ' The final answer is $\\boxed{answer}$.'
        : addingModel(prompt, seed, heat);
    const server = await startScriptedServer(copying, {}, addingJudge);
    servers.push(server);
    const grader = generalGrader(TRUTH);
    const config = { strategy: 'best-of-n', budget: 8, selection: 'majority' } as const;
    const own = (steps: readonly string[]) => grader.grade(steps.join('\n'));
    const view = viewAt(await run(server, config, {}, () => {}, own), Infinity);
    const copied = view.candidates.filter(({ id }) => view.nodes[id].text.includes('{answer}'));
    // So many that they would win the vote.
    expect(copied.reduce((sum, { copies }) => sum + copies, 0)).toBeGreaterThan(2);
    for (const { finished, answer } of copied) expect([finished, answer]).toEqual([false, null]);
    expect(view.answer?.answer).toMatch(/^\d+$/);
  });

  it('a server that dies ends the run in order, with what was found and with advice', async () => {
    const server = await start();
    const events = await run(server, { strategy: 'beam', budget: 8 }, {}, () => {
      server.faults = ({ body }) =>
        /Step [34]:/.test(String(body.prompt)) ? { kind: 'status', status: 500 } : null;
    });
    const end = events.at(-1);
    expect(end).toMatchObject({ type: 'end', reason: 'failed', error: { code: 'server' } });
    expect(JSON.stringify(events)).not.toContain(KEY);
  });

  it('the key is in no event, label or report', async () => {
    const server = await start();
    const report = await openOpenAi({ baseUrl: server.baseUrl, key: KEY, policyModel: 'scripted' });
    const events = await run(server, { strategy: 'best-of-n', budget: 4 });
    expect(JSON.stringify([report, events])).not.toContain(KEY);
    expect(server.requests.every(({ authorization }) => authorization === `Bearer ${KEY}`)).toBe(
      true,
    );
  });

  it('refuses a judge where the server gives no probabilities', async () => {
    const server = await start({ logProbs: 'none' });
    await expect(run(server, {})).rejects.toMatchObject({ code: 'bad-input' });
  });
});

it('two policies never mix replies, whatever the server does first', async () => {
  const server = await startScriptedServer(
    (prompt, seed) => ` ${prompt.includes('cats') ? 'cat' : 'dog'} ${seed}. \\boxed{1}`,
    { models: ['a', 'b'] },
  );
  servers.push(server);
  const [cats, dogs] = await Promise.all(
    ['a', 'b'].map((policyModel) => openOpenAi({ baseUrl: server.baseUrl, policyModel })),
  );
  // Late and early replies, in an order that has nothing to do with the requests'.
  server.faults = ({ body }, index) =>
    index % 3 === 0 ? { kind: 'slow', ms: Number(body.seed) % 7 } : null;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(),
      async (catCount, dogCount, seed) => {
        const extend = async (kind: string, count: number) => {
          const root = rootBranch(`About ${kind}`, rootStream(seed, kind));
          const streams = Array.from({ length: count }, (_, i) => childStream(root.stream, i));
          const request = { branch: root, streams, temperature: 1, until: 'solution' } as const;
          const { policy } = kind === 'cats' ? cats : dogs;
          const [both] = await policy.extend([{ ...request, maxTokens: 20 }]);
          return { leaves: both.leaves, streams };
        };
        const [first, second] = await Promise.all([
          extend('cats', catCount),
          extend('dogs', dogCount),
        ]);
        for (const [word, { leaves, streams }] of [
          ['cat', first],
          ['dog', second],
        ] as const) {
          expect(leaves.map((leaf) => leaf.stream)).toEqual(streams);
          expect(new Set(leaves.map((leaf) => stepTexts(leaf)[0])).size).toBe(leaves.length);
          for (const leaf of leaves) expect(leaf.text.startsWith(word)).toBe(true);
        }
      },
    ),
    { numRuns: 15 },
  );
});
