/** The Lab: a sweep is measured, stopped, resumed after a reload; files in and out; access. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { axeViolations, dropFile, numberIn, whenReady, type E2eTest } from './harness.ts';

/** A sweep takes as long as the machine is busy with other things. */
const SWEEP_MS = 240_000;

const tests: E2eTest[] = [
  {
    name: 'the Lab: a sweep stopped, then killed, and resumed after a reload ends like an unbroken one',
    async run({ visit }) {
      const broken = await visit({ hash: '/lab' });
      const { page } = broken;
      await whenReady(page);
      await chooseSweep(page, 1);
      const status = page.getByRole('status', { name: 'Sweep' });
      await page.getByText(/= 96 results.*64 searches.*with 1 worker/).waitFor();
      await page.getByRole('button', { name: 'Start' }).click();
      const bar = page.getByRole('progressbar', { name: 'Measured results' });
      await page.waitForFunction(
        () => (document.querySelector<HTMLProgressElement>('.lab-progress')?.value ?? 0) > 0,
        undefined,
        { timeout: SWEEP_MS },
      );
      assert.equal(await bar.getAttribute('max'), '96');
      await page.keyboard.press('Escape');
      await status.filter({ hasText: 'Stopped' }).waitFor();
      const kept = numberIn(await status.textContent(), /Stopped: (\d+) of 96/);
      assert.ok(kept > 0 && kept < 96, `${kept} are kept`);

      // Not stopped this time but killed, page, workers and all, with runs under way.
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.waitForFunction(
        (before) =>
          (document.querySelector<HTMLProgressElement>('.lab-progress')?.value ?? 0) > before,
        kept,
        { timeout: SWEEP_MS },
      );
      await page.reload();
      await whenReady(page);
      await status.filter({ hasText: /Stopped: \d+ of 96/ }).waitFor();
      const survived = numberIn(await status.textContent(), /Stopped: (\d+) of 96/);
      assert.ok(survived >= kept && survived < 96, `${survived} survive`);
      await page.getByRole('button', { name: 'Resume' }).click();
      await status.filter({ hasText: 'Complete: all 96' }).waitFor({ timeout: SWEEP_MS });

      const whole = await visit({ hash: '/lab' });
      await whenReady(whole.page);
      // Two workers where there are two cores: their number must not matter either.
      await chooseSweep(whole.page, 2);
      await whole.page.getByRole('button', { name: 'Start' }).click();
      await whole.page
        .getByRole('status', { name: 'Sweep' })
        .filter({ hasText: 'Complete: all 96' })
        .waitFor({ timeout: SWEEP_MS });
      assert.deepEqual(await exportedResults(page), await exportedResults(whole.page));
    },
  },
  {
    name: 'the Lab: results are opened, read by every section, and nothing is against axe',
    async run({ visit }) {
      for (const look of [
        { width: 1440, height: 900, dark: false },
        { width: 360, height: 740, dark: true },
      ]) {
        const { page } = await visit({ ...look, hash: '/lab' });
        await page.getByRole('heading', { name: 'Measure' }).waitFor();
        assert.deepEqual(await axeViolations(page), [], `empty, ${look.width} px`);
        await dropFile(page, 'sweep.json', JSON.stringify(inventedSweep()));
        await page.getByText(/160 results on 20 problems/).waitFor();
        await page.getByRole('heading', { name: 'Compute-optimal choice' }).waitFor();
        const figure = page.getByRole('figure', { name: 'Lab accuracy against compute' });
        await figure.getByText('Show as table').click();
        assert.equal(await figure.getByRole('row').filter({ hasText: 'Beam search' }).count(), 2);
        const pairs = page.getByRole('region', { name: 'Paired differences: table' });
        assert.match((await pairs.textContent()) ?? '', /Beam search16\+50\.0.*better/);
        const slider = page.getByRole('slider', { name: /larger model/ });
        await slider.focus();
        await page.keyboard.press('ArrowRight');
        assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /times the parameters/);
        await page.getByText('Settings of every run').click();
        assert.deepEqual(await axeViolations(page), [], `with results, ${look.width} px`);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= look.width, `${width} px wide`);
      }
    },
  },
  {
    name: 'the Lab: bad lines are named, bad files refused, and the page goes on',
    async run({ visit }) {
      const { page } = await visit({ hash: '/lab' });
      await page.getByRole('heading', { name: 'Measure' }).waitFor();
      const lines = ['{"id":"a","prompt":"compute 12+30"}', 'no json', '{"id":"b"}'];
      await dropFile(page, 'mine.jsonl', lines.join('\n'));
      await page.getByText('mine.jsonl: 1 problem, 2 lines left out.').waitFor();
      await page.getByText('Lines that were left out or changed (2)').click();
      await page.getByText(/Line 2: The line is not JSON/).waitFor();
      await dropFile(page, 'broken.json', '{"results":[{"id":1}]}');
      const notices = page.getByRole('region', { name: 'Notices' });
      await notices.getByText(/no results of a sweep/).waitFor();
      await page.getByLabel('Another variant').fill('bream');
      await page.getByRole('button', { name: 'Add' }).click();
      await page.getByText(/no strategy named "bream"/).waitFor();
      await page.getByLabel('Another variant').fill('beam:best:width=8');
      await page.keyboard.press('Enter');
      assert.ok(await page.getByLabel('Beam search, single best, width=8').isChecked());
      await page.reload();
      await page.getByText('mine.jsonl: 1 problem, 2 lines left out.').waitFor();
      assert.ok(await page.getByLabel('Beam search, single best, width=8').isChecked());
    },
  },
];

/** 16 problems × (Best-of-N, beam search) × (1, 4, 8): a minute on a busy machine. */
async function chooseSweep(page: Page, workers: number): Promise<void> {
  await page.getByText('Generated', { exact: true }).click();
  await page.getByLabel('Family').selectOption('arithmetic');
  await page.getByLabel('Level').selectOption('2');
  await page.getByLabel('Number of problems').fill('16');
  for (const label of ['Greedy', 'Best-of-N, majority vote']) {
    await page.getByLabel(label, { exact: true }).uncheck();
  }
  for (const budget of ['16', '64']) await page.getByLabel(budget, { exact: true }).uncheck();
  await page.getByLabel('8', { exact: true }).check();
  await page.getByText('Settings of every run').click();
  await page.getByLabel('Workers').fill(String(workers));
  await page.getByText(/: 16 problems/).waitFor();
}

/** What must not depend on interruptions: everything but the seconds. */
async function exportedResults(page: Page): Promise<string[]> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export JSON' }).click(),
  ]);
  const { results } = JSON.parse(readFileSync(await file.path(), 'utf8')) as {
    results: Record<string, unknown>[];
  };
  return results
    .map(({ ledger, ...rest }) =>
      JSON.stringify([rest, { ...(ledger as Record<string, unknown>), elapsedMs: 0 }]),
    )
    .sort();
}

/** Twenty problems, two seeds: beam search solves all, Best-of-N the easier half. */
function inventedSweep() {
  const problems = Array.from({ length: 20 }, (_, i) => ({
    id: `p${i}`,
    prompt: `compute ${i + 10}+${i + 11}`,
  }));
  const results = problems.flatMap(({ id }, i) =>
    ['best-of-n', 'beam'].flatMap((strategy) =>
      [4, 16].flatMap((budget) =>
        [1, 2].map((seed) => ({
          ...{ id, strategy, budget, seed, answer: '1' },
          correct: strategy === 'beam' || i < 10,
          ledger: {
            ...{ generations: budget, policyTokens: budget * 50, prefillTokens: 20 },
            ...{ verifierTokens: budget * 60, flopsExecuted: budget * 1e8 },
            ...{ flopsNominal: budget * 1e8, elapsedMs: budget * 10 },
          },
          details: {
            samples: budget,
            correctSamples: Math.round((budget * (20 - i)) / 20),
            meanScore: (20 - i) / 20,
            flags: [],
          },
        })),
      ),
    ),
  );
  return { problems, points: [], results };
}

export default tests;
