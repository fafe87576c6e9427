import { describe, expect, test } from 'vitest';
import { AppError } from '../shared/errors.ts';
import { DEFAULT_RUN_CONFIG } from '../shared/run-config.ts';
import { viewAt } from '../shared/run-view.ts';
import { strategyOf } from '../search/strategies.ts';
import { collect, scriptedContext, scriptedGrade } from '../search/testing/scripted-context.ts';
import {
  PLAIN_SCRIPT,
  ScriptedPolicy,
  ScriptedVerifier,
} from '../search/testing/scripted-policy.ts';
import { choiceFile, choiceTable } from '../search/testing/choice-table.ts';
import { halfOf } from '../search/compute-optimal-table.ts';
import { pointsOf } from './points.ts';
import { parseStrategySpecs } from './strategy-spec.ts';
import { runSweep, type SweepHost, type SweepOptions } from './sweep.ts';
import { planTasks, type SweepPlan } from './sweep-plan.ts';
import { resultKey, type SweepResult } from './sweep-result.ts';

const problems = Array.from({ length: 7 }, (_, i) => ({ id: `p${i}`, prompt: `problem ${i}` }));

function planOf(strategies: string, more: Partial<SweepPlan> = {}): SweepPlan {
  return {
    problems,
    strategies: parseStrategySpecs(strategies),
    budgets: [1, 4, 9],
    seeds: 2,
    base: { ...DEFAULT_RUN_CONFIG, chainLength: 3 },
    ...more,
  };
}

function hostOf(before: (call: number) => void = () => {}): SweepHost & { policy: ScriptedPolicy } {
  const policy = new ScriptedPolicy(PLAIN_SCRIPT, before);
  const verifier = new ScriptedVerifier();
  let now = 0;
  return {
    policy,
    models: { policy, verifier, reviser: { policy, verifier }, engineLabel: 'scripted' },
    prepare: ({ prompt }) => ({
      prompt,
      family: 'countdown',
      level: null,
      truthKnown: true,
      grade: scriptedGrade,
    }),
    now: () => now++,
  };
}

async function sweep(plan: SweepPlan, host: SweepHost, options: SweepOptions = {}) {
  const results: SweepResult[] = [];
  for await (const progress of runSweep(plan, host, options)) results.push(...progress.results);
  return results;
}

/** By key, without what depends on the batches. */
function comparable(results: readonly SweepResult[]) {
  const rows = results.map((one) => ({ ...one, ledger: { ...one.ledger, elapsedMs: 0 } }));
  return new Map(rows.map((row) => [resultKey(row), row]));
}

const everything = 'greedy,best-of-n,best-of-n:majority,beam:best,lookahead,dvts,revise,auto';

describe('a sweep', () => {
  test('gives every result that the plan asks for, the same as a run alone', async () => {
    const plan = planOf(everything);
    const results = comparable(await sweep(plan, hostOf()));
    expect(results.size).toBe(7 * 8 * 3 * 2);
    for (const [strategy, selection] of [
      ['best-of-n', 'weighted'],
      ['best-of-n', 'majority'],
      ['beam', 'best'],
      ['revise', 'weighted'],
    ] as const) {
      const config = { ...plan.base, strategy, selection, budget: 9, seed: 2 };
      const { policy, verifier } = {
        policy: new ScriptedPolicy(),
        verifier: new ScriptedVerifier(),
      };
      const alone = viewAt(
        await collect(
          strategyOf(strategy),
          scriptedContext(config, {
            prompt: 'problem 3',
            policy,
            verifier: selection === 'majority' ? null : verifier,
            reviser: { policy, verifier },
            baseline: false,
          }),
        ),
        Infinity,
      );
      const name = selection === 'weighted' ? strategy : `${strategy}:${selection}`;
      const row = results.get(resultKey({ id: 'p3', strategy: name, budget: 9, seed: 2 }));
      expect(row?.answer).toBe(alone.answer?.answer);
      expect(row?.correct).toBe(alone.answer?.correct ?? false);
      expect(row?.ledger).toEqual({ ...alone.ledger, elapsedMs: 0 });
    }
  });

  test('shares one set of samples between selection rules, in either order', async () => {
    for (const order of ['best-of-n:majority,best-of-n', 'best-of-n,best-of-n:majority']) {
      const host = hostOf();
      const results = await sweep(planOf(order, { budgets: [9], seeds: 1 }), host);
      const alone = await sweep(planOf('best-of-n', { budgets: [9], seeds: 1 }), hostOf());
      const own = results.filter(({ strategy }) => strategy === 'best-of-n');
      expect(comparable(own)).toEqual(comparable(alone));
      const samples = host.policy.calls.flat().flatMap((request) => request.streams);
      expect(samples).toHaveLength(7 * 9);
      const votes = results.filter(({ strategy }) => strategy === 'best-of-n:majority');
      expect(votes.every(({ ledger }) => ledger.verifierTokens === 0)).toBe(true);
      expect(own.every(({ ledger }) => ledger.verifierTokens > 0)).toBe(true);
    }
  });

  test('auto is run with choices that were fitted without the half of its problem', async () => {
    const halves = ['beam', 'best-of-n'].map((strategy) =>
      choiceTable([{ budget: 9, strategy: strategy as 'beam' }]),
    );
    const [first, second] = halves;
    const computeOptimal = choiceFile(choiceTable([{ budget: 9, strategy: 'dvts' }]), [
      first,
      second,
    ]);
    const plain = hostOf();
    const host = { ...plain, models: { ...plain.models, computeOptimal } };
    const plan = planOf('auto', { budgets: [9], seeds: 1 });
    const results = comparable(await sweep(plan, host));
    expect(new Set(problems.map(({ prompt }) => halfOf(prompt))).size).toBe(2);
    for (const { id, prompt } of problems) {
      const config = { ...plan.base, strategy: 'auto', budget: 9 } as const;
      const events = await collect(
        strategyOf('auto'),
        scriptedContext(config, {
          prompt,
          computeOptimal: halves[halfOf(prompt)],
          baseline: false,
        }),
      );
      const alone = viewAt(events, Infinity);
      const row = results.get(resultKey({ id, strategy: 'auto', budget: 9, seed: 1 }));
      expect(row?.answer).toBe(alone.answer?.answer ?? null);
      // Samples of the estimate included.
      expect(row?.ledger).toEqual({ ...alone.ledger, elapsedMs: 0 });
      expect(row?.ledger.generations).toBe(9);
    }
  });

  test('several problems share batches', async () => {
    const host = hostOf();
    await sweep(planOf('beam', { budgets: [8], seeds: 1 }), host, { generationsAtOnce: 56 });
    expect(host.policy.calls.length).toBeLessThanOrEqual(PLAIN_SCRIPT.maxDepth);
  });

  test('stopped in the middle and resumed, it ends with the same numbers', async () => {
    const plan = planOf(everything);
    const whole = await sweep(plan, hostOf());
    const stop = new AbortController();
    const kept: SweepResult[] = [];
    const interrupted = (async () => {
      for await (const { results } of runSweep(plan, hostOf(), { signal: stop.signal })) {
        kept.push(...results);
        if (kept.length > 40) stop.abort();
      }
    })();
    await expect(interrupted).rejects.toMatchObject({ code: 'aborted' });
    expect(kept.length).toBeLessThan(whole.length);
    const rest = await sweep(plan, hostOf(), { done: kept });
    expect(rest.length + kept.length).toBe(whole.length);
    expect(comparable([...kept, ...rest])).toEqual(comparable(whole));
    expect(pointsOf([...kept, ...rest]).length).toBe(pointsOf(whole).length);
    expect(planTasks(plan, whole)).toEqual([]);
  });

  test('a problem that cannot be run is reported and the others go on', async () => {
    const host = hostOf();
    const prepare = host.prepare.bind(host);
    const picky: SweepHost = {
      ...host,
      prepare(problem) {
        if (problem.id === 'p2') throw new AppError('outside-families', 'No.', { advice: 'x' });
        return prepare(problem);
      },
    };
    const failures: string[] = [];
    let count = 0;
    const plan = planOf('best-of-n', { budgets: [4], seeds: 1 });
    for await (const { results, failure } of runSweep(plan, picky)) {
      count += results.length;
      if (failure !== null) failures.push(`${failure.id} ${failure.error.code}`);
    }
    expect(failures).toEqual(['p2 outside-families']);
    expect(count).toBe(6);
  });

  test('an error that strikes every run ends the sweep with its text', async () => {
    const host = hostOf(() => {
      throw new AppError('device-lost', 'The device is gone.', { advice: 'Reload.' });
    });
    await expect(sweep(planOf('best-of-n'), host)).rejects.toThrow('The device is gone.');
  });
});
