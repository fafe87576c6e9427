/** The shipped PRM with the shipped policy's log-probabilities against Python (`training golden prm`). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { openNodeModel } from '../engine/node-models.ts';
import { logSumExp } from '../engine/reference/sampling.ts';
import { rootBranch, type Branch } from '../shared/branch.ts';
import { PrmVerifier } from './prm.ts';

const pathOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

interface GoldenCase {
  readonly text: string;
  /** After each step that ends with a line feed. */
  readonly scores?: readonly number[];
}

const { cases } = JSON.parse(readFileSync(pathOf('test/fixtures/golden/prm.json'), 'utf8')) as {
  cases: GoldenCase[];
};

it('scores steps as Python does from both models’ outputs', async () => {
  const prm = await openNodeModel(pathOf('public/models/prm'), { slots: 1024 });
  const { model, engine } = await openNodeModel(pathOf('public/models/policy'), { slots: 1024 });
  expect(prm.model.config.confidence).toBeDefined();
  const verifier = new PrmVerifier(prm.engine, prm.model.tokenizer, { label: 'prm' });

  /** As the policy would have written them: with the log-probability of every token. */
  async function branchOf(text: string): Promise<Branch> {
    const [prompt, ...lines] = text.split('\n').slice(0, -1);
    const before = model.tokenizer.encode(`${prompt}\n`);
    const [sequence] = await engine.prefill([before.slice(0, -1)]);
    let next = (await engine.score([{ sequence, tokens: before.slice(-1) }]))[0];
    let branch = rootBranch(prompt, [0, 0]);
    for (const line of lines) {
      const tokens = model.tokenizer.encodeBare(`${line}\n`);
      const [outputs] = await engine.score([{ sequence, tokens }]);
      const rows = [...next, ...outputs];
      const width = model.config.vocab;
      const logProbs = tokens.map((token, i) => {
        const logits = rows.slice(i * width, (i + 1) * width);
        return logits[token] - logSumExp(logits);
      });
      next = outputs.slice(-width);
      const depth = branch.depth + 1;
      branch = { ...branch, parent: branch, text: line, tokens, logProbs, depth };
    }
    engine.free(sequence);
    return branch;
  }

  const scored = cases.filter(({ scores }) => scores !== undefined);
  expect(scored.length).toBeGreaterThanOrEqual(6);
  onTestFinished(async () => {
    await Promise.all([engine.dispose(), prm.engine.dispose()]);
  });
  for (const { text, scores = [] } of scored) {
    const [{ stepScores }] = await verifier.score([await branchOf(text)]);
    expect(stepScores).toHaveLength(scores.length);
    stepScores.forEach((score, i) => expect(score).toBeCloseTo(scores[i], 4));
  }
});
