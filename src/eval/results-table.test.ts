import { expect, test } from 'vitest';
import { EMPTY_LEDGER } from '../shared/ledger.ts';
import { pointsOf } from './points.ts';
import { pointsCsv, readSweepDocument, resultsCsv } from './results-table.ts';
import type { SweepResult } from './sweep-result.ts';

const result: SweepResult = {
  id: 'a,"b"',
  strategy: 'best-of-n:majority',
  budget: 4,
  seed: 1,
  answer: '=1+1',
  correct: null,
  ledger: { ...EMPTY_LEDGER, generations: 4, elapsedMs: 1.5 },
};

test('results become one row each, safely quoted, with the whole ledger', () => {
  const [header, row] = resultsCsv([result]).split('\r\n');
  expect(header).toBe(
    'id,strategy,budget,seed,answer,correct,generations,policyTokens,prefillTokens,verifierTokens,flopsExecuted,flopsNominal,elapsedMs,cachedTokens,cost',
  );
  expect(row).toBe(`"a,""b""",best-of-n:majority,4,1,'=1+1,,4,0,0,0,0,0,1.5,,`);
});

test('points have as many cells as the header, unknown accuracy left empty', () => {
  const [header, row] = pointsCsv(pointsOf([result])).split('\r\n');
  expect(row.split(',')).toHaveLength(header.split(',').length);
  expect(row).toContain('best-of-n:majority,4,1,1,,,');
});

test('what was written is read back; anything else is refused with a reason', () => {
  const document = { problems: [{ id: 'a', prompt: 'p' }], points: [], results: [result] };
  expect(readSweepDocument(JSON.stringify(document)).results).toEqual([result]);
  for (const text of ['', '{', '[]', '{"results":[{"id":3}],"problems":[]}']) {
    expect(() => readSweepDocument(text)).toThrow(/no results of a sweep/);
  }
});
