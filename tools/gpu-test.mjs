/**
 * Runs every `*.gpu.test.ts` in Chromium with WebGPU: bundles them (vitest's names come from
 * `gpu-harness.mjs`), serves the bundle and the fixtures, opens the page and prints each test.
 * Ends with `N passed, N failed`. The adapter is SwiftShader unless `--adapter default` asks for the
 * machine's own. With OVERTHINK_WEBLLM_MODEL and OVERTHINK_WEBLLM_LIB (addresses of an MLC model folder
 * and of its library) the suite of completers runs over that model as well.
 *
 * Usage: node tools/gpu-test.mjs [part of a file or test name] [--adapter swiftshader|default]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { register } from 'tsx/esm/api';
import { bundleTests, findGpuTests } from './gpu-bundle.mjs';
import { openGpuPage, serveFolders } from './gpu-page.mjs';

const root = resolve(import.meta.dirname, '..');
const { filter, adapter } = readArguments(process.argv.slice(2));
const { files, within } = await chooseTests(filter);
const folder = await mkdtemp(join(tmpdir(), 'overthink-gpu-'));
let failed = 0;
let passed = 0;
try {
  await bundleTests(folder, files, within);
  if (files.some((file) => file.includes('/webllm/'))) await writeModels(join(folder, 'webllm'));
  await runInPage(folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

function readArguments(args) {
  const at = args.indexOf('--adapter');
  const chosen = at === -1 ? 'swiftshader' : args.splice(at, 2)[1];
  return { filter: args[0] ?? '', adapter: chosen };
}

/** Files whose path holds the filter; all of them when none does (it then names a test). */
async function chooseTests(part) {
  const found = await findGpuTests();
  const named = found.filter((file) => file.includes(part));
  return named.length > 0 ? { files: named, within: '' } : { files: found, within: part };
}

/** Hand-made models of web-llm; compiling their library takes a while. */
async function writeModels(target) {
  register();
  const { writeWebLlmModels } = await import('../test/servers/write-webllm-models.ts');
  await writeWebLlmModels(target);
}

async function runInPage(folder) {
  const server = await serveFolders([
    ['/webllm/', join(folder, 'webllm')],
    ['/fixtures/', join(root, 'test/fixtures')],
    ['/public/', join(root, 'public')],
    ['/', join(folder, 'dist')],
  ]);
  const page = await openGpuPage({ adapter, url: server.url });
  const crashed = new Promise((_, reject) => {
    page.on('crash', () => reject(new Error('the page crashed')));
    page.on('pageerror', (error) => reject(error));
  });
  await page.exposeFunction('__report', ({ name, ms, error }) => {
    const label = relative('.', name) === '' ? name : name.replace('src/', '');
    console.log(`${error ? '✗' : '✓'} ${label} (${Math.round(ms)} ms)`);
    if (error) console.log(indent(error));
    if (error) failed += 1;
    else passed += 1;
  });
  const { OVERTHINK_WEBLLM_MODEL: model, OVERTHINK_WEBLLM_LIB: lib } = process.env;
  try {
    await page.evaluate((named) => (globalThis.servedWebLlm = named), { model, lib });
    await page.addScriptTag({ url: '/entry.js', type: 'module' });
    await Promise.race([page.waitForFunction('window.__ready === true'), crashed]);
    await Promise.race([page.evaluate('window.__start()'), crashed]);
  } catch (error) {
    console.log(`✗ the page\n${indent(String(error))}`);
    failed += 1;
  } finally {
    await page.context().browser()?.close();
    server.close();
  }
}

function indent(text) {
  return text.replace(/^/gm, '    ');
}
