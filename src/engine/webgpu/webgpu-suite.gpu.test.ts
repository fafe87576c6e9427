/** The behaviour that every engine must have, on the GPU. */
import { describeEngine } from '../engine.suite.ts';
import { TransformerEngine } from '../transformer-engine.ts';
import { RecoveringEngine } from './recovering-engine.ts';
import { fixtureModel } from './testing/fixture-model.ts';
import { openSharedContext } from './testing/kernel-harness.ts';
import { WebGpuDevice } from './webgpu-device.ts';

describeEngine('WebGPU', {
  // Few rows and many rows are summed by different kernels.
  tolerance: 1e-4,
  runs: 4,
  async open(name, options) {
    const { config, tensors } = await fixtureModel(name);
    const context = await openSharedContext();
    const device = await WebGpuDevice.create(context, { config, tensors, ...options });
    return new RecoveringEngine(new TransformerEngine(device), { successors: [] });
  },
});
