import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Sha256 } from './sha256.ts';

it('equals the digest of Node for any content in any pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (pieces) => {
      const expected = createHash('sha256');
      const own = new Sha256();
      for (const piece of pieces) {
        expected.update(piece);
        own.update(piece);
      }
      expect(own.hex()).toBe(expected.digest('hex'));
    }),
  );
});

it('pads right at every length around a block', () => {
  for (let length = 0; length <= 130; length++) {
    const bytes = new Uint8Array(length).fill(length);
    expect(new Sha256().update(bytes).hex()).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
});
