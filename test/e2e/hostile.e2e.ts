/** What a visitor, a link or a file may bring: a clear message, no exception, nothing lost. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { NEVER, type ChangedFiles } from '../servers/changed-page.ts';
import { DIST, dropFile, runToAnswer, whenReady, type E2eTest } from './harness.ts';

const HOSTILE_PROBLEMS: readonly (readonly [string, string])[] = [
  ['10,000 characters', '1+'.repeat(5000)],
  ['control characters', 'make\u0000 24:\u0007 4\u001b[31m 6 7 8\u202e'],
  ['numbers of 30 digits', 'compute 123456789012345678901234567890*987654321098765432109876543210'],
  ['a countdown without numbers', 'make 5:'],
  ['nothing', ''],
  ['blanks', '   \n\t  '],
  ['emoji', '🦄 + 🍕 = ?'],
  ['a script tag', '<script>alert(1)</script><img src=x onerror=alert(2)>'],
  ['division by zero', 'compute 5/0'],
  ['another field', 'Prove that there are infinitely many primes.'],
];

const BROKEN_LINKS: readonly (readonly [string, string, RegExp])[] = [
  ['values out of range', '/playground?budget=99999&temperature=-3&seed=1e99', /outside 1 to 1024/],
  ['an unknown strategy', '/playground?strategy=%3Cscript%3Ealert(1)%3C/script%3E', /<script>/],
  ['a cut compressed link', '/playground?z=eJzT0yMAAGTvBe8', /cut off or damaged/],
  ['broken percent signs', '/playground?problem=%E0%A4%A&budget=%', /budget/],
];

const tests: E2eTest[] = [
  {
    name: 'hostile problems get a clear message and the page goes on',
    async run({ visit }) {
      const { page } = await visit();
      await whenReady(page);
      const box = page.getByRole('textbox', { name: 'Problem' });
      for (const [what, text] of HOSTILE_PROBLEMS) {
        await box.fill(text);
        await box.press('Control+Enter');
        const said = await page.locator('.understood').textContent();
        assert.ok((said ?? '').trim().length > 10, `${what}: ${said}`);
        assert.equal(await page.getByRole('alert').count(), 0, `${what} is no failure`);
      }
      await box.fill('compute 2+3');
      await page.getByText(/Understood as/).waitFor();
      assert.match(await runToAnswer(page), /\d/);
    },
  },
  {
    name: 'broken links are told, clamped, and the page works',
    async run({ visit }) {
      for (const [what, hash, expected] of BROKEN_LINKS) {
        const { page, context } = await visit({ hash });
        const notices = page.getByRole('region', { name: 'Notices' });
        await notices.getByText(expected).first().waitFor();
        await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
        const first = notices.getByRole('button', { name: 'Dismiss notice' }).first();
        const count = await notices.getByRole('button').count();
        await first.click();
        assert.equal(await notices.getByRole('button').count(), count - 1, what);
        await context.close();
      }
    },
  },
  {
    name: 'an unknown page leads back to the playground',
    async run({ visit }) {
      const { page } = await visit({ hash: '/nowhere' });
      await page.getByRole('link', { name: 'Go to the playground' }).click();
      await page.getByRole('textbox', { name: 'Problem' }).waitFor();
    },
  },
  {
    name: 'a dropped run opens; damaged and foreign files are refused with a reason',
    async run({ visit }) {
      const { page } = await visit();
      await whenReady(page);
      const answer = await runToAnswer(page);
      await page.getByRole('button', { name: 'Export', exact: true }).click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export run (JSON)' }).click(),
      ]);
      const text = readFileSync(await file.path(), 'utf8');

      const notices = page.getByRole('region', { name: 'Notices' });
      await dropFile(page, 'cut.json', text.slice(0, 400));
      await notices.getByText(/not JSON, or it is cut off/).waitFor();
      await dropFile(page, 'other.json', '{"format":"recipe","version":1}');
      await notices.getByText(/not a run of this program/).waitFor();
      await dropFile(page, 'future.json', text.replace('"version":1', '"version":99'));
      await notices.getByText(/version 99/).waitFor();
      const kept = page.getByRole('region', { name: 'Answer' }).locator('output');
      assert.equal(await kept.textContent(), answer, 'the run on screen is still there');

      const other = await visit();
      await dropFile(other.page, 'run.json', text);
      await other.page.locator('.tree-caption .badge', { hasText: 'imported' }).waitFor();
      const shown = other.page.getByRole('region', { name: 'Answer' }).locator('output');
      assert.equal(await shown.textContent(), answer);
    },
  },
  {
    name: 'models that are not there or damaged are explained, and Retry helps',
    async run({ visit }) {
      const files: ChangedFiles = new Map([['models/manifest.json', null]]);
      const { page } = await visit({ expectedErrors: /404/, files });
      const alert = page.getByRole('alert');
      await alert
        .getByText(/could not be loaded/)
        .first()
        .waitFor();
      assert.match((await alert.textContent()) ?? '', /network/);
      files.clear();
      await alert.getByRole('button', { name: 'Retry' }).click();
      await whenReady(page);
      assert.notEqual(await runToAnswer(page), '');
    },
  },
  {
    name: 'a damaged model file is noticed by its checksum',
    async run({ visit }) {
      const weights = readFileSync(`${DIST}models/policy/model.safetensors`);
      weights[weights.length - 9] ^= 1;
      const files: ChangedFiles = new Map([['models/policy/model.safetensors', weights]]);
      const { page } = await visit({ files });
      const alert = page.getByRole('alert');
      await alert.getByText(/wrong checksum/).waitFor();
      await alert.getByText(/model-corrupt/).waitFor();
      await page.getByRole('textbox', { name: 'Problem' }).waitFor();
      files.clear();
      await alert.getByRole('button', { name: 'Retry' }).click();
      await whenReady(page);
      assert.notEqual(await runToAnswer(page), '');
    },
  },
  {
    name: 'a damaged model is told at once, whatever the other one is waiting for',
    async run({ visit }) {
      const files: ChangedFiles = new Map<string, Uint8Array | typeof NEVER>([
        ['models/policy/model.safetensors', new Uint8Array(1_000_000).fill(7)],
        ['models/prm/model.safetensors', NEVER],
      ]);
      const { page } = await visit({ files });
      await page
        .getByRole('alert')
        .getByText(/does not begin with a safetensors header/)
        .waitFor();
    },
  },
  {
    name: 'a browser that forbids storage still runs',
    async run({ visit }) {
      const { page } = await visit({
        before: (page) =>
          page.addInitScript(
            `Object.defineProperty(window, 'indexedDB', {
              get() { throw new DOMException('denied', 'SecurityError'); },
            });`,
          ),
      });
      await whenReady(page);
      assert.notEqual(await runToAnswer(page), '');
      await page.getByText('Recent runs').first().click();
      await page.getByText('This browser does not let the page keep runs.').waitFor();
    },
  },
];

export default tests;
