/**
 * Runs a bundle of `gpu-machine.mjs` in Node with Dawn (`DAWN_NODE` names its addon): `tests` or
 * `bench`, then the folder for results. Copied beside the bundles as `run.mjs`; needs no packages.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [task, out] = process.argv.slice(2);
const pack = import.meta.dirname;
const root = resolve(pack, '..');
const dawn = createRequire(import.meta.url)(resolve(process.env.DAWN_NODE ?? ''));
Object.assign(globalThis, dawn.globals);
const gpu = dawn.create(['enable-dawn-features=allow_unsafe_apis']);
// What `create` returned must outlive every device, or the process crashes.
globalThis.__dawn = gpu;
Object.defineProperty(globalThis, 'navigator', {
  value: { gpu, userAgent: `Node ${process.version} with Dawn`, hardwareConcurrency: 4 },
  configurable: true,
});

const MOUNTS = [
  ['/fixtures/', join(root, 'test/fixtures')],
  ['/public/', join(root, 'public')],
  ['/models/', join(root, 'public/models')],
  ['/', join(pack, task, 'dist')],
];
globalThis.fetch = async (input) => {
  const path = decodeURIComponent(new URL(String(input), 'http://local').pathname);
  const [prefix, folder] = MOUNTS.find(([mount]) => path.startsWith(mount));
  try {
    const body = await readFile(join(folder, path.slice(prefix.length)));
    const type = path.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream';
    return new Response(body, { headers: { 'content-type': type } });
  } catch {
    return new Response(null, { status: 404 });
  }
};

if (task === 'bench') await bench();
else if (task === 'tests') await tests();
else throw new Error('say tests or bench');

async function tests() {
  let [passed, failed] = [0, 0];
  globalThis.__report = ({ name, ms, error }) => {
    console.log(`${error ? '✗' : '✓'} ${name} (${Math.round(ms)} ms)`);
    if (error) console.log(error.replace(/^/gm, '    '));
    if (error) failed += 1;
    else passed += 1;
  };
  await load();
  await globalThis.__start();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

async function bench() {
  await load();
  const report = await globalThis.__bench({
    model: '/models/policy',
    branches: process.env.BRANCHES ? process.env.BRANCHES.split(',').map(Number) : null,
    onProgress: (line) => console.log(line),
  });
  const name = (report.adapter.name ?? 'none').toLowerCase().replace(/[^a-z0-9]+/g, '-');
  await writeFile(join(out, `webgpu-${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  console.table(report.decode);
  console.table(report.kernels);
  console.log(report.note);
  console.log(report.budget.note);
  console.table(report.budget.budgets);
  process.exit(0);
}

async function load() {
  await import(pathToFileURL(join(pack, task, 'dist/entry.js')).href);
}
