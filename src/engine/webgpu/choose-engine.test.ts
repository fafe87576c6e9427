import { describe, expect, it } from 'vitest';
import { ReferenceDevice } from '../reference/reference-device.ts';
import { TransformerEngine } from '../transformer-engine.ts';
import type { EnginePreference } from '../engine-preference.ts';
import { chooseEngine } from './choose-engine.ts';
import { randomModel } from './testing/random-model.ts';

const model = randomModel();

function choose(preference: EnginePreference, gpu: GPU | null, signal?: AbortSignal) {
  return chooseEngine(model, {
    preference,
    gpu,
    signal,
    cpu: async () => new TransformerEngine(new ReferenceDevice(model.config, model.tensors)),
  });
}

/** An adapter that has whatever is asked of it but a device. */
const brokenGpu = {
  requestAdapter: async () => ({
    info: { vendor: 'acme', architecture: 'one', device: '', description: '' },
    features: new Set<string>(),
    limits: { maxStorageBuffersPerShaderStage: 8, maxStorageBufferBindingSize: 2 ** 27 },
    requestDevice: () => Promise.reject(new Error('no')),
  }),
} as unknown as GPU;

describe('chooseEngine', () => {
  it('takes the CPU without a GPU and says why', async () => {
    const { engine, reasons } = await choose('auto', null);
    expect(engine.capabilities.backend).toBe('reference');
    expect(reasons).toEqual(['This browser has no WebGPU.']);
  });

  it('takes the CPU when the adapter gives no device, by name', async () => {
    const { engine, adapter, reasons } = await choose('auto', brokenGpu);
    expect(engine.capabilities.backend).toBe('reference');
    expect(adapter).toMatchObject({ name: 'acme one', software: false });
    expect(reasons[0]).toBe('The adapter is acme one.');
    expect(reasons.at(-1)).toBe('acme one gave no device. (no)');
  });

  it('takes the CPU when the browser gives an adapter that nobody foresaw', async () => {
    const strange = { requestAdapter: async () => ({}) } as unknown as GPU;
    const { engine, reasons } = await choose('auto', strange);
    expect(engine.capabilities.backend).toBe('reference');
    expect(reasons).toHaveLength(1);
    await expect(choose('webgpu', strange)).rejects.toThrow(TypeError);
  });

  it.each([
    ['a flag', { isFallbackAdapter: true }],
    ['its name', { description: 'llvmpipe (LLVM 15)' }],
  ])('takes the CPU on a software adapter, told by %s', async (_, info) => {
    const software = {
      requestAdapter: async () => ({
        info: { vendor: 'v', architecture: '', device: '', description: '', ...info },
        features: new Set<string>(),
        limits: { maxStorageBuffersPerShaderStage: 8, maxStorageBufferBindingSize: 2 ** 27 },
        requestDevice: () => Promise.reject(new Error('must not be asked')),
      }),
    } as unknown as GPU;
    const { engine, adapter, reasons } = await choose('auto', software);
    expect(engine.capabilities.backend).toBe('reference');
    expect(adapter?.software).toBe(true);
    expect(reasons.at(-1)).toMatch(/is a software adapter; the CPU engine is faster/);
  });

  it('does not put the CPU in place of a GPU that is asked for', async () => {
    await expect(choose('webgpu', null)).rejects.toMatchObject({ code: 'no-webgpu' });
  });

  it('asks no GPU when the CPU is asked for', async () => {
    const untouchable = new Proxy({} as GPU, {
      get: () => {
        throw new Error('touched');
      },
    });
    expect((await choose('cpu', untouchable)).reasons).toEqual(['The CPU was chosen.']);
  });

  it('passes an abort on', async () => {
    const stopped = AbortSignal.abort();
    await expect(choose('auto', null, stopped)).rejects.toMatchObject({ code: 'aborted' });
  });
});
