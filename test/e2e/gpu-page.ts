/**
 * What the tests of web-llm share: a Chromium of their own with WebGPU (SwiftShader) on the Models
 * page, a server of model files, and hand-made models that write (test/servers).
 */
import assert from 'node:assert/strict';
import { chromium, type Page } from 'playwright-core';
// @ts-expect-error plain JavaScript
import { findChromium } from '../../tools/chromium.mjs';
import { startFileServer, type FileServer } from '../servers/model-files.ts';
import { modelLibrary } from '../servers/model-library.ts';
import { JUDGEMENTS, solutionsAbout } from '../servers/passages.ts';
import { writtenModel } from '../servers/written-model.ts';

export async function withGpuPage(
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
    const thrown: string[] = [];
    page.on('pageerror', (error) => thrown.push(error.message));
    page.setDefaultTimeout(60_000);
    await page.goto(`${baseUrl}#/models`);
    await page.getByText('WebGPU is emulated on the CPU here').waitFor();
    await use(page, files);
    assert.deepEqual(thrown, [], 'no exceptions');
  } finally {
    await browser.close();
    await files.close();
  }
}

export async function addModel(page: Page, modelUrl: string, libUrl: string): Promise<void> {
  const details = page.getByText('Another model, by address');
  const form = page.getByLabel('Weights (an MLC model folder)');
  if (!(await form.isVisible())) await details.click();
  await form.fill(modelUrl);
  await page.getByLabel('Library (.wasm, made for web-llm 0.2.86)').fill(libUrl);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
}

/** Puts `${animals}-instruct`, which writes about them, on the disk; several are served side by side. */
export async function downloadWriter(
  page: Page,
  files: FileServer,
  animals: string,
): Promise<void> {
  if (!files.changed.has('good.wasm')) files.changed.set('good.wasm', await modelLibrary());
  const name = `${animals}-instruct`;
  const model = writtenModel([...solutionsAbout(animals), ...JUDGEMENTS]);
  await addModel(page, files.addModel(name, model), files.libUrl('good'));
  const row = page.getByRole('listitem', { name, exact: true });
  await row.getByRole('button', { name: /^Download/ }).click();
  await row.getByText('on disk').waitFor();
}

/** To the playground, with a problem in words that such models write about. */
export async function openWordProblem(page: Page, settings: string): Promise<void> {
  const problem = encodeURIComponent('Three trees with 4 birds each, some go. How many stay?');
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `/playground?${settings}&problem=${problem}`);
  await page.getByText('The language model gets this as it stands').waitFor();
}
