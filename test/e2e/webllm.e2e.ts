/**
 * The real web-llm package in its own worker, in Chromium with WebGPU (SwiftShader): what goes wrong
 * with a model's files, each provoked by a local server. Public model libraries cannot be had on a
 * closed network: these are made by hand (test/servers). What goes wrong while one writes is in
 * src/engine/webllm/webllm.gpu.test.ts; docs/webllm-errors.md says of each row of the error table how
 * it is provoked.
 */
import assert from 'node:assert/strict';
import { modelLibrary, type LibraryFaults } from '../servers/model-library.ts';
import { SHARD, WRONG_SHARD } from '../servers/model-files.ts';
import { tensorCache } from '../servers/written-model.ts';
import { addModel, withGpuPage } from './gpu-page.ts';
import type { E2eTest } from './harness.ts';

interface BehindTheLibrary {
  readonly name: string;
  readonly library?: LibraryFaults;
  readonly file?: readonly [name: string, body: string];
  readonly says: string;
  /** In the details: what web-llm itself said. */
  readonly because: RegExp;
}

/** Each with a shell of a library that loads like a real one. */
const BEHIND_THE_LIBRARY: readonly BehindTheLibrary[] = [
  {
    name: 'other-abi',
    library: { forgets: 'vm.builtin.kv_state_clear' },
    says: 'made for another version of web-llm',
    because: /Cannot find global function vm\.builtin\.kv_state_clear/,
  },
  {
    name: 'tokenizer',
    file: ['tokenizer.json', '{"model":{"vocab":{}}}'],
    says: 'The tokenizer of the model cannot be read.',
    because: /RuntimeError: Aborted\(\)/,
  },
  {
    name: 'record',
    file: ['tensor-cache.json', tensorCache(SHARD, 8192)],
    says: 'A file of weights is too short.',
    because: /\[0, 8192\) exceeds shard size \d+/,
  },
  {
    name: 'parameter',
    library: { refuses: 'Check failed: Cannot find parameter lm_head.weight' },
    says: 'A parameter of the model is missing.',
    because: /ExitStatus: Program terminated with exit\(1\)[^]*lm_head\.weight/,
  },
  {
    name: 'shape',
    library: { refuses: 'Check failed: shape mismatch (3 vs. 4)' },
    says: 'another shape than its library expects',
    because: /ExitStatus: Program terminated with exit\(1\)[^]*3 vs\. 4/,
  },
  {
    name: 'half-floats',
    library: { shader: 'enable f16; @compute @workgroup_size(1) fn kernel() { var x: f16; }' },
    says: 'This GPU cannot run the kernels of the model.',
    because: /GPUPipelineError: \[Invalid ShaderModule/,
  },
  {
    name: 'invalid-shader',
    library: { shader: 'fn next_logits() { this is no WGSL }', late: true },
    says: 'The model answers at random',
    because: /UniformOutputError[^]*A WebGPU error was not captured/,
  },
  {
    name: 'context',
    // Of every token: 4 TB in all.
    library: { cacheBytesPerToken: 1e9 },
    says: 'The GPU gave up while the model was loading',
    because: /Device was lost/,
  },
];

const tests: E2eTest[] = [
  {
    name: 'web-llm: files that are missing, wrong or short are named before anything is loaded',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        const row = page.getByRole('listitem', { name: 'tiny' });
        const failure = row.getByRole('alert');
        await addModel(page, 'models/tiny', files.libUrl('empty'));
        await page.getByText('The address of the model is not a full URL.').waitFor();
        await addModel(page, files.modelUrl, files.libUrl('missing'));
        await row.getByRole('button', { name: /^Download/ }).click();
        await failure.filter({ hasText: 'missing.wasm is not there (HTTP 404)' }).waitFor();
        await addModel(page, files.modelUrl, files.libUrl('empty'));
        files.changed.set('params_shard_0.bin', 'short');
        await failure.getByRole('button', { name: 'Try again' }).click();
        await failure.filter({ hasText: 'params_shard_0.bin is damaged or incomplete' }).waitFor();
        files.changed.set('params_shard_0.bin', WRONG_SHARD);
        await failure.getByRole('button', { name: 'Try again' }).click();
        await failure.filter({ hasText: 'its checksum is not the one' }).waitFor();
        files.changed.clear();
        await failure.getByRole('button', { name: 'Try again' }).click();
        await row.getByText('on disk').waitFor();
        await row.getByRole('button', { name: 'Delete tiny' }).click();
        files.changed.set('mlc-chat-config.json', '<html>Sign in</html>');
        await row.getByRole('button', { name: /^Download/ }).click();
        await failure
          .filter({ hasText: 'mlc-chat-config.json is not what it should be' })
          .waitFor();
      });
    },
  },
  {
    name: 'web-llm: every file that is missing on the way is named',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        const row = page.getByRole('listitem', { name: 'tiny' });
        const failure = row.getByRole('alert');
        const start = row.getByRole('button', { name: /^(Download|Go on|Try again)/ }).first();
        await addModel(page, files.modelUrl, files.libUrl('empty'));
        for (const name of [
          'mlc-chat-config.json',
          'tensor-cache.json',
          'tokenizer.json',
          'params_shard_0.bin',
        ]) {
          files.changed.clear();
          files.changed.set(name, null);
          await start.click();
          await failure.filter({ hasText: `${name} is not there (HTTP 404)` }).waitFor();
        }
      });
    },
  },
  {
    name: 'web-llm: a model for 16-bit shaders is refused before its download',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        await addModel(page, `${files.modelUrl}-q4f16_1-MLC`, files.libUrl('empty'));
        const row = page.getByRole('listitem', { name: 'tiny-q4f16_1-MLC' });
        await row.getByText('This GPU has no 16-bit shaders; take the 32-bit version.').waitFor();
        assert.ok(await row.getByRole('button', { name: /^Download/ }).isDisabled());
      });
    },
  },
  {
    name: 'web-llm: what goes wrong behind the library is explained',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        const facts = page.getByLabel('Models in use');
        for (const { name, library, file, says, because } of BEHIND_THE_LIBRARY) {
          files.changed.clear();
          // Names of their own: libraries are kept by address.
          files.changed.set(`${name}.wasm`, await modelLibrary(library));
          if (file !== undefined) files.changed.set(...file);
          await addModel(page, `${files.modelUrl}-${name}`, files.libUrl(name));
          const row = page.getByRole('listitem', { name: `tiny-${name}` });
          await row.getByRole('button', { name: /^Download/ }).click();
          await row.getByRole('button', { name: `Use for runs tiny-${name}` }).click();
          await facts.getByText(says).waitFor();
          assert.match((await facts.textContent()) ?? '', because);
        }
      });
    },
  },
  {
    name: 'web-llm: a load that never ends says so, and can be stopped',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        files.changed.set('hangs.wasm', await modelLibrary({ hangs: true }));
        await addModel(page, `${files.modelUrl}-hangs`, files.libUrl('hangs'));
        await page.getByRole('button', { name: /^Download .*tiny-hangs/ }).click();
        await page.clock.install();
        await page.getByRole('button', { name: 'Use for runs tiny-hangs' }).click();
        const facts = page.getByLabel('Models in use');
        await facts.getByText('loading: uploading to the GPU').waitFor();
        await page.clock.fastForward(61_000);
        await page.getByText('Nothing has come of it for a minute.').waitFor();
        await page.getByRole('button', { name: 'Stop, and use the small models' }).click();
        await facts.getByText('tokens a second').waitFor();
        await page.getByText('Nothing has come of it').waitFor({ state: 'detached' });
      });
    },
  },
  {
    name: 'web-llm: libraries that are none are explained, and the small models come back',
    async run({ baseUrl }) {
      await withGpuPage(baseUrl, async (page, files) => {
        const row = page.getByRole('listitem', { name: 'tiny' });
        const facts = page.getByLabel('Models in use');
        for (const [lib, says] of [
          ['html', 'is not WebAssembly'],
          ['truncated', 'is incomplete'],
          ['empty', 'but not a model'],
          ['memory', 'made for another version'],
        ] as const) {
          await addModel(page, files.modelUrl, files.libUrl(lib));
          const download = row.getByRole('button', { name: /^(Download|Go on)/ });
          const use = row.getByRole('button', { name: 'Use for runs tiny' });
          await download.or(use).first().waitFor();
          if (!(await use.isVisible())) await download.click();
          await use.click();
          await facts.getByText(says).waitFor();
        }
        await page.getByRole('button', { name: 'Use the small models' }).click();
        await facts.getByText('tokens a second').waitFor();
      });
    },
  },
];

export default tests;
