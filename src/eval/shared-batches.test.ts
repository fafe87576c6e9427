/** Whole searches on the real engine: what shares a batch must not change a run. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EnginePolicy } from '../engine/engine-policy.ts';
import type { OpenModel } from '../engine/node-models.ts';
import { openTiny } from '../engine/testing/tiny-models.ts';
import { Batcher } from '../search/batcher.ts';
import { strategyOf } from '../search/strategies.ts';
import { collect, scriptedContext, timeless } from '../search/testing/scripted-context.ts';
import type { RunConfig } from '../shared/run-config.ts';
import type { RunEvent } from '../shared/run-events.ts';
import { viewAt } from '../shared/run-view.ts';
import { PrmVerifier } from '../verify/prm.ts';

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

// The tiny models write noise without end; the limits keep it short.
const limits = { step: 12, solution: 40 };

function models() {
  return {
    policy: new EnginePolicy(policyModel.engine, policyModel.model.tokenizer, { label: 'p' }),
    verifier: new PrmVerifier(verifierModel.engine, verifierModel.model.tokenizer, { label: 'v' }),
  };
}

const grade = (steps: readonly string[]) => {
  const answer = steps.at(-1)?.slice(0, 1) ?? null;
  return { answer, answerText: answer, correct: null, finished: true };
};

const configs: Partial<RunConfig>[] = [
  { strategy: 'beam', budget: 8, seed: 1 },
  { strategy: 'best-of-n', budget: 5, seed: 2 },
  { strategy: 'dvts', budget: 6, width: 2, seed: 1 },
  { strategy: 'lookahead', budget: 8, lookahead: 1, seed: 3 },
  { strategy: 'beam', budget: 8, seed: 4 },
];

/** Scores in their sixth digit may depend on how rows were tiled; nothing else may. */
function rounded(events: readonly RunEvent[]): unknown {
  return JSON.parse(
    JSON.stringify(timeless(events), (_, value: unknown) =>
      typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value,
    ),
  );
}

test('runs that share batches have the logs they have alone, and free all slots', async () => {
  const batcher = new Batcher(() => 0);
  const shared = models();
  const together = await Promise.all(
    configs
      .map((config) => ({ config, lane: batcher.openLane() }))
      .map(async ({ config, lane }) => {
        const parts = {
          policy: lane.policy(shared.policy),
          verifier: lane.verifier(shared.verifier),
        };
        const context = scriptedContext(config, { ...parts, limits, grade });
        const events = await collect(strategyOf(context.config.strategy), context);
        lane.close();
        return events;
      }),
  );
  for (const [i, config] of configs.entries()) {
    const context = scriptedContext(config, { ...models(), limits, grade });
    const alone = await collect(strategyOf(context.config.strategy), context);
    expect(viewAt(alone, Infinity).status).toBe('done');
    expect(rounded(together[i])).toEqual(rounded(alone));
  }
  expect(policyModel.engine.pool.slotsUsed).toBe(0);
  expect(verifierModel.engine.pool.slotsUsed).toBe(0);
});
