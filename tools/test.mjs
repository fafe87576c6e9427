/**
 * `npm test`: everything that can be wrong, in one command. Builds the WASM kernels, runs the unit
 * tests in Node, the GPU tests and the visitor's tests in Chromium, and the Python tests of
 * `training/` where Python is at hand. Ends with one line: `N passed, N failed`.
 *
 * Options: --only unit,gpu,e2e,training
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findChromium } from './chromium.mjs';

const wanted = readWanted(process.argv.slice(2));
const totals = { passed: 0, failed: 0, skipped: 0 };

const suites = {
  unit: () => run('npx', ['vitest', 'run', '--reporter=default'], readVitest),
  gpu: () => run('node', ['tools/gpu-test.mjs'], readPlain),
  e2e: async () => {
    const built = await run('npx', ['vite', 'build', '--logLevel', 'warn'], () => null);
    if (built) await run('node', ['test/e2e/run.mjs'], readPlain);
  },
  training: runTraining,
};

await run('node', ['tools/build-wasm.mjs'], () => null);
const needsBrowser = wanted.includes('gpu') || wanted.includes('e2e');
if (needsBrowser) process.env.CHROMIUM_PATH = findChromium({ install: true });
for (const name of wanted) {
  console.log(`\n== ${name}`);
  await suites[name]();
}
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);

function readWanted(args) {
  const all = ['unit', 'gpu', 'e2e', 'training'];
  const at = args.indexOf('--only');
  if (at === -1) return all;
  const chosen = (args[at + 1] ?? '').split(',');
  const unknown = chosen.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    console.error(`--only takes ${all.join(', ')}; got ${unknown.join(', ')}`);
    process.exit(2);
  }
  return chosen;
}

/** Runs a suite, adds its counts; a crash without counts is one failure. Resolves to success. */
function run(command, args, read) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('close', (code) => {
      const counts = read(stripColours(output));
      totals.passed += counts?.passed ?? 0;
      totals.failed += counts?.failed ?? 0;
      totals.skipped += counts?.skipped ?? 0;
      if (code !== 0 && (counts?.failed ?? 0) === 0) {
        console.error(`${command} ${args.join(' ')} ended with exit status ${code}`);
        totals.failed += 1;
      }
      resolve(code === 0);
    });
  });
}

function readVitest(output) {
  const line = output.split('\n').findLast((text) => /^\s*Tests\s/.test(text)) ?? '';
  const count = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

function readPlain(output) {
  const found = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)].at(-1);
  if (!found) return { passed: 0, failed: 1 };
  return { passed: Number(found[1]), failed: Number(found[2]), skipped: Number(found[3] ?? 0) };
}

function readPytest(output) {
  const line = output.split('\n').findLast((text) => / in [\d.]+s/.test(text)) ?? '';
  const count = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return {
    passed: count('passed'),
    failed: count('failed') + count('error'),
    skipped: count('skipped'),
  };
}

async function runTraining() {
  const python = ['training/.venv/bin/python', 'python3'].find(hasTestPackages) ?? makeVenv();
  if (python === null) {
    console.log('training tests not run: they need Python 3.11 with numpy and pytest');
    totals.skipped += 1;
    return;
  }
  await run(python, ['-m', 'pytest', '-q', '-rs', 'training/tests'], readPytest);
}

function hasTestPackages(python) {
  return spawnSync(python, ['-c', 'import numpy, pytest'], { stdio: 'ignore' }).status === 0;
}

/** Its own environment, so that nothing is installed into the system's Python. */
function makeVenv() {
  const venv = 'training/.venv';
  const options = { stdio: ['ignore', 'ignore', 'inherit'] };
  if (!existsSync(venv)) spawnSync('python3', ['-m', 'venv', venv], options);
  const python = `${venv}/bin/python`;
  const install = ['-m', 'pip', 'install', '-q', '-r', 'training/requirements-test.txt'];
  return spawnSync(python, install, options).status === 0 ? python : null;
}

function stripColours(text) {
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
