import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import type { OpenModel } from '../engine/node-models.ts';
import { openTiny } from '../engine/testing/tiny-models.ts';
import { pathOf, rootBranch, type Branch, type StepEnd } from '../shared/branch.ts';
import { withConfidence } from './confidence.ts';
import { PrmVerifier } from './prm.ts';

function child(parent: Branch, text: string, end: StepEnd = 'step'): Branch {
  return {
    parent,
    prompt: parent.prompt,
    text,
    tokens: [],
    tokenCount: text.length + 1,
    logProb: -1,
    end,
    depth: parent.depth + 1,
    stream: [0, 0],
  };
}

const root = () => rootBranch('make 24: 4 6 7 8', [0, 0]);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe('PrmVerifier', () => {
  let opened: OpenModel;
  let engine: Engine;
  let prm: PrmVerifier;
  beforeEach(async () => {
    opened = await openTiny('tiny-prm');
    engine = opened.engine;
    prm = new PrmVerifier(engine, opened.model.tokenizer, { label: 'tiny' });
  });
  afterEach(() => engine.dispose());

  /** Sigmoid of the value at the last token of a text, read by itself. */
  async function valueOf(text: string): Promise<number> {
    const tokens = opened.model.tokenizer.encode(text);
    const [sequence] = await engine.prefill([tokens.slice(0, -1)]);
    const [outputs] = await engine.score([{ sequence, tokens: tokens.slice(-1) }]);
    engine.free(sequence);
    return sigmoid(outputs[0]);
  }

  it('reads the value at every terminator and after the prompt', async () => {
    const first = child(root(), '8-6=2|2 4 7');
    const last = child(first, '7-4=3|2 3', 'solution');
    const [verdict] = await prm.score([last]);
    const prompt = 'make 24: 4 6 7 8\n';
    expect(verdict.promptScore).toBe(await valueOf(prompt));
    expect(verdict.stepScores).toEqual([
      await valueOf(`${prompt}8-6=2|2 4 7\n`),
      await valueOf(`${prompt}8-6=2|2 4 7\n7-4=3|2 3<eos>`),
    ]);
  });

  it('scores a batch with shared ancestors as each branch alone, new steps only', async () => {
    const at = root();
    const steps = ['8-6=2|2 4 7', '4*6=24|7 8 24', '7+8=15|4 6 15'].map((text) => child(at, text));
    const first = await prm.score(steps);
    const leaves = steps.flatMap((step) => [
      child(step, '7-4=3|2 3'),
      child(step, '9', 'solution'),
    ]);
    const verdicts = await prm.score(leaves);
    const fresh = new PrmVerifier(engine, opened.model.tokenizer, { label: 'fresh' });
    for (const [i, leaf] of leaves.entries()) {
      const [alone] = await fresh.score([leaf]);
      fresh.release([leaf, ...pathOf(leaf)]);
      expect(verdicts[i].stepScores).toEqual(alone.stepScores);
      expect(verdicts[i].stepScores[0]).toBe(first[Math.floor(i / 2)].stepScores[0]);
      expect(verdicts[i].usage.prefillTokens).toBe(leaf.text.length + 1);
      expect(verdicts[i].usage.flopsExecuted).toBeLessThan(verdicts[i].usage.flopsNominal);
    }
  });

  it('does not run again what it has scored, also when released', async () => {
    const step = child(root(), '8-6=2|2 4 7');
    const [verdict] = await prm.score([step]);
    const score = vi.spyOn(engine, 'score');
    expect((await prm.score([step]))[0]).toMatchObject({ stepScores: verdict.stepScores });
    expect(score).not.toHaveBeenCalled();
    prm.release([step, root()]);
    const [again] = await prm.score([step]);
    expect(again.stepScores).toEqual(verdict.stepScores);
    expect(again.usage.prefillTokens).toBe(0);
  });

  it('charges a branch that is asked for twice in a batch once', async () => {
    const step = child(root(), '8-6=2|2 4 7');
    const [one, two] = await prm.score([step, step]);
    expect(one.usage.prefillTokens).toBe('<make 24: 4 6 7 8\n8-6=2|2 4 7\n'.length);
    expect(two.usage.prefillTokens).toBe(0);
    expect(two.stepScores).toEqual(one.stepScores);
  });

  it('scores a root by its prompt alone', async () => {
    const [verdict] = await prm.score([root()]);
    expect(verdict.stepScores).toEqual([]);
    expect(verdict.promptScore).toBe(await valueOf('make 24: 4 6 7 8\n'));
  });

  it('gives 0 to a step without an end', async () => {
    const cut = child(child(root(), '8-6=2|2 4 7'), '7-4', 'length');
    const [verdict] = await prm.score([cut]);
    expect(verdict.stepScores[0]).toBeGreaterThan(0);
    expect(verdict.stepScores[1]).toBe(0);
  });

  it('splits its batch where the slots do not suffice', async () => {
    const at = root();
    const texts = ['8-6=2|2 4 7', '4*6=24|7 8 24', '7+8=15|4 6 15', '6+4=10|7 8 10'];
    const steps = texts.map((text) => child(at, text));
    const expected = await prm.score(steps);
    const small = await openTiny('tiny-prm', { slots: 50 });
    const tight = new PrmVerifier(small.engine, small.model.tokenizer, { label: 'tight' });
    const got = await tight.score(steps);
    expect(got.map(({ stepScores }) => stepScores)).toEqual(
      expected.map(({ stepScores }) => stepScores),
    );
    tight.release([at, ...steps]);
    expect(small.engine.pool.slotsUsed).toBe(0);
    await small.engine.dispose();
  });

  it('frees everything on release, and at once for finished solutions', async () => {
    const at = root();
    const done = child(at, '8-6=2|2', 'solution');
    await prm.score([done]);
    prm.release([at]);
    expect(engine.pool).toMatchObject({ slotsUsed: 0, sequences: 0 });
  });

  it('joins its values with what the policy said, where the config says how', async () => {
    const confidence = { scale: 0.5, step: 1, solution: 2, bias: 0.25 };
    const joined = new PrmVerifier(
      Object.create(engine, { config: { value: { ...engine.config, confidence } } }) as Engine,
      opened.model.tokenizer,
      { label: 'tiny' },
    );
    expect(joined.capabilities.label).toContain('confidence');
    expect(prm.capabilities.label).toBe('tiny');
    const said = (text: string, from: Branch, logProbs: number[]): Branch => ({
      ...child(from, text),
      tokens: logProbs.map(() => 9),
      logProbs,
    });
    const first = said('1+1=2|2', root(), [0, 0, 0, 0, -3, 0, 0, 0]);
    const second = said('2', first, [-1, 0]);
    const [alone, together] = [await prm.score([second]), await joined.score([second])];
    expect(together[0].stepScores).toEqual(withConfidence(second, alone[0].stepScores, confidence));
    expect(together[0].stepScores).not.toEqual(alone[0].stepScores);
    expect(together[0].promptScore).toBe(alone[0].promptScore);
  });

  it('refuses a model without a value head', async () => {
    const policy = await openTiny('tiny-llama');
    expect(() => new PrmVerifier(policy.engine, policy.model.tokenizer, { label: 'x' })).toThrow(
      expect.objectContaining({ code: 'model-unsupported' }),
    );
    await policy.engine.dispose();
  });
});
