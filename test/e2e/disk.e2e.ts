/**
 * Models on the visitor's disk: what the page says of the room, when it asks the browser to keep what
 * is there, and a full disk, which Chromium's quota makes real.
 */
import assert from 'node:assert/strict';
import type { CDPSession, Page } from 'playwright-core';
import { JUDGEMENTS, solutionsAbout } from '../servers/passages.ts';
import { writtenModel } from '../servers/written-model.ts';
import { addModel, withGpuPage } from './gpu-page.ts';
import { runToAnswer, whenReady, type E2eTest } from './harness.ts';

/** Sets what `origin` may store, in bytes; undefined takes the limit away. */
function limitDisk(debug: CDPSession, origin: string, quotaSize?: number): Promise<unknown> {
  return debug.send('Storage.overrideQuotaForOrigin', {
    origin,
    ...(quotaSize === undefined ? {} : { quotaSize }),
  });
}

/** The visitor, or the browser on their behalf, lets the page keep what it stores. */
async function allowToPersist(debug: CDPSession, origin: string): Promise<void> {
  const { targetInfo } = await debug.send('Target.getTargetInfo');
  await debug.send('Browser.grantPermissions', {
    origin,
    permissions: ['durableStorage'],
    browserContextId: targetInfo.browserContextId,
  });
}

const usedBytes = (page: Page): Promise<number> =>
  page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);

/** How often the page has asked the browser to keep what it stores; the browser hears it all the same. */
async function countAsking(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const persist = StorageManager.prototype.persist;
    document.documentElement.dataset.asked = '0';
    StorageManager.prototype.persist = function () {
      const { dataset } = document.documentElement;
      dataset.asked = String(Number(dataset.asked) + 1);
      return persist.call(this);
    };
  });
  return async () => Number(await page.locator('html').getAttribute('data-asked'));
}

/** Some 2.7 MB of weights. */
const heavyModel = (): Map<string, string | Uint8Array> => {
  const all = [...solutionsAbout('owls'), ...JUDGEMENTS];
  return writtenModel(Array.from({ length: 1000 }, () => all).flat());
};

const tests: E2eTest[] = [
  {
    name: 'disk: a download that no longer fits ends with advice, and goes on when there is room',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        await whenReady(page);
        const debug = await page.context().newCDPSession(page);
        const { origin } = new URL(baseUrl);
        const heavy = heavyModel();
        const bytes = heavy.get('params_shard_0.bin')?.length ?? 0;
        await limitDisk(debug, origin, (await usedBytes(page)) + bytes / 2);
        await addModel(page, files.addModel('heavy', heavy), files.libUrl('empty'));
        const row = page.getByRole('listitem', { name: 'heavy' });
        const failure = row.getByRole('alert');
        await row.getByRole('button', { name: /^Download/ }).click();
        await failure.filter({ hasText: 'There is not enough disk space' }).waitFor();
        const said = (await failure.textContent()) ?? '';
        assert.match(said, /Delete another model on the Models page, or choose a smaller one/);
        assert.match(said, /QuotaExceededError/);
        // The rest of the page does not mind.
        await page.getByRole('link', { name: 'Playground' }).click();
        assert.notEqual(await runToAnswer(page), '');
        await page.getByRole('link', { name: 'Models' }).click();
        await limitDisk(debug, origin);
        await failure.getByRole('button', { name: 'Try again' }).click();
        await row.getByText('on disk, 2.7 MB').waitFor();
      });
    },
  },
  {
    name: 'disk: without any room the shipped models run, and it is said that runs are not kept',
    async run({ visit, baseUrl }) {
      const { origin } = new URL(baseUrl);
      const { page } = await visit({
        hash: '/playground?problem=make+24%3A+4+6+7+8&budget=4',
        before: async (own) => limitDisk(await own.context().newCDPSession(own), origin, 1),
      });
      await whenReady(page);
      assert.notEqual(await runToAnswer(page), '');
      await page.getByText('The run could not be saved. There is no room left.').waitFor();
      const kept = await page.evaluate(async () => {
        const names = await caches.keys();
        const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
        return all.flat().length;
      });
      assert.equal(kept, 0, 'files of models on a disk without room');
    },
  },
  {
    name: 'disk: the page says what it uses, and asks to keep it once there is a model to lose',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        const asked = await countAsking(page);
        const disk = page.getByRole('region', { name: 'Disk' });
        const row = page.getByRole('listitem', { name: 'tiny' });
        await whenReady(page);
        // The shipped models came while the page was open: megabytes.
        await disk.getByText(/This page uses [1-9]\d*\.\d MB\./).waitFor();
        await disk.getByText(/The browser allows \d+\.\d GB more/).waitFor();
        await addModel(page, files.modelUrl, files.libUrl('empty'));
        assert.equal(await asked(), 0);
        await row.getByRole('button', { name: /^Download/ }).click();
        await row.getByText('on disk').waitFor();
        assert.equal(await asked(), 1);
        // Chromium refuses, without asking, where it knows nothing of the visitor; all else goes on.
        await disk.getByText('The browser may clear it when the disk runs full.').waitFor();
        await row.getByRole('button', { name: 'Delete tiny' }).click();
        await allowToPersist(await page.context().newCDPSession(page), new URL(baseUrl).origin);
        await row.getByRole('button', { name: /^Download/ }).click();
        await disk.getByText('The browser keeps it until you delete it.').waitFor();
        assert.equal(await asked(), 2);
      });
    },
  },
];

export default tests;
