import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../shared/sha256.ts';
import { splitOf } from './split.ts';

describe('sha256', () => {
  it('gives the published digests', () => {
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('agrees with Node on any text, block borders included', () => {
    const node = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
    for (let length = 50; length < 70; length++) {
      expect(sha256('x'.repeat(length))).toBe(node('x'.repeat(length)));
    }
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(sha256(text)).toBe(node(text));
      }),
    );
  });
});

describe('splitOf', () => {
  it('does not depend on the order of countdown numbers', () => {
    const splits = ['4 6 7 8', '8 7 6 4', '6 8 4 7'].map((list) => splitOf(`make 24: ${list}`));
    expect(new Set(splits).size).toBe(1);
    expect(splitOf('make 453: 100 9 10 75')).toBe(splitOf('make 453: 9 10 75 100'));
  });

  it('has the shares of the format', () => {
    const counts = { test: 0, validation: 0, label: 0, train: 0 };
    for (let i = 0; i < 5000; i++) counts[splitOf(`compute ${i}+1`)]++;
    expect(counts.test / 5000).toBeCloseTo(0.04, 1);
    expect(counts.validation / 5000).toBeCloseTo(0.02, 1);
    expect(counts.label / 5000).toBeCloseTo(0.14, 1);
    expect(counts.train / 5000).toBeCloseTo(0.8, 1);
  });
});
