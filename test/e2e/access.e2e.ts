/** Everyone gets in: axe, narrow screens, keyboard alone, no WebGPU. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { ChangedFiles } from '../servers/changed-page.ts';
import {
  atRest,
  axeViolations,
  DEFAULT_HASH,
  runToAnswer,
  whenReady,
  type E2eTest,
} from './harness.ts';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 768, height: 1024 },
  { width: 360, height: 740 },
] as const;

/** Where the page is so narrow that the answer has a tab of its own. */
async function runOnTabs(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Chart' }).click();
  await runToAnswer(page);
}

const tests: E2eTest[] = [
  ...SIZES.flatMap((size) =>
    [false, true].map((dark): E2eTest => ({
      name: `axe finds nothing at ${size.width} px, ${dark ? 'dark' : 'light'}`,
      async run({ visit }) {
        const { page } = await visit({ ...size, dark });
        await whenReady(page);
        assert.deepEqual(await axeViolations(page), [], 'before a run');
        if (size.width === 360) {
          await runOnTabs(page);
          for (const name of ['Chart', 'Tree', 'Problem']) {
            await page.getByRole('tab', { name }).click();
            await atRest(page);
            assert.deepEqual(await axeViolations(page), [], `the tab ${name}`);
          }
        } else {
          await runToAnswer(page);
          await page.getByText('Advanced').click();
          await page.getByText('Show as table').click();
          await page.getByRole('button', { name: 'Export', exact: true }).click();
          assert.deepEqual(await axeViolations(page), [], 'after a run, everything open');
        }
      },
    })),
  ),
  {
    name: '360 px: three tabs, nothing wider than the screen, Run always in reach',
    async run({ visit }) {
      const { page } = await visit({ width: 360, height: 740 });
      await whenReady(page);
      await runOnTabs(page);
      for (const name of ['Problem', 'Tree', 'Chart']) {
        await page.getByRole('tab', { name }).click();
        await atRest(page);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= 360, `${name} is ${width} px wide`);
        await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
      }
      await page.getByRole('region', { name: 'Answer' }).locator('output').waitFor();
    },
  },
  {
    name: 'the keyboard alone types a problem, sets the budget, runs and reads the tree',
    async run({ visit }) {
      const { page } = await visit({ hash: DEFAULT_HASH });
      await whenReady(page);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
      assert.equal(await focused(), 'problem-text');
      await page.keyboard.press('Control+A');
      await page.keyboard.type('compute 3*4+5');
      for (let i = 0; i < 40; i++) {
        if ((await page.evaluate(() => document.activeElement?.getAttribute('type'))) === 'range')
          break;
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('ArrowLeft');
      const slider = page.getByRole('slider', { name: 'Compute budget' });
      assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^8 generations/);
      await page.keyboard.press('Control+Enter');
      await page.getByRole('region', { name: 'Answer' }).locator('output').waitFor();
      for (let i = 0; i < 40; i++) {
        const role = await page.evaluate(() => document.activeElement?.getAttribute('role'));
        if (role === 'treeitem' || role === 'tree') break;
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() =>
        document.querySelector('[aria-selected=true][role=treeitem]'),
      );
    },
  },
  {
    name: 'without WebGPU the CPU runs the models and the page says so',
    async run({ visit }) {
      const { page } = await visit({
        before: (page) =>
          page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined })),
      });
      await whenReady(page);
      const chip = await page.getByRole('status', { name: 'Engine' }).textContent();
      assert.match(chip ?? '', /Small models · CPU · [\d,]+ tokens\/s/);
      assert.notEqual(await runToAnswer(page), '');
    },
  },
  {
    name: 'weights come from the cache on the second visit',
    async run({ visit }) {
      const files: ChangedFiles = new Map();
      const { page } = await visit({ files });
      await whenReady(page);
      for (const id of ['policy', 'prm']) files.set(`models/${id}/model.safetensors`, null);
      await page.reload();
      await whenReady(page);
      assert.notEqual(await runToAnswer(page), '');
    },
  },
  {
    name: 'after the first visit the page opens and runs without a network',
    async run({ visit }) {
      const { page, context } = await visit({
        offline: true,
        expectedErrors: /Failed to load resource: net::/,
      });
      await whenReady(page);
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await page.waitForFunction(async () => {
        const { files } = (await (await fetch('./precache.json')).json()) as { files: string[] };
        const cache = await caches.open('overthink-page-1');
        const kept = new Set((await cache.keys()).map(({ url }) => url));
        return files.every((file) => kept.has(new URL(file, document.baseURI).href));
      });
      await context.setOffline(true);
      await page.reload();
      await whenReady(page);
      assert.notEqual(await runToAnswer(page), '');
      await page.getByRole('figure', { name: 'Accuracy against compute' }).waitFor();
      await context.setOffline(false);
    },
  },
];

export default tests;
