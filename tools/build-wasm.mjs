/**
 * Compiles the CPU kernels (AssemblyScript, src/engine/cpu/wasm) to build/engine.wasm. Does nothing
 * when that file is newer than its sources.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = 'src/engine/cpu/wasm';
const output = 'build/engine.wasm';

if (process.argv.includes('--force') || isStale()) {
  mkdirSync(join(root, 'build'), { recursive: true });
  // Under a name of its own until it is whole: a test may start while another command builds.
  const partial = `build/engine.${process.pid}.wasm`;
  const { error, stderr } = await asc.main(
    [
      `${folder}/index.ts`,
      ...['--outFile', partial, '--runtime', 'stub', '--enable', 'simd'],
      ...['-O3', '--noAssert', '--initialMemory', '1', '--use', 'abort='],
    ],
    { baseDir: root },
  );
  if (error) {
    console.error(`${stderr.toString()}\n${error.message}`);
    process.exit(1);
  }
  renameSync(join(root, partial), join(root, output));
  console.error(`${output}: ${statSync(join(root, output)).size} bytes`);
}

function isStale() {
  const built = join(root, output);
  if (!existsSync(built)) return true;
  const sources = readdirSync(join(root, folder)).map((name) => join(root, folder, name));
  sources.push(fileURLToPath(import.meta.url));
  return sources.some((path) => statSync(path).mtimeMs > statSync(built).mtimeMs);
}
