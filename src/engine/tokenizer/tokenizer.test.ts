import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Tokenizer } from './tokenizer.ts';

const fixtures = new URL('../../../test/fixtures/', import.meta.url);
const readJson = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(path, fixtures), 'utf8'));
const file = readJson('tiny-llama/tokenizer.json') as Record<string, object>;
const tokenizer = Tokenizer.fromJson(file);

interface Golden {
  readonly cases: readonly { readonly text: string; readonly tokens: readonly number[] }[];
}

describe('Tokenizer', () => {
  it('equals Python tokenizers on the golden texts', () => {
    const golden = readJson('golden/tiny-llama.json') as Golden;
    expect(golden.cases.length).toBeGreaterThanOrEqual(10);
    for (const { text, tokens } of golden.cases) expect(tokenizer.encode(text)).toEqual(tokens);
  });

  it('puts <bos> in front in encode only', () => {
    expect(tokenizer.encode('7*8')).toEqual([1, 32, 19, 33]);
    expect(tokenizer.encodeBare('7*8')).toEqual([32, 19, 33]);
  });

  it('gives one <unk> to each character outside the vocabulary, surrogate pairs included', () => {
    expect(tokenizer.encodeBare('1\u{1F600}É2')).toEqual([26, 3, 3, 27]);
  });

  it('recognises special tokens in the text, and only whole ones', () => {
    expect(tokenizer.encodeBare('a<attempt>b')).toEqual([48, 4, 49]);
    expect(tokenizer.encodeBare('<eo')).toEqual([37, 52, 62]);
  });

  it('reads back what it wrote', () => {
    const alphabet = [...'\n 0123456789+-*/=|:()abcxyz<>'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...alphabet)), (characters) => {
        const text = characters.join('');
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });

  it('spells special tokens out where decode drops them', () => {
    expect(tokenizer.decode([1, 26, 2])).toBe('1');
    expect(tokenizer.spell([1, 26, 2])).toBe('<bos>1<eos>');
    expect(tokenizer.encodeBare(tokenizer.spell([1, 26, 4, 2]))).toEqual([1, 26, 4, 2]);
  });

  it('finds tokens by name and refuses a vocabulary that lacks one', () => {
    expect(tokenizer.requireId('<eos>')).toBe(2);
    expect(tokenizer.requireId('\n')).toBe(8);
    expect(tokenizer.idOf('word')).toBeUndefined();
    expect(() => tokenizer.requireId('word')).toThrow(
      expect.objectContaining({ code: 'model-unsupported' }),
    );
  });

  it.each([
    ['merges', { ...file, model: { ...file.model, merges: ['a b'] } }],
    ['a normalizer', { ...file, normalizer: { type: 'NFC' } }],
    ['a pre-tokenizer', { ...file, pre_tokenizer: { type: 'ByteLevel' } }],
    ['another model', { ...file, model: { ...file.model, type: 'Unigram' } }],
    ['no vocabulary', { ...file, model: { type: 'BPE', merges: [] } }],
    ['nothing', null],
  ])('refuses a file with %s', (_, json) => {
    expect(() => Tokenizer.fromJson(json)).toThrow(
      expect.objectContaining({ code: 'model-unsupported' }),
    );
  });
});
