import { fileURLToPath } from 'node:url';
import { describeEngine } from '../engine.suite.ts';
import { nodeModelSource } from '../node-model-source.ts';
import { TransformerEngine } from '../transformer-engine.ts';
import { loadModel } from '../weights/load-model.ts';
import { ReferenceDevice } from './reference-device.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/', import.meta.url));

describeEngine('float64 reference', {
  tolerance: 0,
  runs: 10,
  async open(model, options) {
    const { config, tensors } = await loadModel(nodeModelSource(fixtures + model));
    return new TransformerEngine(new ReferenceDevice(config, tensors, options));
  },
});
