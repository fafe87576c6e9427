/**
 * The real web-llm package in its own worker, in Chromium with WebGPU (SwiftShader): what goes wrong
 * with a model's files, each provoked by a local server. Public model libraries cannot be had on a
 * closed network, so nothing is generated here.
 */
import assert from 'node:assert/strict';
import { chromium, type Page } from 'playwright-core';
// @ts-expect-error plain JavaScript
import { findChromium } from '../../tools/chromium.mjs';
import { startFileServer, WRONG_SHARD, type FileServer } from '../servers/model-files.ts';
import type { E2eTest } from './harness.ts';

async function withGpuPage(
  baseUrl: string,
  use: (page: Page, files: FileServer) => Promise<void>,
): Promise<void> {
  const files = await startFileServer();
  const browser = await chromium.launch({
    executablePath: findChromium({ install: true }),
    args: ['--headless', '--no-sandbox', '--disable-dev-shm-usage', '--enable-unsafe-webgpu'],
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(`${baseUrl}#/models`);
    await page.getByText('WebGPU is emulated on the CPU here').waitFor();
    await use(page, files);
  } finally {
    await browser.close();
    await files.close();
  }
}

async function addModel(page: Page, modelUrl: string, libUrl: string): Promise<void> {
  const details = page.getByText('Another model, by address');
  const form = page.getByLabel('Weights (an MLC model folder)');
  if (!(await form.isVisible())) await details.click();
  await form.fill(modelUrl);
  await page.getByLabel('Library (.wasm, made for web-llm 0.2.86)').fill(libUrl);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
}

/** Rows of the error table that web-llm reaches only once a library made for it has been loaded; no
 * package holds one. They are checked by table (src/engine/webllm/webllm-errors.test.ts). */
const NEED_A_LIBRARY = [
  'tokenizer broken (read after the library)',
  'a parameter missing or of another shape, a record beyond its shard (read after the tokenizer)',
  'context far too large, GPU lost while loading, while writing, or when idle',
  'prompt too long; 16-bit shaders used but not declared',
];

const tests: E2eTest[] = [
  {
    name: 'web-llm: files that are missing, wrong or short are named before anything is loaded',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        const row = page.getByRole('listitem', { name: 'tiny' });
        const failure = row.getByRole('alert');
        await addModel(page, 'models/tiny', files.libUrl('empty'));
        await page.getByText('The address of the model is not a full URL.').waitFor();
        await addModel(page, files.modelUrl, files.libUrl('missing'));
        await row.getByRole('button', { name: /^Download/ }).click();
        await failure.filter({ hasText: 'missing.wasm is not there (HTTP 404)' }).waitFor();
        await addModel(page, files.modelUrl, files.libUrl('empty'));
        files.changed.set('params_shard_0.bin', 'short');
        await failure.getByRole('button', { name: 'Try again' }).click();
        await failure.filter({ hasText: 'params_shard_0.bin is damaged or incomplete' }).waitFor();
        files.changed.set('params_shard_0.bin', WRONG_SHARD);
        await failure.getByRole('button', { name: 'Try again' }).click();
        await failure.filter({ hasText: 'its checksum is not the one' }).waitFor();
        files.changed.clear();
        await failure.getByRole('button', { name: 'Try again' }).click();
        await row.getByText('on disk').waitFor();
        await row.getByRole('button', { name: 'Delete tiny' }).click();
        files.changed.set('mlc-chat-config.json', '<html>Sign in</html>');
        await row.getByRole('button', { name: /^Download/ }).click();
        await failure
          .filter({ hasText: 'mlc-chat-config.json is not what it should be' })
          .waitFor();
      });
    },
  },
  {
    name: 'web-llm: every file that is missing on the way is named',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        const row = page.getByRole('listitem', { name: 'tiny' });
        const failure = row.getByRole('alert');
        const start = row.getByRole('button', { name: /^(Download|Go on|Try again)/ }).first();
        await addModel(page, files.modelUrl, files.libUrl('empty'));
        for (const name of [
          'mlc-chat-config.json',
          'tensor-cache.json',
          'tokenizer.json',
          'params_shard_0.bin',
        ]) {
          files.changed.clear();
          files.changed.set(name, null);
          await start.click();
          await failure.filter({ hasText: `${name} is not there (HTTP 404)` }).waitFor();
        }
      });
      for (const line of NEED_A_LIBRARY) console.log(`     not provoked: ${line}`);
    },
  },
  {
    name: 'web-llm: a model for 16-bit shaders is refused before its download',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        await addModel(page, `${files.modelUrl}-q4f16_1-MLC`, files.libUrl('empty'));
        const row = page.getByRole('listitem', { name: 'tiny-q4f16_1-MLC' });
        await row.getByText('This GPU has no 16-bit shaders; take the 32-bit version.').waitFor();
        assert.ok(await row.getByRole('button', { name: /^Download/ }).isDisabled());
      });
    },
  },
  {
    name: 'web-llm: libraries that are none are explained, and the small models come back',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        const row = page.getByRole('listitem', { name: 'tiny' });
        const facts = page.getByLabel('Models in use');
        for (const [lib, says] of [
          ['html', 'is not WebAssembly'],
          ['truncated', 'is incomplete'],
          ['empty', 'but not a model'],
          ['memory', 'made for another version'],
        ] as const) {
          await addModel(page, files.modelUrl, files.libUrl(lib));
          const download = row.getByRole('button', { name: /^(Download|Go on)/ });
          const use = row.getByRole('button', { name: 'Use for runs tiny' });
          await download.or(use).first().waitFor();
          if (!(await use.isVisible())) await download.click();
          await use.click();
          await facts.getByText(says).waitFor();
        }
        await page.getByRole('button', { name: 'Use the small models' }).click();
        await facts.getByText('tokens a second').waitFor();
      });
    },
  },
];

export default tests;
