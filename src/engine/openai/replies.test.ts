import { describe, expect, it } from 'vitest';
import { completionReply, tokenLogProbs } from './replies.ts';

/** As llama.cpp writes them: ids, and top tokens whose texts no stop string has cut. */
const token = (id: number, text: string, top: [number, string][] = [[id, text]]) => ({
  id,
  token: text,
  logprob: -1,
  top_logprobs: top.map(([own, name]) => ({ id: own, token: name, logprob: -1 })),
});

function read(content: unknown) {
  const [choice] = completionReply.parse({
    choices: [{ text: 'x', logprobs: { content } }],
  }).choices;
  return tokenLogProbs(choice) ?? [];
}

describe('tokenLogProbs', () => {
  it.each<[string, object, string | null]>([
    ['a plain token', token(5, ' a'), ' a'],
    ['the end of a turn', token(2, ''), ''],
    ['part of a stop string', token(712, '', [[712, '##']]), '##'],
    ['a token that is not among the most probable', token(9, '', [[712, '##']]), null],
    ['a token without an id', { token: '', logprob: -1, top_logprobs: [] }, null],
  ])('knows the own text of %s', (_, content, whole) => {
    expect(read([content])[0].whole).toBe(whole);
  });

  it('adds up tokens that read the same', () => {
    const [{ top }] = read([
      token(2, '', [
        [2, ''],
        [0, ''],
        [5, ' a'],
      ]),
    ]);
    expect(top.get('')).toBeCloseTo(Math.log(2 * Math.exp(-1)), 12);
    expect(top.get(' a')).toBeCloseTo(-1, 12);
  });

  it('has no own text in the old form, which names no ids', () => {
    const logprobs = { tokens: [' a'], token_logprobs: [-2], top_logprobs: [{ ' a': -2 }] };
    const [choice] = completionReply.parse({ choices: [{ text: ' a', logprobs }] }).choices;
    expect(tokenLogProbs(choice)).toEqual([
      { text: ' a', logProb: -2, top: new Map([[' a', -2]]), whole: null },
    ]);
  });
});
