/**
 * The visitor's tests: serves `dist/` with `vite preview` on a free port and runs every
 * `*.e2e.ts` of this folder in Chromium. Ends with one line: `N passed, N failed`.
 *
 * node test/e2e/run.mjs [words of test names to run]
 */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { register } from 'tsx/esm/api';
import { preview } from 'vite';
import { findChromium } from '../../tools/chromium.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const wanted = process.argv.slice(2).join(' ').toLowerCase();
const outDir = process.env.E2E_DIST ?? 'dist';

if (!existsSync(new URL(`file://${outDir.startsWith('/') ? outDir : root + outDir}/index.html`))) {
  console.error('There is no built page. Run: npm run build');
  process.exit(1);
}

register();
const { toolsFor } = await import('./harness.ts');
const server = await preview({
  root,
  logLevel: 'error',
  build: { outDir },
  preview: { port: 0, strictPort: false, host: '127.0.0.1', open: false },
});
const baseUrl = `http://127.0.0.1:${server.httpServer.address().port}/`;
// Some tests start browsers of their own.
process.env.CHROMIUM_PATH = findChromium({ install: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--disable-component-update',
  ],
});

let passed = 0;
let failed = 0;
for (const file of readdirSync(here)
  .filter((name) => name.endsWith('.e2e.ts'))
  .sort()) {
  const { default: tests } = await import(`./${file}`);
  for (const test of tests) {
    if (!test.name.toLowerCase().includes(wanted)) continue;
    const name = `${file}: ${test.name}`;
    // A browser on a busy, shared machine stumbles at times: one more try, and it is said.
    const good = (await attempt(test, name)) || (await attempt(test, `second try of ${name}`));
    if (good) passed++;
    else failed++;
  }
}

await browser.close();
await server.close();
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

async function attempt(test, name) {
  const { tools, end } = toolsFor(browser, baseUrl);
  try {
    await test.run(tools);
    await end();
    console.log(`ok   ${name}`);
    return true;
  } catch (error) {
    console.log(`FAIL ${name}\n${error?.stack ?? error}`);
    await end().catch((fault) => console.log(`also: ${fault.message}`));
    return false;
  }
}
