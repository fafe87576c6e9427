import { describe, expect, it } from 'vitest';
import type { TransformerDevice } from '../device.ts';
import { ReferenceDevice } from '../reference/reference-device.ts';
import { selfTest, twinCase, type SelfTestCase } from './self-test.ts';
import { randomModel } from './testing/random-model.ts';

const { config, tensors } = randomModel();
const test = twinCase(config, tensors) as SelfTestCase;

/** The twin, spoilt by `spoil`. */
function deviceWith(spoil: Partial<TransformerDevice>): TransformerDevice {
  const device = new ReferenceDevice(config, tensors);
  return Object.assign(Object.create(device) as TransformerDevice, spoil);
}

const twin = new ReferenceDevice(config, tensors);

describe('self-test', () => {
  it('passes a device that is right', async () => {
    await expect(selfTest(twin, test)).resolves.toBeUndefined();
  });

  it('passes a value head that is right', async () => {
    const value = randomModel({ head: 'value' });
    const expected = twinCase(value.config, value.tensors) as SelfTestCase;
    const device = new ReferenceDevice(value.config, value.tensors);
    await expect(selfTest(device, expected)).resolves.toBeUndefined();
  });

  it.each([
    ['one output is off', (outputs: Float32Array) => (outputs[30] += 0.1)],
    ['an output is not a number', (outputs: Float32Array) => (outputs[0] = NaN)],
    ['everything is zero', (outputs: Float32Array) => outputs.fill(0)],
  ])('fails when %s', async (_, spoil) => {
    const device = deviceWith({
      run: async (rows, wanted) => {
        const outputs = await twin.run(rows, wanted);
        if (wanted.length > 1) spoil(outputs);
        return outputs;
      },
    });
    await expect(selfTest(device, test)).rejects.toMatchObject({ code: 'no-webgpu' });
  });

  it('fails when single rows do not see what was written before', async () => {
    const device = deviceWith({
      run: (rows, wanted) =>
        rows.count > 1
          ? twin.run(rows, wanted)
          : new ReferenceDevice(config, tensors).run(
              { ...rows, positions: new Uint32Array(1), slotLists: Uint32Array.of(0) },
              wanted,
            ),
    });
    await expect(selfTest(device, test)).rejects.toMatchObject({ code: 'no-webgpu' });
  });

  it('fails when sampling differs', async () => {
    const device = deviceWith({
      decode: async (plan) => {
        const result = await twin.decode(plan);
        result.tokens[1] = (result.tokens[1] + 1) % config.vocab;
        return result;
      },
    });
    await expect(selfTest(device, test)).rejects.toMatchObject({ code: 'no-webgpu' });
  });

  it('leaves models alone that the twin cannot run in a moment', () => {
    expect(twinCase({ ...config, dim: 4096, ffDim: 11008, layers: 32 }, tensors)).toBeNull();
  });
});
