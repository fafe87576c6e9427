/**
 * Runs the WebGPU bench headless and writes `bench/results/webgpu-<adapter>.json`.
 *
 * Usage: node tools/bench-webgpu.mjs [--adapter default|swiftshader] [--model policy]
 *        [--branches 1,4,16]
 * The default adapter is the machine's own; where Chromium finds none, say `--adapter swiftshader`.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { openGpuPage, serveFolders } from './gpu-page.mjs';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    adapter: { type: 'string', default: 'default' },
    model: { type: 'string', default: 'policy' },
    branches: { type: 'string' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'overthink-bench-'));
try {
  await build({
    root: join(root, 'bench'),
    configFile: false,
    logLevel: 'error',
    base: '/',
    publicDir: false,
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'esnext',
      assetsInlineLimit: 0,
      rollupOptions: { input: join(root, 'bench/webgpu.html') },
    },
  });
  const server = await serveFolders([
    ['/models/', join(root, 'public/models')],
    ['/', folder],
  ]);
  const page = await openGpuPage({
    adapter: values.adapter,
    url: new URL('webgpu.html', server.url).href,
  });
  const report = await page.evaluate((options) => window.bench(options), {
    model: `/models/${values.model}`,
    branches: values.branches ? values.branches.split(',').map(Number) : null,
  });
  await page.context().browser()?.close();
  server.close();
  const name = report.adapter.name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const target = join(root, 'bench/results', `webgpu-${name}.json`);
  await mkdir(join(root, 'bench/results'), { recursive: true });
  await writeFile(target, `${JSON.stringify(report, null, 2)}\n`);
  console.log(report.note);
  console.table(report.decode);
  console.table(report.kernels);
  console.log(report.budget.note);
  console.table(report.budget.budgets);
  console.log(`written: bench/results/webgpu-${name}.json`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
