/** Bundles of the GPU tests and of the bench, for a page or for Node with Dawn. */
import { createRequire } from 'node:module';
import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

/** Every `*.gpu.test.ts`, as paths from the root. */
export async function findGpuTests() {
  const all = await readdir(join(root, 'src'), { recursive: true });
  return all
    .filter((file) => file.endsWith('.gpu.test.ts'))
    .map((file) => `src/${file}`)
    .sort();
}

/**
 * Writes `dist/entry.js` into `folder`: it sets `__start`, which runs the tests whose names hold
 * `filter` and tells `__report` of each, and then `__ready`.
 */
export async function bundleTests(folder, tests, filter) {
  const imports = tests.map((file) => {
    const name = JSON.stringify(file);
    return `[${name}, () => import(${JSON.stringify(resolve(root, file))})]`;
  });
  const harness = JSON.stringify(resolve(root, 'tools/gpu-harness.mjs'));
  await bundle(
    folder,
    `import { runAll } from ${harness};
     globalThis.__start = () =>
       runAll([${imports.join(',')}], ${JSON.stringify(filter)}, globalThis.__report);
     globalThis.__ready = true;`,
  );
}

/** Writes `dist/entry.js` into `folder`: it sets `__bench`, which is `runBench`. */
export async function bundleBench(folder) {
  const bench = JSON.stringify(resolve(root, 'bench/webgpu-bench.ts'));
  await bundle(folder, `import { runBench } from ${bench}; globalThis.__bench = runBench;`);
}

async function bundle(folder, entry) {
  const fromVitest = createRequire(require.resolve('vitest/package.json'));
  await writeFile(join(folder, 'entry.mjs'), entry);
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    base: '/',
    publicDir: false,
    resolve: {
      alias: [
        { find: /^vitest$/, replacement: resolve(root, 'tools/gpu-harness.mjs') },
        { find: /^vitest-expect$/, replacement: fromVitest.resolve('@vitest/expect') },
      ],
    },
    worker: { format: 'es' },
    build: {
      outDir: join(folder, 'dist'),
      target: 'esnext',
      minify: false,
      assetsInlineLimit: 0,
      modulePreload: false,
      rollupOptions: {
        input: join(folder, 'entry.mjs'),
        output: { entryFileNames: 'entry.js' },
      },
    },
  });
}
