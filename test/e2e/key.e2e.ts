/**
 * The keys of a server and of its verifier: typed, used in the Playground and in the Lab, and then looked
 * for in everything that leaves the page or stays behind it. Every control that saves or copies something
 * is pressed, and every place in the source that does so must have been reached by one of them. The same
 * search must find the keys once the visitor asks to keep them.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { Download, Page } from 'playwright-core';
import { addingJudge, addingModel } from '../servers/adding-model.ts';
import { serveVllm } from '../servers/reward-servers.ts';
import { startScriptedServer } from '../servers/scripted-openai.ts';
import { dropFile, everythingStored, runToAnswer, whenReady, type E2eTest } from './harness.ts';

const KEY = 'sk-very-secret-0123456789';
const OTHER_KEY = 'sk-other-secret-9876543210';
const KEYS = [KEY, OTHER_KEY];
const PRM = 'Qwen/Qwen2.5-Math-PRM-7B';
const PROBLEM = 'Please add the numbers 17 25 31 8 44';
const SWEEP_MS = 240_000;

const tests: E2eTest[] = [
  {
    name: 'the key is in no export, link, log or stored record, except where it is to be remembered',
    async run({ visit, baseUrl }) {
      const server = await startScriptedServer(addingModel, { cors: true, key: KEY }, addingJudge);
      const rewards = await serveVllm('0.33', 'steps', { model: PRM, cors: true, key: OTHER_KEY });
      try {
        const namedServer = [server, rewards].map((one) => new URL(one.baseUrl).origin);
        const { page } = await visit({ hash: '/models', namedServer });
        const seen = watchEverything(page, baseUrl);
        const files: Files = new Map();
        await useServer(page, server.baseUrl, rewards.baseUrl);
        const left = await playgroundExports(page, files);
        left.push(...(await labExports(page, files)));
        left.push(...files.values());
        assert.deepEqual([...files.keys()].sort(), [
          'overthink-chart.png',
          'overthink-curves.csv',
          'overthink-lab.csv',
          'overthink-lab.json',
          'overthink-please-add-the-numbers-17-25-31-8-44.csv',
          'overthink-please-add-the-numbers-17-25-31-8-44.json',
          'overthink-tree.png',
        ]);
        assert.equal(
          files.size,
          callsInSource(/\bdownload\(/g),
          'a download that is not tried here',
        );
        assert.equal(callsInSource(/clipboard/g), 1, 'something is copied that is not tried here');
        const stored = await everythingStored(page);
        // The search looks at the right places: what may be there is found.
        assert.ok(left.filter((text) => text.includes('add the numbers')).length >= 3);
        assert.ok(stored.includes('add the numbers'), 'the run is stored');
        for (const [one, key] of [
          [server, KEY],
          [rewards, OTHER_KEY],
        ] as const) {
          assert.ok(one.requests.some(({ authorization }) => authorization === `Bearer ${key}`));
          for (const { path, body } of one.requests) left.push(path, JSON.stringify(body));
        }
        assertKeyless([...left, ...seen, stored]);
        await remembering(page);
      } finally {
        await server.close();
        await rewards.close();
      }
    },
  },
];

function assertKeyless(texts: readonly string[]): void {
  for (const text of texts) {
    for (const key of KEYS) assert.ok(!text.includes(key), text.slice(0, 2000));
  }
}

/** Kept where that was asked for, and forgotten again; prices stay. */
async function remembering(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Models' }).click();
  await page.getByText('Stored unencrypted in this browser.').waitFor();
  const remember = page.getByLabel('Remember address and key on this device');
  await remember.check();
  const kept = await everythingStored(page);
  for (const key of KEYS) assert.ok(kept.includes(key), 'kept where it was asked for');
  await remember.uncheck();
  assertKeyless([await everythingStored(page)]);
  await page.reload();
  const price = page.getByLabel('Price of a million tokens written (completion)');
  assert.equal(await price.inputValue(), '2', 'prices stay without the key');
  assert.equal(await page.getByLabel('Key', { exact: true }).inputValue(), '');
}

async function useServer(page: Page, baseUrl: string, verifierUrl: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Address' }).fill(baseUrl);
  await page.getByLabel('Key', { exact: true }).fill(KEY);
  await page.getByLabel('Model that scores (verifier)').fill(PRM);
  await page.getByLabel('Where the verifier is served').fill(verifierUrl);
  await page.getByLabel('Key for the verifier').fill(OTHER_KEY);
  await page.getByLabel('Price of a million tokens written (completion)').fill('2');
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await page.getByRole('button', { name: 'Use this server for runs' }).click();
  await whenReady(page);
}

/** A run, and all that can be taken away of it: files, the tables of the chart, the link, the page. */
async function playgroundExports(page: Page, files: Files): Promise<string[]> {
  await page.getByRole('link', { name: 'Playground' }).click();
  await page.getByRole('textbox', { name: 'Problem' }).fill(PROBLEM);
  await page.getByText('The language model gets this as it stands').waitFor();
  assert.match(await runToAnswer(page), /125/);
  const menu = page.getByRole('button', { name: 'Export', exact: true });
  await menu.click();
  const names = await page.locator('.popover-list button').allTextContents();
  await menu.click();
  for (const name of names) {
    await menu.click();
    await save(page, files, page.getByRole('button', { name, exact: true }));
  }
  const chart = page.getByRole('region', { name: 'Chart' });
  await saveTables(page, files, 1);
  // Curves of this very problem, searched on the server.
  await chart.getByText('This problem').click();
  await chart.getByRole('combobox', { name: 'Number of seeds' }).selectOption('8');
  await chart.getByRole('button', { name: 'Repeat with 8 seeds' }).click();
  await chart.getByRole('progressbar').waitFor({ state: 'detached', timeout: SWEEP_MS });
  await saveTables(page, files, 1);
  await page.evaluate(() => {
    navigator.clipboard.writeText = (text) => {
      document.body.dataset.copied = text;
      return Promise.resolve();
    };
  });
  await page.getByRole('button', { name: 'Share' }).click();
  const copied = await page.waitForFunction(() => document.body.dataset.copied);
  const link = decodeURIComponent((await copied.jsonValue()) ?? '').replaceAll('+', ' ');
  return [link, page.url(), await page.content()];
}

/** A sweep over problems in words, on the server, and its files. */
async function labExports(page: Page, files: Files): Promise<string[]> {
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
  for (const name of ['Export JSON', 'Export CSV']) {
    await save(page, files, page.getByRole('button', { name }));
  }
  await saveTables(page, files, 2);
  const { results } = JSON.parse(files.get('overthink-lab.json') ?? '') as {
    results: { correct: boolean | null }[];
  };
  assert.ok(results.some(({ correct }) => correct === true));
  assert.ok(
    results.every(({ correct }) => correct !== null),
    'graded by the answers of the file',
  );
  return [page.url(), await page.content()];
}

/** By name; a name that comes again holds all of them. */
type Files = Map<string, string>;

async function save(page: Page, files: Files, button: { click(): Promise<void> }): Promise<void> {
  const [file]: [Download, void] = await Promise.all([
    page.waitForEvent('download'),
    button.click(),
  ]);
  const name = file.suggestedFilename();
  const content = readFileSync(await file.path(), 'latin1');
  assert.ok(content.length > 0, name);
  files.set(name, (files.get(name) ?? '') + content);
}

/** The table behind every chart on the page. */
async function saveTables(page: Page, files: Files, atLeast: number): Promise<void> {
  // Opened all at once: a click would scroll to each of them.
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('main details')) {
      (details as HTMLDetailsElement).open = true;
    }
  });
  const named = page.getByRole('button', { name: 'Download as CSV' });
  // Curves that are fetched may come a moment later.
  await named
    .and(page.locator('[aria-disabled="false"]'))
    .nth(atLeast - 1)
    .waitFor();
  const buttons = await named.all();
  let saved = 0;
  for (const button of buttons) {
    if ((await button.getAttribute('aria-disabled')) === 'true') continue;
    await save(page, files, button);
    saved++;
  }
  assert.ok(saved >= atLeast, `${saved} of ${buttons.length} tables could be saved`);
}

/** Uses of a way out in the page's own code, its definition aside. */
function callsInSource(pattern: RegExp): number {
  const root = new URL('../../src/app/', import.meta.url);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) => /\.tsx?$/.test(name) && !/\.test\.ts$|models-desk\.ts$|model-row\.tsx$/.test(name),
    )
    .flatMap((name) => readFileSync(new URL(name, root), 'utf8').split('\n'))
    .filter((line) => !/function download|desk\.download/.test(line) && line.match(pattern)).length;
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
