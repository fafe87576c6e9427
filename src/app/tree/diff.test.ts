import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffText } from './diff.ts';

const text = fc.string({ maxLength: 30, unit: fc.constantFrom('1', '2', '+', '=', '|', ' ') });

describe('diffText', () => {
  it('spells both texts', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const parts = diffText(before, after);
        const spell = (skip: string) =>
          parts.map((part) => (part.kind === skip ? '' : part.text)).join('');
        expect(spell('added')).toBe(before);
        expect(spell('removed')).toBe(after);
      }),
    );
  });

  it('changes as few characters as possible', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const edits = diffText(before, after)
          .filter((part) => part.kind !== 'same')
          .reduce((sum, part) => sum + part.text.length, 0);
        expect(edits).toBe(before.length + after.length - 2 * commonLength(before, after));
      }),
    );
  });

  it('joins neighbours of one kind', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const parts = diffText(before, after);
        parts.forEach((part, i) => {
          expect(part.text).not.toBe('');
          if (i > 0) expect(part.kind).not.toBe(parts[i - 1].kind);
        });
      }),
    );
  });

  it('marks a corrected digit', () => {
    expect(diffText('4*6=25|25', '4*6=24|24').filter((part) => part.kind === 'added')).toEqual([
      { kind: 'added', text: '4' },
      { kind: 'added', text: '4' },
    ]);
  });

  it('replaces texts that have nothing in common, however long', () => {
    const parts = diffText('a'.repeat(5000), 'b'.repeat(5000));
    expect(parts.map((part) => part.kind)).toEqual(['removed', 'added']);
  });
});

/** Length of the longest common subsequence, by the textbook table. */
function commonLength(a: string, b: string): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const left of a) {
    const next = [0];
    for (let j = 0; j < b.length; j++) {
      next.push(left === b[j] ? row[j] + 1 : Math.max(row[j + 1], next[j]));
    }
    row = next;
  }
  return row[b.length];
}
