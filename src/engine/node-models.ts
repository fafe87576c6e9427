/** Models and engines for the command line and for tests. Node only. */
import { nodeWasmModule } from './cpu/node-wasm-module.ts';
import { WasmDevice, type WasmDeviceOptions } from './cpu/wasm-device.ts';
import type { Engine } from './engine.ts';
import { nodeModelSource } from './node-model-source.ts';
import { TransformerEngine } from './transformer-engine.ts';
import { loadModel, type LoadedModel } from './weights/load-model.ts';

export interface OpenModel {
  readonly model: LoadedModel;
  /** Owned by the caller, who disposes of it. */
  readonly engine: Engine;
}

/** Loads the model in a folder onto the CPU engine. Throws AppErrors of `loadModel`. */
export async function openNodeModel(
  folder: string,
  options: WasmDeviceOptions = {},
): Promise<OpenModel> {
  const model = await loadModel(nodeModelSource(folder));
  const device = await WasmDevice.create(
    await nodeWasmModule(),
    model.config,
    model.tensors,
    options,
  );
  return { model, engine: new TransformerEngine(device) };
}
