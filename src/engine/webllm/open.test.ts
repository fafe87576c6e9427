import { describe, expect, it } from 'vitest';
import { customModel } from './open.ts';

const LIB = 'https://libs.test/tiny.wasm';

describe('a model by address', () => {
  it('takes its name from the folder', () => {
    const url = 'https://host.test/mlc-ai/My-Model-0.5B-q4f32_1-MLC';
    expect(customModel(url, LIB)).toMatchObject({
      id: 'My-Model-0.5B-q4f32_1-MLC',
      parameters: 5e8,
      modelUrl: `${url}/resolve/main/`,
    });
    expect(customModel(`${url}/resolve/dev/`, LIB).modelUrl).toBe(`${url}/resolve/dev/`);
  });

  it.each([
    ['models/x', LIB],
    ['https://host.test/x', 'x.wasm'],
    ['', ''],
  ])('refuses %j with %j', (modelUrl, libUrl) => {
    expect(() => customModel(modelUrl, libUrl)).toThrow(
      expect.objectContaining({ code: 'bad-input' }),
    );
  });
});
