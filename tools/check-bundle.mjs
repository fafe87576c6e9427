/**
 * Asserts what a first visit downloads, from `dist/` after `npm run build`: the scripts of the page
 * (the entry, what it imports, and the playground, which it opens by itself), gzipped. Charts, Lab
 * and other pages load when they are shown and do not count; the engine's worker is weighed apart.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_PAGE = 200_000;
const LIMIT_WORKER = 80_000;
const FIRST_PAGE = /^playground-page-/;
/** A class name that only the chart library's own code contains. */
const CHART_LIBRARY = 'recharts-cartesian-axis-tick';

const dist = process.argv[2] ?? 'dist';
const assets = `${dist}/assets/`;
if (!existsSync(assets)) fail(`There is no ${assets}. Run: npm run build`);
const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
const html = readFileSync(`${dist}/index.html`, 'utf8');
const entry = /src="\.\/assets\/([^"]+\.js)"/.exec(html)?.[1];
const page = scripts.find((name) => FIRST_PAGE.test(name));
const worker = scripts.find((name) => /^main-/.test(name));
if (!entry || !page || !worker) fail('The entry, the playground or the worker is missing.');

const firstLoad = new Set();
for (const name of [entry, page]) addWithImports(name);
let total = 0;
for (const name of firstLoad) total += report(name);
console.log(`page: ${kilobytes(total)} of ${kilobytes(LIMIT_PAGE)} (gzip)`);
const workerBytes = report(worker);
console.log(`worker: ${kilobytes(workerBytes)} of ${kilobytes(LIMIT_WORKER)} (gzip)`);

const withCharts = [...firstLoad].filter((name) =>
  readFileSync(assets + name, 'utf8').includes(CHART_LIBRARY),
);
if (withCharts.length > 0) fail(`The charts are in the first load: ${withCharts.join(', ')}`);
if (total > LIMIT_PAGE) fail('The first load is too large.');
if (workerBytes > LIMIT_WORKER) fail('The worker is too large.');

function addWithImports(name) {
  if (firstLoad.has(name)) return;
  firstLoad.add(name);
  const code = readFileSync(assets + name, 'utf8');
  for (const [, imported] of code.matchAll(/(?:from|import)"\.\/([^"]+\.js)"/g)) {
    addWithImports(imported);
  }
}

function report(name) {
  const bytes = gzipSync(readFileSync(assets + name), { level: 9 }).length;
  console.log(`  ${name}: ${kilobytes(bytes)}`);
  return bytes;
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
