import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AGGREGATIONS, SELECTIONS, type RunConfig } from '../shared/run-config.ts';
import { pathTo, viewAt, type RunView } from '../shared/run-view.ts';
import { strategyOf } from './strategies.ts';
import { collect, scriptedContext, timeless } from './testing/scripted-context.ts';
import { referenceAnswer, referenceTreeSearch } from './testing/reference-search.ts';
import { PLAIN_SCRIPT, ScriptedPolicy, ScriptedVerifier } from './testing/scripted-policy.ts';

const scripts = fc.record({
  letters: fc.integer({ min: 1, max: 4 }),
  maxDepth: fc.integer({ min: 1, max: 5 }),
  earlyEnd: fc.constantFrom(0, 2, 5),
  cut: fc.constantFrom(0, 0, 6),
  slots: fc.constant(0),
});

const configs = fc.record({
  strategy: fc.constantFrom('beam', 'lookahead', 'dvts'),
  budget: fc.integer({ min: 1, max: 24 }),
  width: fc.integer({ min: 0, max: 6 }),
  keep: fc.constantFrom('n-over-m', 'm'),
  mergeDuplicates: fc.boolean(),
  lookahead: fc.integer({ min: 0, max: 3 }),
  selection: fc.constantFrom(...SELECTIONS),
  aggregation: fc.constantFrom(...AGGREGATIONS),
  seed: fc.integer({ min: 0, max: 1000 }),
});

const levels = fc.constantFrom(1, 2, 5, 64);

/** Groups, kept beams and rollout steps, once more in the words of algorithms.md. */
function shapeOf(config: Pick<RunConfig, 'strategy' | 'budget' | 'width' | 'keep' | 'lookahead'>) {
  const k = config.strategy === 'lookahead' ? Math.min(config.lookahead, config.budget - 1) : 0;
  const n = Math.floor(config.budget / (k + 1));
  const m = Math.min(config.width === 0 ? Math.round(Math.sqrt(n)) : config.width, n);
  if (config.strategy === 'dvts') {
    const subtrees: number[] = Array.from({ length: Math.ceil(n / m) }, () => 0);
    for (let slot = 0; slot < n; slot++) subtrees[slot % subtrees.length]++;
    return { groups: subtrees, keeps: () => 1, k, n };
  }
  const keeps = (live: number) => (config.keep === 'm' ? Math.min(m, live) : Math.ceil(live / m));
  return { groups: [n], keeps, k, n };
}

function keptPaths(view: RunView): string[] {
  return view.nodes
    .filter((node) => node.rank?.kept)
    .map((node) => textOf(view, node.id))
    .sort();
}

function textOf(view: RunView, id: number): string {
  return pathTo(view, id)
    .map((at) => view.nodes[at].text)
    .join('/');
}

describe('tree searches', () => {
  test('keep the same beams and choose the same answer as the slow reference', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, configs, levels, async (script, config, levelCount) => {
        const events = await collect(
          strategyOf(config.strategy),
          scriptedContext(config, {
            policy: new ScriptedPolicy(script),
            verifier: new ScriptedVerifier(levelCount),
          }),
        );
        const view = viewAt(events, events.length);
        const { groups, keeps, k } = shapeOf(config);
        const reference = referenceTreeSearch({
          script,
          levels: levelCount,
          prompt: 'make 24: 4 6 7 8',
          seed: config.seed,
          temperature: 1,
          merge: config.mergeDuplicates,
          aggregation: config.aggregation,
          groups,
          keeps,
          lookahead: k,
        });
        expect(view.status).toBe('done');
        expect(keptPaths(view)).toEqual(reference.kept);
        expect(
          view.candidates.map((one) => ({ path: textOf(view, one.id), copies: one.copies })),
        ).toEqual(reference.results.map(({ path, copies }) => ({ path, copies })));
        expect(view.candidates.map((one) => one.stepScores)).toEqual(
          reference.results.map((one) => one.stepScores),
        );
        expect(view.answer?.answer ?? null).toBe(
          referenceAnswer(reference.results, config.selection, config.aggregation),
        );
      }),
      { numRuns: 400 },
    );
  });

  test('charge N, or N(k+1) with lookahead, whatever is merged, pruned or cut', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, configs, async (script, config) => {
        const policy = new ScriptedPolicy(script);
        const context = scriptedContext(config, { policy, baseline: false });
        const view = viewAt(await collect(strategyOf(config.strategy), context), Infinity);
        const { n, k } = shapeOf(config);
        expect(view.ledger.generations).toBe(n * (k + 1));
        expect(view.ledger.generations).toBeLessThanOrEqual(config.budget);
        expect(view.candidates.reduce((sum, one) => sum + one.copies, 0)).toBe(n);
        const asked = policy.calls.flat().filter((request) => request.until === 'step');
        for (const request of asked) expect(request.temperature).toBe(1);
      }),
    );
  });

  test('sample each round in one policy call and score it in one verifier call', async () => {
    for (const strategy of ['beam', 'dvts'] as const) {
      const policy = new ScriptedPolicy({ ...PLAIN_SCRIPT, earlyEnd: 0, letters: 20 });
      const verifier = new ScriptedVerifier(64);
      const context = scriptedContext(
        { strategy, budget: 16, width: 4 },
        { policy, verifier, baseline: false },
      );
      await collect(strategyOf(strategy), context);
      expect(policy.calls).toHaveLength(4);
      expect(verifier.calls).toHaveLength(4);
      expect(policy.live.size).toBe(0);
      expect(verifier.live.size).toBe(0);
    }
  });

  test('a beam stays cached until the verifier has read on from it, not longer', async () => {
    const verifier = new ScriptedVerifier(64);
    const missing: string[] = [];
    const watched: typeof verifier = Object.assign(Object.create(verifier) as typeof verifier, {
      score: (branches: Parameters<typeof verifier.score>[0]) => {
        for (const { parent } of branches) {
          if (parent !== null && parent.parent !== null && !verifier.live.has(parent)) {
            missing.push(parent.text);
          }
        }
        return verifier.score(branches);
      },
    });
    const policy = new ScriptedPolicy({ ...PLAIN_SCRIPT, earlyEnd: 0, letters: 20 });
    const context = scriptedContext({ budget: 16 }, { policy, verifier: watched, baseline: false });
    await collect(strategyOf('beam'), context);
    expect(missing).toEqual([]);
    expect(verifier.live.size).toBe(0);
  });

  test('roll out all steps of a round in one call, at temperature 0 and at most k steps', async () => {
    const policy = new ScriptedPolicy({ ...PLAIN_SCRIPT, earlyEnd: 0, letters: 20 });
    const context = scriptedContext(
      { strategy: 'lookahead', budget: 16, lookahead: 1, width: 4 },
      { policy, baseline: false },
    );
    const view = viewAt(await collect(strategyOf('lookahead'), context), Infinity);
    const rollouts = policy.calls.filter(([request]) => request.until === 'solution');
    expect(rollouts).toHaveLength(3);
    for (const request of rollouts.flat()) {
      expect([request.temperature, request.maxSteps, request.streams.length]).toEqual([0, 1, 1]);
    }
    const ghosts = view.nodes.filter((node) => node.role === 'rollout');
    expect(ghosts).toHaveLength(rollouts.flat().length);
    for (const ghost of ghosts) {
      expect(ghost.score).toBe(view.nodes[ghost.parent].score);
      expect(ghost.candidate).toBeNull();
    }
  });

  test('the same seed gives the same log, however small the batches must be', async () => {
    await fc.assert(
      fc.asyncProperty(configs, fc.integer({ min: 1, max: 7 }), async (config, slots) => {
        const run = async (script: typeof PLAIN_SCRIPT) =>
          timeless(
            await collect(
              strategyOf(config.strategy),
              scriptedContext(config, { policy: new ScriptedPolicy(script) }),
            ),
          );
        const whole = await run(PLAIN_SCRIPT);
        const parts = await run({ ...PLAIN_SCRIPT, slots });
        const withoutCost = (events: typeof whole) =>
          events.filter(({ type }) => type !== 'ledger');
        expect(withoutCost(parts)).toEqual(withoutCost(whole));
        expect(await run(PLAIN_SCRIPT)).toEqual(whole);
      }),
    );
  });

  test('end after 40 rounds with unfinished candidates that carry no answer', async () => {
    const policy = new ScriptedPolicy({ ...PLAIN_SCRIPT, earlyEnd: 0, maxDepth: 1000 });
    const context = scriptedContext({ budget: 4, width: 2 }, { policy, baseline: false });
    const view = viewAt(await collect(strategyOf('beam'), context), Infinity);
    expect(policy.calls).toHaveLength(40);
    expect(view.candidates.map((one) => [one.finished, one.answer])).toEqual(
      view.candidates.map(() => [false, null]),
    );
    expect(view.answer?.candidate).toBeNull();
  });

  test('refuse a verifier that does not score steps, with advice', async () => {
    const context = scriptedContext({}, { verifier: new ScriptedVerifier(5, { perStep: false }) });
    const events = await collect(strategyOf('beam'), context);
    expect(events.at(-1)).toMatchObject({ reason: 'failed', error: { code: 'bad-input' } });
  });
});
