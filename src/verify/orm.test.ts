import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OpenModel } from '../engine/node-models.ts';
import { openTiny } from '../engine/testing/tiny-models.ts';
import { rootBranch, type Branch } from '../shared/branch.ts';
import { revisionPrompt } from '../shared/revision-prompt.ts';
import { OrmVerifier } from './orm.ts';

let opened: OpenModel;
beforeEach(async () => {
  opened = await openTiny('tiny-prm');
});
afterEach(() => opened.engine.dispose());

function answer(prompt: string, steps: readonly string[]): Branch {
  return steps.reduce(
    (parent, text, i): Branch => ({
      ...parent,
      parent,
      text,
      tokens: [],
      tokenCount: text.length + 1,
      end: i === steps.length - 1 ? 'solution' : 'step',
      depth: parent.depth + 1,
    }),
    rootBranch(prompt, [0, 0]),
  );
}

test('an answer has one score, read at its end behind the attempts before it', async () => {
  const { engine, model } = opened;
  const orm = new OrmVerifier(engine, model.tokenizer, { label: 'tiny' });
  const attempts = [['4*6=24|7 8 24', '24-8=16|7 16'], ['7+8=15|4 6 15']];
  const prompt = revisionPrompt({ problem: 'make 24: 4 6 7 8', attempts });
  const steps = ['8-6=2|2 4 7', '7-4=3|2 3'];
  const [verdict] = await orm.score([answer(prompt, steps)]);

  const text =
    'make 24: 4 6 7 8\n<attempt>4*6=24|7 8 24\n24-8=16|7 16<attempt>7+8=15|4 6 15<attempt>' +
    '8-6=2|2 4 7\n7-4=3|2 3<eos>';
  const tokens = model.tokenizer.encode(text);
  const [sequence] = await engine.prefill([tokens.slice(0, -1)]);
  const [outputs] = await engine.score([{ sequence, tokens: tokens.slice(-1) }]);
  expect(verdict.stepScores).toHaveLength(1);
  expect(verdict.stepScores[0]).toBeCloseTo(1 / (1 + Math.exp(-outputs[0])), 6);

  const [alone] = await orm.score([answer('make 24: 4 6 7 8', steps)]);
  expect(alone.stepScores[0]).not.toBeCloseTo(verdict.stepScores[0], 6);
});
