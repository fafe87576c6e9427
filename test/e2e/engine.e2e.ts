/** The engine of the small models: the visitor's choice, and a forced GPU in a browser that has one
 * (SwiftShader, which runs on the CPU). */
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import {
  axeViolations,
  runToAnswer,
  toolsFor,
  whenReady,
  type E2eTest,
  type Tools,
} from './harness.ts';

const SMALL_RUN = '/playground?problem=make+24%3A+4+6+7+8&budget=2';
/** SwiftShader compiles and decodes for minutes where the machine is busy. */
const PATIENCE_MS = 900_000;

/** A browser of its own, with a software adapter; the one of the other tests has no WebGPU. */
async function withAdapter(baseUrl: string, use: (tools: Tools) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
    ],
  });
  const { tools, end } = toolsFor(browser, baseUrl);
  try {
    await use(tools);
    await end();
  } finally {
    await browser.close();
  }
}

const tests: E2eTest[] = [
  {
    name: 'a forced GPU that is not there is said, the CPU runs, and the choice is remembered',
    async run({ visit }) {
      const { page } = await visit({ hash: '/models' });
      await whenReady(page);
      const why = page.getByRole('status', { name: 'Why this one' });
      await why.filter({ hasText: 'no graphics adapter' }).waitFor();
      const engine = page.getByRole('combobox', { name: 'Engine' });
      assert.equal(await engine.inputValue(), 'auto');
      await engine.selectOption('WebGPU');
      const said = 'WebGPU was chosen but cannot be used';
      await why.filter({ hasText: said }).waitFor();
      const notices = page.getByRole('region', { name: 'Notices' });
      await notices.filter({ hasText: said }).waitFor();
      await page.reload();
      await why.filter({ hasText: said }).waitFor();
      assert.equal(await engine.inputValue(), 'webgpu');
      await engine.selectOption('CPU');
      await why.filter({ hasText: 'The CPU was chosen.' }).waitFor();
      // What was said of the other engine does not hold any more.
      await notices.filter({ hasNotText: said }).waitFor({ state: 'attached' });
      const chip = page.getByRole('status', { name: 'Engine' });
      assert.match((await chip.textContent()) ?? '', /Small models · CPU · .* tokens\/s/);
    },
  },
  {
    name: 'left to itself the page does not use a software adapter, and says so',
    async run({ baseUrl }) {
      await withAdapter(baseUrl, async ({ visit }) => {
        const { page } = await visit({ hash: '/models' });
        await whenReady(page);
        const why = page.getByRole('status', { name: 'Why this one' });
        await why.filter({ hasText: /software adapter; the CPU engine is faster/ }).waitFor();
        const chip = page.getByRole('status', { name: 'Engine' });
        assert.match((await chip.textContent()) ?? '', /Small models · CPU ·/);
        await page.getByText('The adapter: limits and features').click();
        const adapter = page.getByLabel('Adapter', { exact: true });
        assert.match((await adapter.textContent()) ?? '', /software, on the CPU/);
        assert.match((await adapter.textContent()) ?? '', /Largest binding1 GiB/);
        assert.deepEqual(await axeViolations(page), []);
      });
    },
  },
  {
    name: 'WebGPU forced by the address names the adapter, warns, and finds an answer',
    async run({ baseUrl }) {
      await withAdapter(baseUrl, async ({ visit }) => {
        const { page, context } = await visit({ search: '?engine=webgpu', hash: SMALL_RUN });
        context.setDefaultTimeout(PATIENCE_MS);
        const chip = page.getByRole('status', { name: 'Engine' });
        await chip.filter({ hasText: 'tokens/s' }).waitFor({ timeout: PATIENCE_MS });
        assert.match((await chip.textContent()) ?? '', /Small models · WebGPU \(.*swiftshader/i);
        const notices = page.getByRole('region', { name: 'Notices' });
        assert.match((await notices.textContent()) ?? '', /software adapter/);
        assert.notEqual(await runToAnswer(page), '');
        await page.getByRole('link', { name: 'Models' }).click();
        const why = page.getByRole('status', { name: 'Why this one' });
        await why.filter({ hasText: /Weights in GPU memory: \d+\.\d MB \(int8,/ }).waitFor();
      });
    },
  },
];

export default tests;
