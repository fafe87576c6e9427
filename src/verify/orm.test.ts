import { afterEach, beforeEach, expect, test } from 'vitest';
import { EnginePolicy } from '../engine/engine-policy.ts';
import type { OpenModel } from '../engine/node-models.ts';
import { openTiny } from '../engine/testing/tiny-models.ts';
import { rootBranch, type Branch } from '../shared/branch.ts';
import { revisionPrompt } from '../shared/revision-prompt.ts';
import { OrmVerifier, revisionTokens } from './orm.ts';

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

test('the reviser writes behind exactly the tokens of FORMAT.md, and the ORM reads the same', async () => {
  const tiny = await openTiny('tiny-llama');
  try {
    const { engine, model } = tiny;
    const { tokenizer } = model;
    const read: number[][] = [];
    const watched = new Proxy(engine, {
      get(target, name) {
        if (name === 'prefill') {
          return (prompts: number[][], ...rest: []) => {
            read.push(...prompts);
            return target.prefill(prompts, ...rest);
          };
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const reviser = new EnginePolicy(watched, tokenizer, {
      label: 'tiny',
      promptTokens: (text) => revisionTokens(tokenizer, text),
      trainedLength: 60,
    });
    const attempts = [['1+2=4|4'], ['1+2=3|3']];
    const prompt = revisionPrompt({ problem: 'compute 1+2', attempts });
    const root = rootBranch(prompt, [1, 2]);
    await reviser.extend([
      { branch: root, streams: [[1, 2]], temperature: 1, until: 'solution', maxTokens: 8 },
    ]);
    const [bos, mark, line] = ['<bos>', '<attempt>', '\n'].map((text) => tokenizer.requireId(text));
    const plain = (text: string) => tokenizer.encodeBare(text);
    const expected = [
      bos,
      ...plain('compute 1+2'),
      line,
      mark,
      ...plain('1+2=4|4'),
      mark,
      ...plain('1+2=3|3'),
      mark,
    ];
    expect([bos, mark, line]).toEqual([1, 4, 8]);
    expect(read).toEqual([expected]);
    expect(revisionTokens(tokenizer, prompt)).toEqual(expected);
    // 30 tokens are read; 29 more and the end fit into 60.
    expect(expected).toHaveLength(30);
    const { fits } = reviser.capabilities;
    expect(fits?.(prompt, 'x'.repeat(29))).toBe(true);
    expect(fits?.(prompt, 'x'.repeat(30))).toBe(false);
  } finally {
    await tiny.engine.dispose();
  }
});
