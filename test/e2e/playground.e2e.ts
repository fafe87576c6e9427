/** The main path: type, budget, run, watch, scrub, reload, share, compare. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { NEVER } from '../servers/changed-page.ts';
import { DEFAULT_HASH, numberIn, runToAnswer, whenReady, type E2eTest } from './harness.ts';

const tests: E2eTest[] = [
  {
    name: 'a recorded run and the measured curves are shown before the models are there',
    async run({ visit }) {
      const { page } = await visit({
        // The models never arrive, so everything on screen is a recording.
        files: new Map([['models/manifest.json', NEVER]]),
      });
      await page.locator('.tree-caption .badge', { hasText: 'recorded' }).waitFor();
      // The replay begins before its first event, when the pane has no problem to name yet.
      const title = page.locator('.tree-caption h2').filter({ hasNotText: 'Search tree' });
      const recorded = await title.textContent();
      const box = page.getByRole('textbox', { name: 'Problem' });
      assert.equal(await box.inputValue(), recorded, 'Run repeats what is shown');
      await page.getByRole('treeitem').nth(5).waitFor({ state: 'attached' });
      const figure = page.getByRole('figure', { name: 'Accuracy against compute' });
      await figure.getByText('Show as table').click();
      assert.ok((await figure.getByRole('row').count()) > 3);
      await figure.locator('.recharts-line path').nth(1).waitFor();
      const status = await page.getByRole('status', { name: 'Engine' }).textContent();
      assert.match(status ?? '', /Small models · downloading/);
    },
  },
  {
    name: 'a typed problem is understood, run, and answered with votes',
    async run({ visit }) {
      const { page } = await visit({ hash: DEFAULT_HASH });
      await whenReady(page);
      await page.getByRole('textbox', { name: 'Problem' }).fill('Use 3, 5 and 2 to reach 30');
      await page.getByText('reach 30').first().waitFor();
      const answer = await runToAnswer(page);
      assert.notEqual(answer, '');
      const region = page.getByRole('region', { name: 'Answer' });
      await region.getByRole('list', { name: 'Votes' }).getByRole('listitem').first().waitFor();
      assert.match((await region.textContent()) ?? '', /Beam search wrote 16 solutions/);
      assert.match((await region.textContent()) ?? '', /Greedy decoding alone/);
      const items = page.getByRole('tree', { name: 'Search tree' }).getByRole('treeitem');
      assert.ok((await items.count()) > 5, 'the tree has nodes');
      const states = await items.evaluateAll((nodes) =>
        nodes.map((node) => node.getAttribute('data-state')),
      );
      assert.ok(states.includes('finished'), states.join());
      const scored = await items.evaluateAll(
        (nodes) => nodes.filter((node) => node.getAttribute('data-score')).length,
      );
      assert.ok(scored > 0, 'nodes carry scores');
    },
  },
  {
    name: 'the budget moves by arrows one stop, by page keys two, and says what it buys',
    async run({ visit }) {
      const { page } = await visit({ hash: DEFAULT_HASH });
      await whenReady(page);
      const slider = page.getByRole('slider', { name: 'Compute budget' });
      await slider.focus();
      const value = async () =>
        numberIn(await slider.getAttribute('aria-valuetext'), /^([\d,]+) generations?, about/);
      assert.equal(await value(), 16);
      await page.keyboard.press('ArrowRight');
      assert.equal(await value(), 32);
      await page.keyboard.press('PageUp');
      assert.equal(await value(), 128);
      await page.keyboard.press('PageDown');
      await page.keyboard.press('ArrowLeft');
      assert.equal(await value(), 16);
      await page.keyboard.press('Home');
      assert.equal(await value(), 1);
      await page.keyboard.press('PageDown');
      assert.equal(await value(), 1);
      assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /tokens, about .* here$/);
    },
  },
  {
    name: 'Ctrl+Enter runs, Escape stops, and what was found stays',
    async run({ visit }) {
      const { page } = await visit({
        hash: '/playground?strategy=beam&budget=1024&problem=compute+12*7%2B9*8-3*5%2B11*6-4*2',
      });
      await whenReady(page);
      await page.getByRole('textbox', { name: 'Problem' }).focus();
      await page.keyboard.press('Control+Enter');
      await page.locator('.tree-caption .badge', { hasText: 'live' }).waitFor();
      await page.waitForFunction(() => document.querySelectorAll('[role=treeitem]').length > 3);
      await page.keyboard.press('Escape');
      await page.locator('.tree-caption .badge', { hasText: 'finished' }).waitFor();
      assert.ok((await page.getByRole('treeitem').count()) > 3);
      await page.getByText('Recent runs (1)').click();
      await page.getByText(/· stopped/).waitFor();
      const run = page.getByRole('button', { name: 'Run', exact: true });
      assert.equal(await run.getAttribute('aria-disabled'), 'false');
    },
  },
  {
    name: 'scrubbing shows an earlier state and the end again',
    async run({ visit }) {
      const { page } = await visit({ hash: DEFAULT_HASH });
      await whenReady(page);
      await runToAnswer(page);
      const position = page.getByRole('slider', { name: 'Run position' });
      const end = await position.inputValue();
      await position.focus();
      await page.keyboard.press('Home');
      assert.equal(await position.inputValue(), '0');
      await page.getByText('Not decided yet at this point of the run.').waitFor();
      await page.keyboard.press('ArrowRight');
      assert.ok(Number(await position.inputValue()) > 0);
      await page.keyboard.press('End');
      assert.equal(await position.inputValue(), end);
      await page.getByRole('region', { name: 'Answer' }).locator('output').waitFor();
    },
  },
  {
    name: 'a reload brings the run back, and older runs can be opened',
    async run({ visit }) {
      const { page } = await visit({ hash: DEFAULT_HASH });
      await whenReady(page);
      const first = await runToAnswer(page);
      await page.getByRole('textbox', { name: 'Problem' }).fill('compute 12+30');
      await page
        .getByText(/12 ?\+ ?30/)
        .first()
        .waitFor();
      const second = await runToAnswer(page);
      await page.waitForFunction(() => location.hash.includes('12%2B30'));
      await page.reload();
      const answer = page.getByRole('region', { name: 'Answer' }).locator('output');
      await answer.waitFor();
      assert.equal(await answer.textContent(), second);
      assert.equal(
        await page.getByRole('textbox', { name: 'Problem' }).inputValue(),
        'compute 12+30',
      );
      await page.getByText('Recent runs (2)').click();
      await page.getByRole('list', { name: 'Recent runs' }).getByText('make 24: 4 6 7 8').click();
      await page.waitForFunction(
        (text) => document.querySelector('.answer output')?.textContent === text,
        first,
      );
    },
  },
  {
    name: 'a link reproduces the run node for node',
    async run({ visit }) {
      const { page } = await visit({
        hash: '/playground?problem=compute+8*7%2B5*9&budget=8&seed=7',
      });
      await whenReady(page);
      const answer = await runToAnswer(page);
      const nodes = await treeTexts(page);
      assert.ok(nodes.length > 3 && nodes.every(Boolean), 'the tree has text to compare');
      const link = page.url();
      assert.match(link, /seed=7/);
      const again = await visit({ hash: link.slice(link.indexOf('#') + 1) });
      await whenReady(again.page);
      assert.equal(await runToAnswer(again.page), answer);
      assert.deepEqual(await treeTexts(again.page), nodes);
    },
  },
  {
    name: 'another selection rule decides a finished run anew without new tokens',
    async run({ visit }) {
      const { page } = await visit({ hash: DEFAULT_HASH });
      await whenReady(page);
      await runToAnswer(page);
      const spent = page.getByLabel('Compute spent');
      const before = await spent.textContent();
      await page.getByText('Advanced').click();
      await page.getByLabel(/selection rule/).selectOption('majority');
      await page.getByText('Share of the votes', { exact: true }).waitFor();
      assert.equal(await spent.textContent(), before);
      await page.getByRole('button', { name: 'Undo change' }).click();
      await page.getByText('Share of the verifier-weighted votes', { exact: true }).waitFor();
    },
  },
  {
    name: 'repeats with several seeds draw a curve with bands and a table',
    async run({ visit }) {
      const { page } = await visit({ hash: '/playground?problem=compute+12%2B30&budget=4' });
      await whenReady(page);
      await page.getByText('This problem', { exact: true }).click();
      await page.getByLabel('Number of seeds').selectOption('8');
      await page.getByRole('button', { name: 'Repeat with 8 seeds' }).click();
      const figure = page.getByRole('figure', { name: 'Accuracy against compute' });
      await figure.getByText('Show as table').click();
      const rows = figure.getByRole('row').filter({ hasText: 'Beam search' });
      await rows.nth(1).waitFor();
      await page.getByRole('button', { name: 'Repeat with 8 seeds' }).waitFor();
      assert.equal(await rows.count(), 2);
      const last = await rows.nth(1).getByRole('cell').allTextContents();
      assert.equal(last[0], '4');
      assert.equal(last[3], '8');
    },
  },
  {
    name: 'the shipped set is measured, cancelled, and resumed after a reload',
    async run({ visit }) {
      const { page } = await visit({ hash: DEFAULT_HASH });
      await whenReady(page);
      await page.getByText('100 problems', { exact: true }).click();
      await page.getByRole('button', { name: 'Measure 100 problems' }).click();
      const bar = page.getByRole('progressbar', { name: 'Measured runs' });
      await page.waitForFunction(
        () =>
          (document.querySelector<HTMLProgressElement>('.measure-progress progress')?.value ?? 0) >
          120,
      );
      assert.equal(await bar.getAttribute('max'), String(100 * 3 * 4));
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'Go on measuring' }).waitFor();
      await page.reload();
      await whenReady(page);
      await page.getByText('100 problems', { exact: true }).click();
      await page.getByRole('button', { name: 'Go on measuring' }).click();
      await page.waitForFunction(
        () =>
          (document.querySelector<HTMLProgressElement>('.measure-progress progress')?.value ?? 0) >
          120,
      );
      const [, total] = [
        0,
        numberIn(await page.locator('.measure-progress').textContent(), /of ([\d,]+) runs/),
      ];
      assert.equal(total, 1200);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'Go on measuring' }).waitFor();
    },
  },
];

async function treeTexts(page: Page): Promise<(string | null)[]> {
  return page.getByRole('treeitem').evaluateAll((nodes) => nodes.map((node) => node.textContent));
}

export default tests;
