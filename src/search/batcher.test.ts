import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../shared/errors.ts';
import type { Policy } from '../shared/policy.ts';
import { STRATEGIES, type RunConfig } from '../shared/run-config.ts';
import type { RunEvent } from '../shared/run-events.ts';
import type { Verifier } from '../verify/verifier.ts';
import { Batcher } from './batcher.ts';
import { strategyOf } from './strategies.ts';
import { collect, scriptedContext, timeless } from './testing/scripted-context.ts';
import { PLAIN_SCRIPT, ScriptedPolicy, ScriptedVerifier } from './testing/scripted-policy.ts';

interface SharedRun {
  readonly config: Partial<RunConfig>;
  readonly prompt?: string;
  readonly signal?: AbortSignal;
}

function contextOf(run: SharedRun, policy: Policy, verifier: Verifier) {
  const { prompt = 'p', signal } = run;
  return scriptedContext(run.config, {
    prompt,
    signal,
    policy,
    verifier,
    reviser: { policy, verifier },
  });
}

async function runTogether(
  runs: readonly SharedRun[],
  policy: Policy,
  verifier: Verifier,
  batcher = new Batcher(() => 0),
): Promise<RunEvent[][]> {
  return Promise.all(
    runs
      .map((run) => ({ run, lane: batcher.openLane() }))
      .map(async ({ run, lane }) => {
        const context = contextOf(run, lane.policy(policy), lane.verifier(verifier));
        try {
          return timeless(await collect(strategyOf(context.config.strategy), context));
        } finally {
          lane.close();
        }
      }),
  );
}

/** The model, said to have a device of its own, and taking `turns` longer for a call. */
function withOwnDevice<Model extends Policy | Verifier>(
  model: Model,
  turns: number,
  ownDevice = true,
  seen = { running: 0, most: 0 },
): Model {
  const work = async <T>(call: () => Promise<T>): Promise<T> => {
    seen.most = Math.max(seen.most, ++seen.running);
    try {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      return await call();
    } finally {
      seen.running--;
    }
  };
  const { capabilities } = model;
  const wrapped = Object.assign(Object.create(model) as Model, {
    capabilities: { ...capabilities, ownDevice },
  });
  if ('extend' in model) {
    const extend: Policy['extend'] = (...args) => work(() => model.extend(...args));
    return Object.assign(wrapped, { extend });
  }
  const score: Verifier['score'] = (...args) => work(() => model.score(...args));
  return Object.assign(wrapped, { score });
}

const runsArbitrary = fc.array(
  fc.record({
    config: fc.record({
      strategy: fc.constantFrom(...STRATEGIES),
      budget: fc.integer({ min: 1, max: 20 }),
      seed: fc.nat(50),
      chainLength: fc.integer({ min: 1, max: 5 }),
    }),
    prompt: fc.constantFrom('p', 'q', 'r'),
  }),
  { minLength: 1, maxLength: 6 },
);

describe('shared batches', () => {
  test('a run has the same log as alone, whatever shares its batches', async () => {
    await fc.assert(
      fc.asyncProperty(runsArbitrary, fc.constantFrom(0, 3), async (runs, slots) => {
        const script = { ...PLAIN_SCRIPT, slots };
        const together = await runTogether(
          runs,
          new ScriptedPolicy(script),
          new ScriptedVerifier(),
        );
        for (const [i, run] of runs.entries()) {
          const context = contextOf(run, new ScriptedPolicy(script), new ScriptedVerifier());
          const alone = await collect(strategyOf(run.config.strategy), context);
          expect(together[i]).toEqual(timeless(alone));
        }
      }),
    );
  });

  test('models on devices of their own change no log', async () => {
    await fc.assert(
      fc.asyncProperty(runsArbitrary, fc.constantFrom(0, 3), async (runs, slots) => {
        const script = { ...PLAIN_SCRIPT, slots };
        const [policy, verifier] = [new ScriptedPolicy(script), new ScriptedVerifier()];
        const apart = await runTogether(runs, withOwnDevice(policy, 3), withOwnDevice(verifier, 5));
        const inTurn = await runTogether(runs, new ScriptedPolicy(script), new ScriptedVerifier());
        expect(apart).toEqual(inTurn);
      }),
      { numRuns: 50 },
    );
  });

  test('models on devices of their own work at the same time, others in turn', async () => {
    // Lookahead writes twice before it asks for scores, so it falls out of step with beam search.
    const runs: SharedRun[] = [
      { config: { strategy: 'beam', budget: 8 } },
      { config: { strategy: 'lookahead', budget: 8 } },
    ];
    const most = async (own: boolean): Promise<number> => {
      const seen = { running: 0, most: 0 };
      const policy = withOwnDevice(new ScriptedPolicy(), 3, own, seen);
      const verifier = withOwnDevice(new ScriptedVerifier(), 5, own, seen);
      await runTogether(runs, policy, verifier);
      return seen.most;
    };
    expect(await most(true)).toBe(2);
    expect(await most(false)).toBe(1);
  });

  test('calls that overlap anyhow go out at once and change no log', async () => {
    const overlapping = <Model extends Policy | Verifier>(model: Model): Model =>
      Object.assign(Object.create(model) as Model, {
        capabilities: { ...model.capabilities, overlaps: true },
      });
    await fc.assert(
      fc.asyncProperty(runsArbitrary, fc.boolean(), async (runs, both) => {
        const [policy, verifier] = [new ScriptedPolicy(), new ScriptedVerifier()];
        const own = both ? overlapping(verifier) : verifier;
        const apart = await runTogether(runs, overlapping(policy), own);
        const inTurn = await runTogether(runs, new ScriptedPolicy(), new ScriptedVerifier());
        expect(apart).toEqual(inTurn);
      }),
      { numRuns: 50 },
    );
  });

  test('a slow run of a model whose calls overlap holds up no other', async () => {
    const scripted = new ScriptedPolicy();
    let goOn = (): void => {};
    const late = new Promise<void>((resolve) => (goOn = resolve));
    const policy: Policy = {
      capabilities: { ...scripted.capabilities, overlaps: true },
      extend: async (requests, signal) => {
        if (requests.some(({ branch }) => branch.prompt === 'slow')) await late;
        return scripted.extend(requests, signal);
      },
      release: (branches) => scripted.release(branches),
    };
    const config = { strategy: 'beam', budget: 4 } as const;
    const batcher = new Batcher(() => 0);
    const slow = runTogether([{ config, prompt: 'slow' }], policy, new ScriptedVerifier(), batcher);
    const quick = await runTogether([{ config }], policy, new ScriptedVerifier(), batcher);
    expect(quick[0].at(-1)).toMatchObject({ reason: 'done' });
    goOn();
    expect((await slow)[0].at(-1)).toMatchObject({ reason: 'done' });
  });

  test('runs in step make as many calls as one run alone', async () => {
    const config = { strategy: 'beam', budget: 8, width: 4 } as const;
    const script = { ...PLAIN_SCRIPT, earlyEnd: 0 };
    const alone = new ScriptedPolicy(script);
    await runTogether([{ config }], alone, new ScriptedVerifier());
    const shared = new ScriptedPolicy(script);
    const runs = [1, 2, 3, 4, 5].map((seed) => ({ config: { ...config, seed } }));
    await runTogether(runs, shared, new ScriptedVerifier());
    expect(shared.calls).toHaveLength(alone.calls.length);
  });

  test('stopping one run leaves the others as they were', async () => {
    const stop = new AbortController();
    const policy = new ScriptedPolicy(PLAIN_SCRIPT, (call) => {
      if (call === 2) stop.abort();
    });
    const config = { strategy: 'beam', budget: 16, seed: 5 } as const;
    const [stopped, other] = await runTogether(
      [{ config: { ...config, seed: 4 }, signal: stop.signal }, { config }],
      policy,
      new ScriptedVerifier(),
    );
    const [alone] = await runTogether([{ config }], new ScriptedPolicy(), new ScriptedVerifier());
    expect(stopped.at(-1)).toMatchObject({ reason: 'stopped' });
    expect(other).toEqual(alone);
    expect(policy.live.size).toBe(0);
  });

  test('an error stays with the run that caused it', async () => {
    const scripted = new ScriptedPolicy();
    const poisoned: Policy = {
      capabilities: scripted.capabilities,
      extend: async (requests, signal) => {
        if (requests.some(({ branch }) => branch.prompt === 'poison')) {
          throw new AppError('server', 'cannot read this', { advice: 'none' });
        }
        return scripted.extend(requests, signal);
      },
      release: (branches) => scripted.release(branches),
    };
    const config = { strategy: 'best-of-n', budget: 4 } as const;
    const runs = ['p', 'poison', 'q'].map((prompt) => ({ config, prompt }));
    const logs = await runTogether(runs, poisoned, new ScriptedVerifier());
    expect(logs.map((events) => events.at(-1))).toMatchObject([
      { reason: 'done' },
      { reason: 'failed', error: { code: 'server' } },
      { reason: 'done' },
    ]);
  });

  test('time on the device is shared out by tokens and adds up', async () => {
    let now = 0;
    const policy = new ScriptedPolicy(PLAIN_SCRIPT, () => (now += 120));
    const batcher = new Batcher(() => now);
    const lanes = [batcher.openLane(), batcher.openLane()];
    const budgets = [1, 15];
    await Promise.all(
      lanes.map(async (lane, i) => {
        const config = { strategy: 'best-of-n', budget: budgets[i] } as const;
        const parts = { verifier: null, baseline: false, policy: lane.policy(policy) };
        await collect(strategyOf('best-of-n'), scriptedContext(config, parts));
        lane.close();
      }),
    );
    expect(lanes[0].clock() + lanes[1].clock()).toBeCloseTo(now, 9);
    expect(lanes[1].clock()).toBeGreaterThan(lanes[0].clock());
  });
});
