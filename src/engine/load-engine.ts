/** Engines for the page and its workers. */
import { browserWasmModule } from './cpu/wasm-module.ts';
import { WasmDevice, type WasmDeviceOptions } from './cpu/wasm-device.ts';
import type { Engine } from './engine.ts';
import { TransformerEngine } from './transformer-engine.ts';
import type { LoadedModel } from './weights/load-model.ts';

/** The engine that runs everywhere. Throws AppError `out-of-memory`, `model-unsupported`, `network`. */
export async function createCpuEngine(
  model: LoadedModel,
  options: WasmDeviceOptions = {},
): Promise<Engine> {
  const module = await browserWasmModule();
  return new TransformerEngine(
    await WasmDevice.create(module, model.config, model.tensors, options),
  );
}
