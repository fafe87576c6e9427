/**
 * The GPU for the command line: Dawn, the WebGPU of Chromium, from the npm package `webgpu`. The
 * package carries 130 MB of binaries, so it is used where somebody has installed it and is no
 * dependency. Node only.
 */
import { register } from 'node:module';
import { AppError } from '../../shared/errors.ts';
import type { Engine } from '../engine.ts';
import type { LoadedModel } from '../weights/load-model.ts';

const PACKAGE = 'webgpu';

interface Dawn {
  /** Options such as `adapter=…`; none are needed. */
  create(options: readonly string[]): GPU;
  /** `GPUBufferUsage` and its like, which browsers have as globals. */
  readonly globals: Readonly<Record<string, unknown>>;
}

/** What must outlive its last use: Dawn crashes when it is collected before the process ends. */
const kept = globalThis as { overthinkGpu?: GPU };
let hooked = false;

/**
 * The model on this machine's GPU, proved right by the self-test. `say` is told of the adapter, of a
 * software adapter and of losses, in sentences; after two losses the engine of `cpu` goes on.
 * Throws AppError `no-webgpu` with advice, and what `createWebGpuEngine` throws.
 */
export async function openNodeGpuEngine(
  model: LoadedModel,
  cpu: () => Promise<Engine>,
  say: (sentence: string) => void,
): Promise<Engine> {
  const gpu = await openGpu();
  if ((await gpu.requestAdapter()) === null) throw noAdapter();
  if (!hooked) register('./node-wgsl-hooks.ts', import.meta.url);
  hooked = true;
  const { chooseEngine } = await import('./choose-engine.ts');
  const { engine } = await chooseEngine(model, {
    preference: 'webgpu',
    gpu,
    cpu,
    onAdapter: ({ name, software }) => {
      const slow = 'a software adapter: right, but many times slower than --engine cpu';
      say(`${model.id} runs on ${name}${software ? `, ${slow}` : ''}.`);
    },
    onRecovery: ({ capabilities }) => say(`The GPU was lost; ${capabilities.label} goes on.`),
  });
  return engine;
}

async function openGpu(): Promise<GPU> {
  if (kept.overthinkGpu) return kept.overthinkGpu;
  const dawn = await loadDawn();
  for (const [name, value] of Object.entries(dawn.globals)) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value });
  }
  return (kept.overthinkGpu = dawn.create([]));
}

async function loadDawn(): Promise<Dawn> {
  let loaded: unknown;
  try {
    // By a name that no bundler and no type checker follows: it need not be there.
    loaded = await import(PACKAGE);
  } catch (cause) {
    throw new AppError('no-webgpu', 'The command line has no WebGPU: its package is missing.', {
      advice:
        'Install it for this machine with "npm install --no-save webgpu" (130 MB), or use --engine cpu.',
      cause,
    });
  }
  if (isDawn(loaded)) return loaded;
  throw new AppError('no-webgpu', 'The installed package "webgpu" is not the one that is known.', {
    advice: 'Install version 0.6 of it, or use --engine cpu.',
  });
}

function noAdapter(): AppError {
  return new AppError('no-webgpu', 'Dawn finds no graphics adapter on this machine.', {
    advice:
      'On Linux it needs libvulkan.so.1 and a Vulkan driver (VK_DRIVER_FILES names one), or use --engine cpu.',
  });
}

function isDawn(module: unknown): module is Dawn {
  if (typeof module !== 'object' || module === null) return false;
  const { create, globals } = module as Partial<Dawn>;
  return typeof create === 'function' && typeof globals === 'object' && globals !== null;
}
