import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { toWebLlmError, type RawFailure } from './webllm-errors.ts';

const bundle = readFileSync(createRequire(import.meta.url).resolve('@mlc-ai/web-llm'), 'utf8');

describe('errors as a page gets them', () => {
  // Every row of the table in webllm.md.
  const rows: [string, Partial<RawFailure>, string, RegExp][] = [
    ['unknown model id', { name: 'ModelNotFoundError' }, 'model-missing', /no model of this name/],
    [
      'relative model URL',
      { name: 'TypeError', message: "Failed to construct 'URL': Invalid URL" },
      'bad-input',
      /full URL/,
    ],
    [
      '404',
      { name: 'TypeError', message: "Failed to execute 'add' on 'Cache': Request failed" },
      'network',
      /could not be downloaded/,
    ],
    [
      'config is an HTML page',
      { name: 'SyntaxError', message: `Unexpected token '<', "<html>" is not valid JSON` },
      'model-corrupt',
      /web page/,
    ],
    [
      'lib is HTML',
      {
        name: 'CompileError',
        message:
          'WebAssembly.instantiate(): expected magic word 00 61 73 6d, found 3c 68 74 6d @+0',
      },
      'model-corrupt',
      /not WebAssembly/,
    ],
    [
      'lib truncated',
      {
        name: 'CompileError',
        message: 'WebAssembly.instantiate(): section (code 10) extends past end of the module',
      },
      'model-corrupt',
      /incomplete/,
    ],
    [
      'lib is some other wasm',
      { message: 'Cannot find TVMWasmAllocSpace,TVMWasmFreeSpace in exports' },
      'model-unsupported',
      /not a model/,
    ],
    [
      'lib is wasm with a memory, in a built page',
      { name: 'TypeError', message: 'U is not a function' },
      'model-unsupported',
      /another version/,
    ],
    [
      'lib is wasm without a memory',
      { name: 'TypeError', message: "Cannot read properties of undefined (reading 'buffer')" },
      'model-unsupported',
      /not a model/,
    ],
    [
      'lib hash wrong',
      { name: 'IntegrityError', message: 'Integrity verification failed for https://x' },
      'model-corrupt',
      /publisher/,
    ],
    [
      'another ABI',
      { name: 'TypeError', message: 'this.exports.TVMFFIFunctionGetGlobal is not a function' },
      'model-unsupported',
      /another version/,
    ],
    [
      'another ABI, later',
      { message: 'Cannot find global function vm.builtin.x' },
      'model-unsupported',
      /another version/,
    ],
    ['no navigator.gpu', { name: 'WebGPUNotAvailableError' }, 'no-webgpu', /no WebGPU/],
    [
      'no adapter',
      { message: 'Unable to find a compatible GPU. This issue might be…' },
      'no-webgpu',
      /no usable GPU/,
    ],
    ['f16 declared', { name: 'ShaderF16SupportError' }, 'model-unsupported', /16-bit/],
    [
      'f16 not declared',
      { name: 'GPUPipelineError', message: 'Invalid ShaderModule "x"' },
      'model-unsupported',
      /kernels/,
    ],
    [
      'tokenizer broken',
      { name: 'RuntimeError', message: 'Aborted()' },
      'model-corrupt',
      /tokenizer/,
    ],
    [
      'shard too short',
      { message: 'Tensor-cache record range 0..99 exceeds shard size 10' },
      'model-corrupt',
      /too short/,
    ],
    [
      'parameter missing',
      {
        name: 'ExitStatus',
        message: 'Program terminated with exit(1)',
        log: ['Check failed: Cannot find parameter lm_head'],
      },
      'model-corrupt',
      /parameter .* missing/,
    ],
    [
      'wrong shape',
      {
        name: 'ExitStatus',
        message: 'Program terminated with exit(1)',
        log: ['x', 'shape mismatch: 3 vs 4'],
      },
      'model-corrupt',
      /another shape/,
    ],
    [
      'context too large',
      {
        name: 'ExitStatus',
        message: 'Program terminated with exit(1)',
        log: ['Device was lost. This can happen due to insufficient memory'],
      },
      'out-of-memory',
      /memory/,
    ],
    [
      'exit without a reason',
      { name: 'ExitStatus', message: 'Program terminated with exit(1)' },
      'model-corrupt',
      /do not fit together/,
    ],
    ['device lost while loading', { name: 'DeviceLostError' }, 'out-of-memory', /gave up/],
    [
      'device lost while loading, too late for web-llm to notice',
      { name: 'ModelNotLoadedError' },
      'out-of-memory',
      /gave up/,
    ],
    [
      'device lost while the kernels warm up',
      { name: 'AbortError', message: "Failed to execute 'mapAsync' on 'GPUBuffer'" },
      'out-of-memory',
      /gave up/,
    ],
    [
      'device lost while a file is read',
      { message: 'Engine.unload() is called.' },
      'out-of-memory',
      /gave up/,
    ],
    [
      'device lost, and what comes of it is unknown',
      { message: 'What?', log: ['Device was lost. This can happen.', 'else'], stage: 'generate' },
      'device-lost',
      /was lost/,
    ],
    [
      'device lost while generating',
      {
        name: 'AbortError',
        message: "Failed to execute 'mapAsync' on 'GPUBuffer'",
        stage: 'generate',
      },
      'device-lost',
      /was lost/,
    ],
    [
      'and after that',
      { message: 'Object has already been disposed', stage: 'generate' },
      'device-lost',
      /was lost/,
    ],
    [
      'device lost when idle',
      { name: 'ModelNotLoadedError', stage: 'generate' },
      'device-lost',
      /no longer loaded/,
    ],
    [
      'prompt too long',
      { name: 'ContextWindowSizeExceededError', stage: 'generate' },
      'bad-input',
      /no longer fits/,
    ],
    ['uniform output', { name: 'UniformOutputError' }, 'model-unsupported', /at random/],
    ['disk full', { name: 'QuotaExceededError' }, 'storage', /disk space/],
    [
      'stopped',
      { name: 'AbortError', message: 'The user aborted a request.' },
      'aborted',
      /Stopped/,
    ],
    ['anything else', { name: 'Error', message: 'What?' }, 'internal', /not known/],
  ];

  it.each(rows)('%s', (_, failure, code, says) => {
    const raw = { name: 'Error', message: '', log: [], stage: 'load', ...failure } as const;
    const error = toWebLlmError(raw);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(says);
    expect(error.advice).not.toBe('');
  });

  it.each(rows)('%s, as the string of a worker', (_, failure, code) => {
    if (failure.name === undefined || !/Error$|^ExitStatus$/.test(failure.name)) return;
    const message = `${failure.name}: ${failure.message ?? ''}`;
    const raw = { log: [], stage: 'load', ...failure, name: 'Error', message } as const;
    expect(toWebLlmError(raw).code).toBe(code);
  });

  it('knows the names of the pinned web-llm', () => {
    for (const name of [
      'ModelNotFoundError',
      'ShaderF16SupportError',
      'WebGPUNotAvailableError',
      'DeviceLostError',
      'ModelNotLoadedError',
      'ContextWindowSizeExceededError',
      'IntegrityError',
      'UnsupportedTokenizerFilesError',
    ]) {
      expect(bundle).toContain(`this.name = "${name}"`);
    }
    for (const text of [
      'Unable to find a compatible GPU',
      'Cannot initialize runtime because of requested',
      'Cannot find global function',
      ' in exports',
    ]) {
      expect(bundle).toContain(text);
    }
  });
});
