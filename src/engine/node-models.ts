/** Models and engines for the command line and for tests. Node only. */
import { nodeWasmModule } from './cpu/node-wasm-module.ts';
import { WasmDevice, type WasmDeviceOptions } from './cpu/wasm-device.ts';
import type { Engine } from './engine.ts';
import { nodeModelSource } from './node-model-source.ts';
import { TransformerEngine } from './transformer-engine.ts';
import { openNodeGpuEngine } from './webgpu/node-gpu.ts';
import { loadModel, type LoadedModel } from './weights/load-model.ts';

export interface OpenModel {
  readonly model: LoadedModel;
  /** Owned by the caller, who disposes of it. */
  readonly engine: Engine;
}

export interface NodeModelOptions extends WasmDeviceOptions {
  /** Default: `cpu`. */
  readonly backend?: 'cpu' | 'webgpu';
  /** Told, in sentences, what runs the model where that is not the CPU. */
  readonly say?: (sentence: string) => void;
}

/** Loads the model in a folder onto an engine. Throws AppErrors of `loadModel`, and `no-webgpu`. */
export async function openNodeModel(
  folder: string,
  { backend = 'cpu', say = () => undefined, ...options }: NodeModelOptions = {},
): Promise<OpenModel> {
  const model = await loadModel(nodeModelSource(folder));
  const cpu = async (): Promise<Engine> => {
    const { config, tensors } = model;
    return new TransformerEngine(
      await WasmDevice.create(await nodeWasmModule(), config, tensors, options),
    );
  };
  if (backend === 'cpu') return { model, engine: await cpu() };
  return { model, engine: await openNodeGpuEngine(model, cpu, say) };
}
