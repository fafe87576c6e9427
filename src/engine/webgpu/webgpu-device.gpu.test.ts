import { afterEach, describe, expect, it } from 'vitest';
import { ReferenceDevice } from '../reference/reference-device.ts';
import { TransformerEngine } from '../transformer-engine.ts';
import { fixtureModel, goldenOf } from './testing/fixture-model.ts';
import { openSharedContext } from './testing/kernel-harness.ts';
import { WebGpuDevice, type WebGpuDeviceOptions } from './webgpu-device.ts';

const open: { dispose(): Promise<void> }[] = [];
afterEach(async () => {
  for (const device of open.splice(0)) await device.dispose();
});

async function deviceOf(
  name: string,
  options: Partial<WebGpuDeviceOptions> = {},
): Promise<WebGpuDevice> {
  const { config, tensors } = await fixtureModel(name);
  const device = await WebGpuDevice.create(await openSharedContext(), {
    config,
    tensors,
    slots: 4096,
    maxRows: 64,
    ...options,
  });
  open.push(device);
  return device;
}

describe('WebGPU device', () => {
  it('computes the logits that PyTorch computes', async () => {
    const engine = new TransformerEngine(await deviceOf('tiny-llama'));
    const golden = await goldenOf('tiny-llama');
    let worst = 0;
    for (const { tokens, positions = [], logits = [] } of golden.cases) {
      const [sequence] = await engine.prefill([tokens.slice(0, 1)]);
      const [outputs] = await engine.score([{ sequence, tokens: tokens.slice(1) }]);
      positions.forEach((position, i) => {
        if (position === 0) return;
        logits[i].forEach((want, v) => {
          const got = outputs[(position - 1) * engine.config.vocab + v];
          worst = Math.max(worst, Math.abs(got - want));
        });
      });
      engine.free(sequence);
    }
    expect(worst).toBeLessThan(1e-3);
  });

  it('computes the values that PyTorch computes', async () => {
    const engine = new TransformerEngine(await deviceOf('tiny-prm'));
    const golden = await goldenOf('tiny-prm');
    let worst = 0;
    for (const { tokens, values = [] } of golden.cases) {
      const [sequence] = await engine.prefill([tokens.slice(0, 1)]);
      const [outputs] = await engine.score([{ sequence, tokens: tokens.slice(1) }]);
      outputs.forEach((got, i) => (worst = Math.max(worst, Math.abs(got - values[i + 1]))));
      engine.free(sequence);
    }
    expect(worst).toBeLessThan(1e-3);
  });

  it('samples the tokens that the float64 twin samples', async () => {
    const { config, tensors } = await fixtureModel('tiny-llama');
    const gpu = new TransformerEngine(await deviceOf('tiny-llama'));
    const twin = new TransformerEngine(new ReferenceDevice(config, tensors));
    const results = [];
    for (const engine of [gpu, twin]) {
      const [sequence] = await engine.prefill([[1, 60, 48, 58, 52]]);
      const [lanes] = await engine.step([
        {
          sequence,
          streams: [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          temperature: 1,
          maxTokens: 20,
          stopTokens: [8],
          stopCount: 2,
          finalTokens: [2],
        },
      ]);
      results.push(lanes.map(({ tokens }) => tokens));
    }
    expect(results[0]).toEqual(results[1]);
  });
});
