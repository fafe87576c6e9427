import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../shared/errors.ts';
import { AGGREGATIONS, SELECTIONS } from '../shared/run-config.ts';
import { pathTo, viewAt } from '../shared/run-view.ts';
import { strategyOf } from './strategies.ts';
import { referenceAnswer, referenceBestOfN } from './testing/reference-search.ts';
import { collect, scriptedContext, timeless } from './testing/scripted-context.ts';
import { PLAIN_SCRIPT, ScriptedPolicy, ScriptedVerifier } from './testing/scripted-policy.ts';

const bestOfN = strategyOf('best-of-n');
const greedy = strategyOf('greedy');

const plan = {
  script: PLAIN_SCRIPT,
  levels: 5,
  prompt: 'make 24: 4 6 7 8',
  temperature: 1,
  merge: false,
  groups: [],
  keeps: () => 1,
  lookahead: 0,
} as const;

describe('best of n', () => {
  test('chooses as the slow reference does, merged or not, and charges N', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          budget: fc.integer({ min: 1, max: 150 }),
          selection: fc.constantFrom(...SELECTIONS),
          aggregation: fc.constantFrom(...AGGREGATIONS),
          mergeDuplicates: fc.boolean(),
          seed: fc.nat(500),
        }),
        fc.constantFrom(0, 4),
        async (config, cut) => {
          const script = { ...PLAIN_SCRIPT, cut };
          const policy = new ScriptedPolicy(script);
          const view = viewAt(
            await collect(bestOfN, scriptedContext(config, { policy })),
            Infinity,
          );
          const reference = referenceBestOfN({ ...plan, ...config, script }, config.budget);
          expect(view.answer?.answer ?? null).toBe(
            referenceAnswer(reference, config.selection, config.aggregation),
          );
          expect(view.ledger.generations).toBe(config.budget);
          expect(view.candidates.reduce((sum, one) => sum + one.copies, 0)).toBe(config.budget);
          expect(policy.live.size).toBe(0);
        },
      ),
    );
  });

  test('a smaller budget is a prefix of a larger one', async () => {
    const paths = async (budget: number) => {
      const context = scriptedContext({ budget, mergeDuplicates: false });
      const view = viewAt(await collect(bestOfN, context), Infinity);
      return view.candidates.map((one) =>
        pathTo(view, one.id).map((id) => [view.nodes[id].text, view.nodes[id].stream]),
      );
    };
    const large = await paths(80);
    expect(await paths(16)).toEqual(large.slice(0, 16));
    expect(await paths(70)).toEqual(large.slice(0, 70));
  });

  test('another seed or another problem gives other samples', async () => {
    const log = async (seed: number, prompt: string) => {
      const context = scriptedContext({ budget: 8, seed }, { prompt });
      return JSON.stringify(
        (await collect(bestOfN, context)).filter((event) => event.type === 'node'),
      );
    };
    const logs = [await log(1, 'p'), await log(2, 'p'), await log(1, 'q')];
    expect(new Set(logs).size).toBe(3);
    expect(await log(1, 'p')).toBe(logs[0]);
  });

  test('without a verifier every selection is a vote, and the log says so', async () => {
    const context = scriptedContext({ budget: 12, selection: 'weighted' }, { verifier: null });
    const view = viewAt(await collect(bestOfN, context), Infinity);
    expect(view.answer?.selection).toBe('majority');
    expect(view.start?.verifier).toBeNull();
    const reference = referenceBestOfN({ ...plan, seed: 1, aggregation: 'last' }, 12);
    expect(view.answer?.answer).toBe(referenceAnswer(reference, 'majority', 'last'));
  });

  test('a stop keeps the finished batches, still selects and says stopped', async () => {
    const stop = new AbortController();
    const policy = new ScriptedPolicy(PLAIN_SCRIPT, (call) => {
      if (call === 2) stop.abort();
    });
    const context = scriptedContext({ budget: 128 }, { policy, signal: stop.signal });
    const events = await collect(bestOfN, context);
    const view = viewAt(events, Infinity);
    expect(view.status).toBe('stopped');
    expect(view.candidates.reduce((sum, one) => sum + one.copies, 0)).toBe(64);
    const first = referenceBestOfN({ ...plan, seed: 1, aggregation: 'last' }, 64);
    expect(view.answer?.answer).toBe(referenceAnswer(first, 'weighted', 'last'));
    expect(view.baseline).toBeNull();
    expect(events.slice(-2).map(({ type }) => type)).not.toContain('ledger');
    expect(policy.live.size).toBe(0);
  });

  test('a stop while scoring keeps the written answers and lets them vote', async () => {
    const stop = new AbortController();
    const verifier = new ScriptedVerifier(5, {}, () => stop.abort());
    const context = scriptedContext({ budget: 32 }, { verifier, signal: stop.signal });
    const view = viewAt(await collect(bestOfN, context), Infinity);
    expect(view.status).toBe('stopped');
    expect(view.candidates.reduce((sum, one) => sum + one.copies, 0)).toBe(32);
    expect(view.answer?.selection).toBe('majority');
    expect(view.answer?.candidate).not.toBeNull();
  });

  test('an error ends the run as failed, with its text, and keeps what was found', async () => {
    const policy = new ScriptedPolicy(PLAIN_SCRIPT, (call) => {
      if (call === 2) throw new AppError('device-lost', 'The GPU is gone.', { advice: 'Reload.' });
    });
    const view = viewAt(
      await collect(bestOfN, scriptedContext({ budget: 128 }, { policy })),
      Infinity,
    );
    expect(view.status).toBe('failed');
    expect(view.error).toEqual({
      code: 'device-lost',
      message: 'The GPU is gone.',
      advice: 'Reload.',
    });
    expect(view.candidates.length).toBeGreaterThan(0);
    expect(view.answer?.candidate).not.toBeNull();
  });

  test('a reader who leaves early leaves nothing cached', async () => {
    const policy = new ScriptedPolicy();
    for await (const event of bestOfN.run(scriptedContext({ budget: 8 }, { policy }))) {
      if (event.type === 'candidate') break;
    }
    expect(policy.live.size).toBe(0);
  });
});

describe('greedy', () => {
  test('is one uncharged extra in other runs and costs one generation alone', async () => {
    const alone = viewAt(await collect(greedy, scriptedContext({ budget: 64 })), Infinity);
    expect(alone.ledger.generations).toBe(1);
    expect(alone.ledger.verifierTokens).toBe(0);
    expect(alone.baseline).toBeNull();

    const config = { budget: 8, mergeDuplicates: true };
    const withBaseline = viewAt(await collect(bestOfN, scriptedContext(config)), Infinity);
    const without = viewAt(
      await collect(bestOfN, scriptedContext(config, { baseline: false })),
      Infinity,
    );
    expect(withBaseline.ledger.policyTokens).toBe(without.ledger.policyTokens);
    expect(withBaseline.baseline?.answerText ?? null).toBe(alone.answer?.answerText ?? null);
    expect(without.baseline).toBeNull();
    expect(withBaseline.nodes.filter((node) => node.role === 'greedy')).toHaveLength(
      alone.nodes.length - 1,
    );
  });

  test('equal runs have equal logs', async () => {
    const log = async () => timeless(await collect(greedy, scriptedContext({})));
    expect(await log()).toEqual(await log());
  });
});
