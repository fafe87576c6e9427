import { fileURLToPath } from 'node:url';
import { describeEngine } from '../engine.suite.ts';
import { openNodeModel } from '../node-models.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/', import.meta.url));

describeEngine('WASM SIMD', {
  // Every output is summed in one order, so batches, forks and passes agree to the last bit.
  tolerance: 0,
  runs: 30,
  async open(model, options) {
    return (await openNodeModel(fixtures + model, options)).engine;
  },
});
