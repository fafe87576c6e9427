/** What is read out of a larger run must be what the smaller run would have been, ledger included. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EnginePolicy } from '../engine/engine-policy.ts';
import type { OpenModel } from '../engine/node-models.ts';
import { openTiny } from '../engine/testing/tiny-models.ts';
import { scriptedGrade } from '../search/testing/scripted-context.ts';
import { ScriptedPolicy, ScriptedVerifier } from '../search/testing/scripted-policy.ts';
import { DEFAULT_RUN_CONFIG } from '../shared/run-config.ts';
import { PrmVerifier } from '../verify/prm.ts';
import { nests } from './smaller-run.ts';
import { parseStrategySpecs } from './strategy-spec.ts';
import { runSweep, type SweepHost } from './sweep.ts';
import { planTasks, type SweepPlan } from './sweep-plan.ts';
import { resultKey, type SweepResult } from './sweep-result.ts';

const NESTED = 'best-of-n,best-of-n:best,best-of-n:majority,dvts,dvts:best,revise,revise:majority';

function planOf(strategies: string, more: Partial<SweepPlan> = {}): SweepPlan {
  return {
    problems: Array.from({ length: 2 }, (_, i) => ({ id: `p${i}`, prompt: `make 1${i}: 4 6` })),
    strategies: parseStrategySpecs(strategies),
    budgets: [1, 4, 8, 72],
    seeds: 2,
    base: { ...DEFAULT_RUN_CONFIG, width: 4, chainLength: 3 },
    ...more,
  };
}

function scriptedHost(): SweepHost & { policy: ScriptedPolicy } {
  const policy = new ScriptedPolicy({ letters: 3, maxDepth: 4, earlyEnd: 5, cut: 7, slots: 0 });
  const verifier = new ScriptedVerifier();
  const prepared = { family: 'countdown', level: null, truthKnown: true, grade: scriptedGrade };
  return {
    policy,
    models: { policy, verifier, reviser: { policy, verifier }, engineLabel: 'scripted' },
    prepare: ({ prompt }) => ({ prompt, ...prepared }),
    now: () => 0,
  };
}

async function sweep(plan: SweepPlan, host: SweepHost) {
  const results: SweepResult[] = [];
  for await (const progress of runSweep(plan, host)) {
    if (progress.failure !== null) throw progress.failure.error;
    results.push(...progress.results);
  }
  return results;
}

/** By key; device time aside, and fractions to what the order of a sum leaves of them. */
function comparable(results: readonly SweepResult[]) {
  const rows = results.map((one) => {
    const whole = { ...one, ledger: { ...one.ledger, elapsedMs: 0 } };
    return JSON.parse(
      JSON.stringify(whole, (_, value: unknown) =>
        typeof value === 'number' ? Number(value.toPrecision(5)) : value,
      ),
    ) as SweepResult;
  });
  return new Map(rows.map((row) => [resultKey(row), row]));
}

describe('a smaller run read out of a larger one', () => {
  test('is the run of its own, for every strategy, rule and budget', async () => {
    for (const mergeDuplicates of [true, false]) {
      const base = { ...planOf(NESTED).base, mergeDuplicates };
      const plan = planOf(NESTED, { base });
      const once = scriptedHost();
      const nested = comparable(await sweep(plan, once));
      const separate = scriptedHost();
      const alone = comparable(await sweep({ ...plan, separate: true }, separate));
      expect(nested.size).toBe(2 * 7 * 4 * 2);
      for (const [key, row] of alone) expect(nested.get(key)).toEqual(row);
      const sampled = ({ policy }: typeof once) =>
        policy.calls.flat().reduce((sum, request) => sum + request.streams.length, 0);
      expect(sampled(once)).toBeLessThan(0.9 * sampled(separate));
    }
  });

  test('only what is missing is run, and beam search is run for every budget', () => {
    const plan = planOf('best-of-n,beam,lookahead,dvts:width=0', { seeds: 1 });
    const tasks = planTasks(plan, []);
    const budgetsOf = (strategy: string) =>
      tasks
        .filter(({ problem, config }) => problem.id === 'p0' && config.strategy === strategy)
        .map(({ config }) => config.budget);
    expect(budgetsOf('best-of-n')).toEqual([72]);
    for (const strategy of ['beam', 'lookahead', 'dvts']) {
      expect(budgetsOf(strategy)).toEqual([1, 4, 8, 72]);
    }
    const done = [72].map((budget) => ({ id: 'p0', strategy: 'best-of-n', budget, seed: 1 }));
    const rest = planTasks(plan, done);
    const own = rest.find(({ problem, config }) => {
      return problem.id === 'p0' && config.strategy === 'best-of-n';
    });
    expect(own?.config.budget).toBe(8);
    expect(own?.readings[0].keys.map(({ budget }) => budget)).toEqual([1, 4, 8]);
  });

  test('subtrees are only whole at multiples of the width', () => {
    const config = { ...DEFAULT_RUN_CONFIG, strategy: 'dvts' as const, width: 4 };
    expect([1, 2, 4, 6, 16].filter((budget) => nests(config, budget))).toEqual([4, 16]);
    expect(nests({ ...config, width: 0 }, 16)).toBe(false);
  });
});

describe('on the real engine', () => {
  let policyModel: OpenModel;
  let verifierModel: OpenModel;
  beforeAll(async () => {
    policyModel = await openTiny('tiny-llama');
    verifierModel = await openTiny('tiny-prm');
  });
  afterAll(async () => {
    await policyModel.engine.dispose();
    await verifierModel.engine.dispose();
  });

  test('best-of-n and subtrees cost what they cost alone', async () => {
    const { tokenizer } = policyModel.model;
    const policy = new EnginePolicy(policyModel.engine, tokenizer, { label: 'p' });
    const verifier = new PrmVerifier(verifierModel.engine, tokenizer, { label: 'v' });
    const host: SweepHost = {
      // The tiny models write noise without end; the limits keep it short.
      models: { policy, verifier, engineLabel: 'cpu', limits: { step: 6, solution: 20 } },
      prepare: scriptedHost().prepare,
      now: () => 0,
    };
    const plan = planOf('best-of-n,dvts', { budgets: [4, 16], seeds: 1 });
    const nested = comparable(await sweep(plan, host));
    const alone = comparable(await sweep({ ...plan, separate: true }, host));
    expect(nested).toEqual(alone);
    expect(policyModel.engine.pool.slotsUsed).toBe(0);
  });
});
