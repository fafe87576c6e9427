import { expect, it } from 'vitest';
import { flopsOfRange, matmulParameters } from './flops.ts';
import { openTiny } from './testing/tiny-models.ts';

it('counts the matrices of the file and attention position by position', async () => {
  const { model, engine } = await openTiny('tiny-llama');
  const { config, tensors } = model;
  const matrices = tensors.layers.flatMap(({ q, k, v, o, gate, up, down }) => [
    q,
    k,
    v,
    o,
    gate,
    up,
    down,
  ]);
  const parameters = [...matrices, tensors.head].reduce((sum, matrix) => sum + matrix.length, 0);
  expect(matmulParameters(config)).toBe(parameters);
  let expected = 0;
  for (let position = 3; position < 10; position++) {
    expected += 2 * parameters + 4 * config.layers * config.heads * config.headDim * (position + 1);
  }
  expect(flopsOfRange(config, 3, 10)).toBe(expected);
  expect(flopsOfRange(config, 4, 4)).toBe(0);
  await engine.dispose();
});
