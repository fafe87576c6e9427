/**
 * A server's key: typed, used in the Playground and in the Lab, and then looked for in everything that
 * leaves the page or stays behind it. The same search must find it once the visitor asks to keep it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { addingJudge, addingModel } from '../servers/adding-model.ts';
import { startScriptedServer } from '../servers/scripted-openai.ts';
import { dropFile, everythingStored, runToAnswer, whenReady, type E2eTest } from './harness.ts';

const KEY = 'sk-very-secret-0123456789';
const PROBLEM = 'Please add the numbers 17 25 31 8 44';
const SWEEP_MS = 240_000;

const tests: E2eTest[] = [
  {
    name: 'the key is in no export, link, log or stored record, except where it is to be remembered',
    async run({ visit, baseUrl }) {
      const habits = { cors: true, key: KEY };
      const server = await startScriptedServer(addingModel, habits, addingJudge);
      try {
        const namedServer = new URL(server.baseUrl).origin;
        const { page } = await visit({ hash: '/models', namedServer });
        const seen = watchEverything(page, baseUrl);
        await useServer(page, server.baseUrl);
        const left: string[] = await playgroundExports(page);
        left.push(...(await labExports(page)), page.url());
        const stored = await everythingStored(page);
        // The search looks at the right places: what may be there is found.
        assert.ok(left.filter((text) => text.includes('add the numbers')).length >= 3);
        assert.ok(stored.includes('add the numbers'), 'the run is stored');
        assert.ok(server.requests.some(({ authorization }) => authorization === `Bearer ${KEY}`));
        for (const { path, body } of server.requests) left.push(path, JSON.stringify(body));
        for (const text of [...left, ...seen, stored]) assert.ok(!text.includes(KEY), text);

        await page.getByRole('link', { name: 'Models' }).click();
        await page.getByText('Stored unencrypted in this browser.').waitFor();
        const remember = page.getByLabel('Remember address and key on this device');
        await remember.check();
        assert.ok((await everythingStored(page)).includes(KEY), 'kept where it was asked for');
        await remember.uncheck();
        assert.ok(!(await everythingStored(page)).includes(KEY), 'and forgotten again');
        await page.reload();
        const price = page.getByLabel('Price of a million tokens written (completion)');
        assert.equal(await price.inputValue(), '2', 'prices stay without the key');
        assert.equal(await page.getByLabel('Key', { exact: true }).inputValue(), '');
      } finally {
        await server.close();
      }
    },
  },
];

async function useServer(page: Page, baseUrl: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Address' }).fill(baseUrl);
  await page.getByLabel('Key', { exact: true }).fill(KEY);
  await page.getByLabel('Model that scores (verifier)').fill('scripted');
  await page.getByLabel('Price of a million tokens written (completion)').fill('2');
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await page.getByRole('button', { name: 'Use this server for runs' }).click();
  await whenReady(page);
}

/** A run, and all that can be taken away of it: files, the table of the chart, the link. */
async function playgroundExports(page: Page): Promise<string[]> {
  await page.getByRole('link', { name: 'Playground' }).click();
  await page.getByRole('textbox', { name: 'Problem' }).fill(PROBLEM);
  await page.getByText('The language model gets this as it stands').waitFor();
  assert.match(await runToAnswer(page), /125/);
  const files: string[] = [];
  for (const name of ['Export run (JSON)', 'Solutions (CSV)', 'Tree (PNG)', 'Chart (PNG)']) {
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    files.push(await saved(page, name));
  }
  await page.evaluate(() => {
    navigator.clipboard.writeText = (text) => {
      document.body.dataset.copied = text;
      return Promise.resolve();
    };
  });
  await page.getByRole('button', { name: 'Share' }).click();
  const copied = await page.waitForFunction(() => document.body.dataset.copied);
  files.push(decodeURIComponent((await copied.jsonValue()) ?? '').replaceAll('+', ' '));
  return files;
}

/** A sweep over problems in words, on the server, and its two files. */
async function labExports(page: Page): Promise<string[]> {
  await page.getByRole('link', { name: 'Lab' }).click();
  await page.getByRole('heading', { name: 'Measure' }).waitFor();
  const lines = ['17 25 31', '8 44 5'].map((numbers, i) =>
    JSON.stringify({
      id: `w${i}`,
      prompt: `Please add the numbers ${numbers}`,
      answer: 73 - 16 * i,
    }),
  );
  await dropFile(page, 'words.jsonl', lines.join('\n'));
  await page.getByText('words.jsonl: 2 problems').waitFor();
  for (const budget of ['16', '64']) await page.getByLabel(budget, { exact: true }).uncheck();
  await page.getByRole('button', { name: 'Start' }).click();
  await page
    .getByRole('status', { name: 'Sweep' })
    .filter({ hasText: 'Complete' })
    .waitFor({ timeout: SWEEP_MS });
  const [json, csv] = [await saved(page, 'Export JSON'), await saved(page, 'Export CSV')];
  const { results } = JSON.parse(json) as { results: { correct: boolean | null }[] };
  assert.ok(results.some(({ correct }) => correct === true));
  assert.ok(
    results.every(({ correct }) => correct !== null),
    'graded by the answers of the file',
  );
  return [json, csv, page.url()];
}

async function saved(page: Page, button: string): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return readFileSync(await file.path(), 'latin1');
}

/** The console, and what the page asks of its own origin. */
function watchEverything(page: Page, baseUrl: string): string[] {
  const seen: string[] = [];
  page.on('console', (message) => seen.push(message.text()));
  page.on('request', (request) => {
    if (!request.url().startsWith(baseUrl)) return;
    seen.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? '');
  });
  return seen;
}

export default tests;
