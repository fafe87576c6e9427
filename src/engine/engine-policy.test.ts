import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pathOf, rootBranch, type Branch } from '../shared/branch.ts';
import type { ExtendRequest } from '../shared/policy.ts';
import { childStream, type Stream } from '../shared/random.ts';
import { EnginePolicy } from './engine-policy.ts';
import type { Engine } from './engine.ts';
import { flopsOfRange } from './flops.ts';
import type { OpenModel } from './node-models.ts';
import { openTiny } from './testing/tiny-models.ts';

const streams = (count: number): Stream[] =>
  Array.from({ length: count }, (_, i) => childStream([7, 8], i));
const rootOf = (prompt = 'make 24: 4 6 7 8') => rootBranch(prompt, [7, 8]);

function request(branch: Branch, more: Partial<ExtendRequest> = {}): ExtendRequest {
  return { branch, streams: streams(6), temperature: 1, until: 'solution', maxTokens: 60, ...more };
}

const plain = (leaf: Branch) =>
  pathOf(leaf).map(({ text, tokens, end, logProb }) => ({ text, tokens, end, logProb }));

describe('EnginePolicy', () => {
  let opened: OpenModel;
  let engine: Engine;
  let policy: EnginePolicy;
  beforeEach(async () => {
    opened = await openTiny('tiny-llama');
    engine = opened.engine;
    policy = new EnginePolicy(engine, opened.model.tokenizer, { label: 'tiny' });
  });
  afterEach(() => engine.dispose());

  it('writes step by step what it writes in one go', async () => {
    const [whole] = await policy.extend([request(rootOf(), { maxTokens: 300 })]);
    for (const [i, leaf] of whole.leaves.entries()) {
      const path = pathOf(leaf);
      let at: Branch = rootOf();
      for (const step of path) {
        const [one] = await policy.extend([
          request(at, { streams: [streams(6)[i]], until: 'step', maxTokens: step.tokenCount }),
        ]);
        const [next] = one.leaves;
        expect(next.tokens).toEqual(step.tokens);
        expect(next.text).toBe(step.text);
        expect(next.logProb).toBeCloseTo(step.logProb, 9);
        if (next.end !== 'step') break;
        at = next;
      }
    }
    // The random model ends lines and texts often enough for this to mean something.
    expect(Math.max(...whole.leaves.map((leaf) => leaf.depth))).toBeGreaterThan(1);
  });

  it('keeps tokens and text of a step in agreement', async () => {
    const [{ leaves }] = await policy.extend([request(rootOf())]);
    for (const step of leaves.flatMap(pathOf)) {
      const { tokenizer } = opened.model;
      const terminator = { step: '\n', solution: '<eos>', length: '', repetition: '' }[step.end];
      expect(tokenizer.spell(step.tokens)).toBe(step.text + terminator);
      expect(step.tokenCount).toBe(step.tokens.length);
      expect(step.prompt).toBe('make 24: 4 6 7 8');
    }
  });

  it('stops after maxSteps steps', async () => {
    const more = { maxTokens: 400, maxSteps: 2, streams: streams(12) };
    const [{ leaves }] = await policy.extend([request(rootOf(), more)]);
    for (const leaf of leaves) expect(leaf.depth).toBeLessThanOrEqual(2);
    expect(leaves.some((leaf) => leaf.depth === 2 && leaf.end === 'step')).toBe(true);
  });

  it('reads a released prefix again, writes the same, and charges for it', async () => {
    const root = rootOf();
    const step = { until: 'step', maxTokens: 300 } as const;
    const [first] = await policy.extend([request(root, step)]);
    const open = first.leaves.find((leaf) => leaf.end === 'step');
    expect(open).toBeDefined();
    if (!open) return;
    const [kept] = await policy.extend([request(open, step)]);
    policy.release([root, ...first.leaves, ...kept.leaves]);
    expect(engine.pool.slotsUsed).toBe(0);
    const [again] = await policy.extend([request(open, step)]);
    expect(again.leaves.map(plain)).toEqual(kept.leaves.map(plain));
    const prompt = opened.model.tokenizer.encode(`${root.prompt}\n`).length;
    expect(kept.usage.prefillTokens).toBe(0);
    expect(again.usage.prefillTokens).toBe(prompt + open.tokenCount);
  });

  it('charges a shared prefix once in what was run, and to each sample in nominal terms', async () => {
    const root = rootOf();
    const [{ leaves, usage }] = await policy.extend([request(root, { maxTokens: 5 })]);
    const length = opened.model.tokenizer.encode(`${root.prompt}\n`).length;
    const counts = leaves.map((leaf) => pathOf(leaf).reduce((sum, s) => sum + s.tokenCount, 0));
    expect(usage.prefillTokens).toBe(length);
    expect(usage.sampledTokens).toBe(counts.reduce((a, b) => a + b));
    let executed = flopsOfRange(engine.config, 0, length);
    let nominal = 0;
    for (const count of counts) {
      executed += flopsOfRange(engine.config, length, length + count - 1);
      nominal += flopsOfRange(engine.config, 0, length + count - 1);
    }
    expect(usage.flopsExecuted).toBe(executed);
    expect(usage.flopsNominal).toBe(nominal);
    const [next] = await policy.extend([request(root, { maxTokens: 5 })]);
    expect(next.usage.flopsExecuted).toBe(executed - flopsOfRange(engine.config, 0, length - 1));
  });

  it('keeps nothing for finished branches', async () => {
    const root = rootOf();
    await policy.extend([request(root)]);
    policy.release([root]);
    expect(engine.pool).toMatchObject({ slotsUsed: 0, sequences: 0 });
  });

  it('splits its batch where the slots do not suffice, with the same result', async () => {
    const [expected] = await policy.extend([request(rootOf())]);
    const small = await openTiny('tiny-llama', { slots: 90 });
    const step = vi.spyOn(small.engine, 'step');
    const tight = new EnginePolicy(small.engine, small.model.tokenizer, { label: 'tight' });
    const root = rootOf();
    const [got] = await tight.extend([request(root)]);
    expect(got.leaves.map(plain)).toEqual(expected.leaves.map(plain));
    expect(step.mock.calls.length).toBeGreaterThan(6);
    tight.release([root]);
    expect(small.engine.pool.slotsUsed).toBe(0);
    await small.engine.dispose();
  });

  it('lets go of other prefixes before it gives up', async () => {
    const small = await openTiny('tiny-llama', { slots: 100 });
    const tight = new EnginePolicy(small.engine, small.model.tokenizer, { label: 'tight' });
    for (const prompt of ['make 24: 4 6 7 8', 'make 30: 1 2 3 4', 'make 10: 1 1 2 3']) {
      await tight.extend([request(rootOf(prompt), { streams: streams(1), maxTokens: 50 })]);
    }
    await expect(
      tight.extend([request(rootOf(), { streams: streams(1), maxTokens: 90 })]),
    ).rejects.toMatchObject({ code: 'out-of-slots' });
    expect(small.engine.pool.slotsUsed).toBe(0);
    await small.engine.dispose();
  });

  it('leaves nothing behind when it is stopped', async () => {
    const stop = new AbortController();
    const running = policy.extend([request(rootOf(), { maxTokens: 400 })], stop.signal);
    const caught = expect(running).rejects.toMatchObject({ code: 'aborted' });
    while (engine.pool.sequences < 6) await Promise.resolve();
    stop.abort();
    await caught;
    expect(engine.pool).toMatchObject({ slotsUsed: 0, sequences: 0 });
  });

  it('gives calls that overlap one pass and the results they would have had alone', async () => {
    const prompts = ['make 24: 4 6 7 8', 'compute 1+2', 'solve x+1=3'];
    const alone = [];
    for (const prompt of prompts) alone.push(await policy.extend([request(rootOf(prompt))]));
    const step = vi.spyOn(engine, 'step');
    const together = await Promise.all(
      prompts.map((prompt) => policy.extend([request(rootOf(prompt))])),
    );
    expect(step).toHaveBeenCalledTimes(1);
    const leavesOf = (extensions: typeof together) =>
      extensions.map(([extension]) => extension.leaves.map(plain));
    expect(leavesOf(together)).toEqual(leavesOf(alone));
  });

  it('ends a branch that fills the positions of the model, and goes on beside it', async () => {
    const limit = engine.config.maxPositions;
    const prompt = '1'.repeat(limit - 4);
    const root = rootOf(prompt);
    const full: Branch = { ...root, parent: root, tokens: [26, 8], tokenCount: 2, depth: 1 };
    const [end, other] = await policy.extend([request(full), request(rootOf())]);
    expect(end.leaves.map((leaf) => [leaf.end, leaf.tokenCount, leaf.depth])).toEqual(
      Array.from({ length: 6 }, () => ['length', 0, 2]),
    );
    expect(end.usage).toMatchObject({ sampledTokens: 0, flopsNominal: 0 });
    expect(other.usage.sampledTokens).toBeGreaterThan(6);
    await expect(policy.extend([request(rootOf(`${prompt}111`))])).rejects.toMatchObject({
      code: 'bad-input',
    });
  });

  it('takes argmax at temperature 0', async () => {
    const [{ leaves }] = await policy.extend([request(rootOf(), { temperature: 0 })]);
    const [first, ...others] = leaves.map(plain);
    for (const other of others) expect(other).toEqual(first);
  });
});
