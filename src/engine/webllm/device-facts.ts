/** What the device can do, and which models that allows. The reading is a thin shell, the rest pure. */
import { AppError } from '../../shared/errors.ts';
import { needsShaderF16, type CatalogueEntry } from './catalogue.ts';

export interface DeviceFacts {
  /** For people; null where there is no adapter. */
  readonly adapter: string | null;
  readonly webgpu: 'missing' | 'no-adapter' | 'software' | 'hardware';
  readonly shaderF16: boolean;
  readonly maxBufferBytes: number;
  readonly maxBindingBytes: number;
  readonly maxStorageBuffers: number;
  readonly maxWorkgroupBytes: number;
}

export const NO_DEVICE: DeviceFacts = {
  adapter: null,
  webgpu: 'missing',
  shaderF16: false,
  maxBufferBytes: 0,
  maxBindingBytes: 0,
  maxStorageBuffers: 0,
  maxWorkgroupBytes: 0,
};

// What web-llm 0.2.86 asks of every device (`detectGPUDevice`).
const NEEDED = {
  maxBufferBytes: 2 ** 28,
  maxBindingBytes: 2 ** 27,
  maxStorageBuffers: 10,
  maxWorkgroupBytes: 32 * 1024,
} as const;

/** Never throws: what cannot be had is a fact too. */
export async function readDeviceFacts(gpu: GPU | undefined): Promise<DeviceFacts> {
  if (gpu === undefined) return NO_DEVICE;
  const adapter = await gpu
    .requestAdapter({ powerPreference: 'high-performance' })
    .catch(() => null);
  if (adapter === null) return { ...NO_DEVICE, webgpu: 'no-adapter' };
  const { info, limits } = adapter;
  const name = info.description || [info.vendor, info.architecture].filter(Boolean).join(' ');
  const software =
    info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(name);
  return {
    adapter: name || 'unnamed adapter',
    webgpu: software ? 'software' : 'hardware',
    shaderF16: adapter.features.has('shader-f16'),
    maxBufferBytes: limits.maxBufferSize,
    maxBindingBytes: limits.maxStorageBufferBindingSize,
    maxStorageBuffers: limits.maxStorageBuffersPerShaderStage,
    maxWorkgroupBytes: limits.maxComputeWorkgroupStorageSize,
  };
}

export interface Suitability {
  readonly usable: boolean;
  /** Why not, or what to know; sentences for people. */
  readonly reasons: readonly string[];
}

/**
 * `vramMb`: what the visitor says the GPU has; null where unknown, as the web does not tell.
 * Free disk space is not asked here: it changes while one decides (`storage.ts`).
 */
export function suitability(
  entry: Pick<CatalogueEntry, 'id' | 'vramMb'>,
  facts: DeviceFacts,
  vramMb: number | null,
): Suitability {
  const obstacles: string[] = [];
  if (facts.webgpu === 'missing') obstacles.push('This browser has no WebGPU.');
  else if (facts.webgpu === 'no-adapter') obstacles.push('The browser finds no usable GPU.');
  else obstacles.push(...limitObstacles(facts));
  if (needsShaderF16(entry.id) && facts.adapter !== null && !facts.shaderF16) {
    obstacles.push('This GPU has no 16-bit shaders; take the 32-bit version.');
  }
  if (vramMb !== null && entry.vramMb > vramMb) {
    obstacles.push(`It needs ${entry.vramMb} MB of GPU memory, more than ${vramMb} MB.`);
  }
  if (obstacles.length > 0) return { usable: false, reasons: obstacles };
  const slow = facts.webgpu === 'software';
  return { usable: true, reasons: slow ? ['WebGPU is emulated here: very slow.'] : [] };
}

function limitObstacles(facts: DeviceFacts): string[] {
  const short = (Object.keys(NEEDED) as (keyof typeof NEEDED)[]).filter(
    (limit) => facts[limit] < NEEDED[limit],
  );
  return short.length === 0 ? [] : ['This GPU is too limited for models of this catalogue.'];
}

/** Checked before a single byte is downloaded: web-llm itself looks only after the library came. */
export function assertUsable(
  entry: Pick<CatalogueEntry, 'id' | 'vramMb'>,
  facts: DeviceFacts,
): void {
  const { usable, reasons } = suitability(entry, facts, null);
  if (usable) return;
  if (facts.adapter === null) {
    throw new AppError('no-webgpu', reasons.join(' '), {
      advice: 'The shipped small models run without it. For this one use a recent Chrome or Edge.',
    });
  }
  throw new AppError('model-unsupported', reasons.join(' '), {
    advice: 'Choose a model that the Models page marks as usable.',
  });
}
