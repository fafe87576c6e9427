/**
 * Packs all that a bare Linux machine (x86-64) with a GPU needs to run the GPU tests and the bench into
 * `.gpu-machine/` (some 50 MB, ignored by git): Node, Dawn's addon (npm package `webgpu`), Vulkan's
 * loader where apt can fetch it, and both bundles. Then, over there: `sh tools/gpu-machine.sh`.
 */
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleBench, bundleTests, findGpuTests } from './gpu-bundle.mjs';

const DAWN = 'webgpu@0.6.2';
const root = resolve(import.meta.dirname, '..');
const pack = join(root, '.gpu-machine');
await rm(pack, { recursive: true, force: true });
for (const task of ['tests', 'bench']) await mkdir(join(pack, task), { recursive: true });
// web-llm runs in workers of a browser, which a bare machine does not have.
const tests = (await findGpuTests()).filter((file) => !file.includes('/webllm/'));
await bundleTests(join(pack, 'tests'), tests, '');
await bundleBench(join(pack, 'bench'));
// Bundles are modules wherever the machine unpacks them.
await writeFile(join(pack, 'package.json'), '{"type":"module"}\n');
await copyFile(join(root, 'tools/gpu-machine-run.mjs'), join(pack, 'run.mjs'));
await writeFile(join(pack, 'node.gz'), gzipSync(await readFile(process.execPath)));
await writeFile(join(pack, 'dawn.node.gz'), gzipSync(await dawnAddon()));
try {
  execFileSync('apt-get', ['download', 'libvulkan1'], { cwd: pack, stdio: 'ignore' });
} catch {
  console.log('libvulkan1 could not be fetched: the machine must have a Vulkan loader of its own');
}
console.log(`packed: ${(await readdir(pack)).join(', ')}`);

/** The addon for Linux on x86-64, from the package as npm's registry has it; its scripts do not run. */
async function dawnAddon() {
  const folder = await mkdtemp(join(tmpdir(), 'overthink-dawn-'));
  try {
    execFileSync('npm', ['pack', DAWN, '--silent', '--ignore-scripts'], { cwd: folder });
    const [archive] = await readdir(folder);
    const inside = 'package/dist/linux-x64/dawn.node';
    execFileSync('tar', ['xzf', archive, inside], { cwd: folder });
    return await readFile(join(folder, inside));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
