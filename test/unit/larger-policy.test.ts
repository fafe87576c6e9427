/** The larger policy from a file of `eval` to its star in every difficulty bin of the page. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { analysisOf } from '../../src/app/lab/analysis.ts';
import { matchedBins, verdictOf } from '../../src/app/lab/matched.ts';
import { runCommand } from '../../src/cli/commands.ts';
import { readCurves } from '../../src/eval/curves-file.ts';
import { EMPTY_LEDGER } from '../../src/shared/ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'overthink-larger-'));
const file = (name: string) => join(folder, `${name}.json`);
const problems = Array.from({ length: 100 }, (_, i) => ({ id: `p${i}`, prompt: `compute ${i}+1` }));

interface Made {
  strategy: string;
  budgets: number[];
  seed: number;
  right: (problem: number) => boolean;
}

/** What `eval` writes, without a model: problem i is the easier the larger i is. */
function write(name: string, policy: string, parameters: number, made: Made[]): void {
  const results = made.flatMap(({ strategy, budgets, seed, right }) =>
    budgets.flatMap((budget) =>
      problems.map(({ id }, i) => ({
        ...{ id, strategy, budget, seed, answer: '1', correct: right(i) },
        ledger: { ...EMPTY_LEDGER, generations: budget },
        details: { samples: budget, correctSamples: null, meanScore: i / 100, flags: [] },
      })),
    ),
  );
  const document = {
    setup: { policy, models: { policy } },
    measured: { parameters: { policy: parameters } },
    ...{ problems, points: [], results },
  };
  writeFileSync(file(name), JSON.stringify(document));
}

async function curves(...more: string[]): Promise<number> {
  const quiet = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const args = ['curves', '--results', file('small'), '--out', file('measured'), ...more];
  const status = await runCommand(args, new AbortController().signal);
  quiet.mockRestore();
  return status;
}

const read = () => readCurves(JSON.parse(readFileSync(file('measured'), 'utf8')));

beforeAll(() => {
  const half = (i: number) => i >= 50;
  write('small', 'policy', 1_000_000, [
    { strategy: 'best-of-n', budgets: [4, 16, 64], seed: 1, right: half },
    { strategy: 'greedy', budgets: [4, 16, 64], seed: 1, right: half },
  ]);
  // Right on the hardest fifth, where the small policy never is, and on half of the easiest.
  write('large', 'policy-large', 4_200_000, [
    { strategy: 'greedy', budgets: [1], seed: 1, right: (i) => i < 20 || (i >= 80 && i % 2 === 0) },
    { strategy: 'best-of-n', budgets: [1], seed: 1, right: () => true },
  ]);
});

test('its greedy answers are a star in every bin, at its own size', async () => {
  expect(await curves('--larger', file('large'))).toBe(0);
  const shipped = read();
  expect(shipped.larger).toMatchObject({ label: 'policy-large', modelRatio: 4.2 });
  const [own] = analysisOf(shipped).difficulty;
  const exchange = { modelRatio: 4.2, tokenRatio: 0.79, version: 'v1' } as const;
  const rows = matchedBins(own, exchange, shipped.larger?.results ?? []);
  expect(rows.map(({ larger }) => larger?.value)).toEqual([0.5, 0, 0, 0, 1]);
  // 4.2 + 3 · 3.2 / 0.79 = 16.35 generations: the budget of 16 is paid for, that of 64 is not.
  expect(rows.map(({ small }) => small?.point.budget)).toEqual([16, 16, 16, 16, 16]);
  expect(rows[4].larger?.ledger.generations).toBeCloseTo(16.35, 2);
  expect([rows[0], rows[4]].map(verdictOf)).toEqual(['thinking longer', 'the larger model']);
});

test('where it was not measured there is no star, and nobody is ahead', async () => {
  expect(await curves()).toBe(0);
  const shipped = read();
  expect(shipped.larger).toBeNull();
  const [own] = analysisOf(shipped).difficulty;
  const rows = matchedBins(own, { modelRatio: 14, tokenRatio: 0.16, version: 'v1' }, []);
  expect(rows.map(({ larger }) => larger)).toEqual([null, null, null, null, null]);
  expect(new Set(rows.map(verdictOf))).toEqual(new Set(['–']));
});

test('a file without greedy answers is refused', async () => {
  write('no-greedy', 'policy-large', 4_200_000, [
    { strategy: 'best-of-n', budgets: [1], seed: 1, right: () => true },
  ]);
  expect(await curves('--larger', file('no-greedy'))).toBe(2);
});
