import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../shared/errors.ts';
import { toCsv } from './csv.ts';
import { readRunFile, writeRunFile } from './run-file.ts';
import { SAMPLE_LOG } from './testing/sample-log.ts';

/** Reads, or returns the AppError; any other throw fails the test. */
function tryRead(text: string): unknown {
  try {
    return readRunFile(text);
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
}

describe('run files', () => {
  it('come back unchanged', () => {
    expect(readRunFile(writeRunFile(SAMPLE_LOG))).toEqual(SAMPLE_LOG);
  });

  it('are refused with a reason, never with another exception', () => {
    const arbitraryText = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(arbitraryText, (text) => {
        expect(tryRead(text)).toMatchObject({ code: 'bad-input' });
      }),
      { numRuns: 300 },
    );
  });

  it('survive any single damaged character', () => {
    const whole = writeRunFile(SAMPLE_LOG);
    const damage = fc.tuple(fc.nat(whole.length - 1), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(damage, ([at, insert]) => {
        tryRead(whole.slice(0, at) + insert + whole.slice(at + 1));
      }),
      { numRuns: 500 },
    );
  });

  it('survive removed, repeated and reordered events', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(SAMPLE_LOG.events), (events) => {
        tryRead(JSON.stringify({ ...SAMPLE_LOG, events }));
      }),
      { numRuns: 300 },
    );
  });

  it('name what is wrong', () => {
    const other = JSON.stringify({ ...SAMPLE_LOG, version: 9 });
    expect(tryRead(other)).toMatchObject({ message: expect.stringContaining('version 9') });
    const cut = writeRunFile(SAMPLE_LOG).slice(0, 500);
    expect(tryRead(cut)).toMatchObject({ message: expect.stringContaining('cut off') });
    const orphan = JSON.stringify({
      ...SAMPLE_LOG,
      events: SAMPLE_LOG.events.filter((event) => event.type !== 'node' || event.id !== 2),
    });
    expect(tryRead(orphan)).toMatchObject({ message: expect.stringContaining('contradict') });
  });
});

describe('CSV', () => {
  it('quotes separators and defuses formulas, but leaves negative numbers alone', () => {
    expect(toCsv(['a', 'b'], [['x,"y"', -1.5]])).toBe('a,b\r\n"x,""y""",-1.5\r\n');
    expect(toCsv(['a'], [['=1+1'], ['-5'], [null]])).toBe("a\r\n'=1+1\r\n-5\r\n\r\n");
  });
});
