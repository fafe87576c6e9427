import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inPieces, safetensorsFile, type TestTensor } from '../testing/safetensors-file.ts';
import { loadModel } from './load-model.ts';
import { parseModelConfig } from './model-config.ts';
import type { ModelSource } from './model-source.ts';
import { parseQuantisation } from './quantisation.ts';
import { wantedTensors } from './tensor-names.ts';

const folder = new URL('../../../test/fixtures/tiny-int8/', import.meta.url);
const read = (file: string) => new Uint8Array(readFileSync(fileURLToPath(new URL(file, folder))));
const weights = read('model.safetensors');
const config = JSON.parse(new TextDecoder().decode(read('config.json'))) as {
  quantization_config: Scheme;
};

interface Scheme {
  readonly [field: string]: unknown;
  readonly config_groups: { readonly group_0: { readonly weights: object } };
}

const scheme = config.quantization_config;
const group = scheme.config_groups.group_0;
const withWeights = (change: object) => ({
  ...scheme,
  config_groups: { group_0: { ...group, weights: { ...group.weights, ...change } } },
});

const HEADER_END = 8 + Number(new DataView(weights.buffer).getBigUint64(0, true));
const DOWN = 'model.layers.1.mlp.down_proj.weight';
const failure = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

/** The tensors of the fixture, to be written again with changes. */
function fixtureTensors(): TestTensor[] {
  const header = JSON.parse(new TextDecoder().decode(weights.subarray(8, HEADER_END))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => ({
        name,
        dtype,
        shape,
        data: weights.slice(HEADER_END + begin, HEADER_END + end),
      }),
    );
}

function changed(name: string, change: (tensor: TestTensor) => TestTensor | null): Uint8Array {
  const tensors = fixtureTensors().map((tensor) =>
    tensor.name === name ? change(tensor) : tensor,
  );
  return safetensorsFile(tensors.filter((tensor) => tensor !== null));
}

function load(file: Uint8Array, json: unknown = config) {
  const source: ModelSource = {
    id: 'int8',
    totalBytes: null,
    open: (name) => {
      const bytes =
        name === 'model.safetensors'
          ? file
          : name === 'config.json'
            ? new TextEncoder().encode(JSON.stringify(json))
            : read(name);
      return Promise.resolve({ totalBytes: bytes.length, from: 'disk', chunks: inPieces(bytes) });
    },
    discard: () => Promise.resolve(false),
  };
  return loadModel(source);
}

describe('parseQuantisation', () => {
  it('reads plain floats and int8 rows', () => {
    expect(parseQuantisation(undefined)).toBeNull();
    expect(parseQuantisation(null)).toBeNull();
    expect(parseQuantisation(scheme)).toEqual({ floatModules: ['score'] });
  });

  it.each([
    ['another method', { quant_method: 'gptq', bits: 4 }, /\(gptq\)/],
    ['another format', { ...scheme, format: 'pack-quantized' }, /pack-quantized/],
    ['four bits', withWeights({ num_bits: 4 }), /int-quantized/],
    ['floats of eight bits', withWeights({ type: 'float' }), /int-quantized/],
    ['a zero point', withWeights({ symmetric: false }), /int-quantized/],
    ['scales by group', withWeights({ strategy: 'group', group_size: 32 }), /int-quantized/],
    ['reordered columns', withWeights({ actorder: 'group' }), /int-quantized/],
    ['no group', { ...scheme, config_groups: {} }, /int-quantized/],
    ['two groups', { ...scheme, config_groups: { a: group, b: group } }, /int-quantized/],
    ['other targets', { ...scheme, config_groups: { a: { ...group, targets: ['re:.*'] } } }, /int/],
    [
      'quantised activations',
      { ...scheme, config_groups: { a: { ...group, input_activations: { num_bits: 8 } } } },
      /int-quantized/,
    ],
    ['a quantised cache', { ...scheme, kv_cache_scheme: { num_bits: 8 } }, /int-quantized/],
    ['patterns of names', { ...scheme, ignore: ['re:.*lm_head'] }, /re:/],
    ['no object', 'int8', /quantization_config/],
  ])('refuses %s', (_, json, message) => {
    expect(() => parseQuantisation(json)).toThrow(failure('model-unsupported', message));
  });

  it('never throws anything else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(scheme)), (value, field) => {
        try {
          parseQuantisation({ ...scheme, [field]: value });
        } catch (error) {
          expect(error).toMatchObject({ code: 'model-unsupported' });
        }
      }),
    );
  });
});

describe('int8 weights', () => {
  it('are wanted for linear modules only, except those that stay floats', () => {
    const wanted = (change: object) => wantedTensors(parseModelConfig({ ...config, ...change }));
    const { int8, shapes } = wanted({});
    expect(int8.size).toBe(14);
    expect(shapes.get(`${DOWN}_scale`)).toEqual([32, 1]);
    expect(int8.has('score.weight')).toBe(false);
    const causal = { architectures: ['LlamaForCausalLM'], tie_word_embeddings: false };
    expect(wanted(causal).int8.has('lm_head.weight')).toBe(true);
    const ignoring = { ...causal, quantization_config: { ...scheme, ignore: ['lm_head'] } };
    expect(wanted(ignoring).int8.has('lm_head.weight')).toBe(false);
  });

  it('are multiplied with the scales of their rows', async () => {
    const { tensors } = await load(weights);
    const { data } = fixtureTensors().find(({ name }) => name === DOWN) ?? { data: weights };
    // Twice the scale in row 3: that row doubles, no other value changes.
    const twice = await load(
      changed(`${DOWN}_scale`, (tensor) => {
        const scales = new Uint16Array(tensor.data.slice().buffer);
        scales[3] += 1 << 10;
        return { ...tensor, data: new Uint8Array(scales.buffer) };
      }),
    );
    const [once, doubled] = [tensors.layers[1].down, twice.tensors.layers[1].down];
    const inner = 48;
    expect(once).toHaveLength(32 * inner);
    once.forEach((value, at) => {
      expect(doubled[at]).toBe(Math.floor(at / inner) === 3 ? 2 * value : value);
      expect(Math.sign(value)).toBe(Math.sign((data[at] << 24) >> 24));
    });
    // The scales are handed on, so that a device can keep the integers.
    const scales = tensors.rowScales.get(once);
    expect(tensors.rowScales.size).toBe(14);
    expect(scales).toHaveLength(32);
    once.forEach((value, at) => {
      const level = (data[at] << 24) >> 24;
      expect(Math.fround(level * (scales?.[Math.floor(at / inner)] ?? NaN)) === value).toBe(true);
    });
  });

  it.each<[string, string, (tensor: TestTensor) => TestTensor | null, RegExp]>([
    ['missing scales', `${DOWN}_scale`, () => null, /lacks the tensor .*down_proj.weight_scale/],
    [
      'a missing matrix',
      DOWN,
      () => null,
      /lacks the tensor .*down_proj.weight$|down_proj.weight\./,
    ],
    [
      'one scale for all',
      `${DOWN}_scale`,
      (t) => ({ ...t, shape: [1], data: t.data.slice(0, 2) }),
      /shape \[1\]/,
    ],
    ['flat scales', `${DOWN}_scale`, (t) => ({ ...t, shape: [32] }), /shape \[32\], not \[32, 1\]/],
    ['scales of columns', `${DOWN}_scale`, (t) => ({ ...t, shape: [1, 32] }), /shape \[1, 32\]/],
    [
      'integer scales',
      `${DOWN}_scale`,
      (t) => ({ ...t, dtype: 'I8' }),
      /format I8, not F32 or F16/,
    ],
    ['a float matrix', DOWN, (t) => ({ ...t, dtype: 'F16' }), /format F16, not I8/],
    ['unsigned values', DOWN, (t) => ({ ...t, dtype: 'U8' }), /format U8, not I8/],
    ['too few values', DOWN, (t) => ({ ...t, data: t.data.slice(1) }), /wrong number of bytes/],
    ['a packed matrix', DOWN, (t) => ({ ...t, dtype: 'I32', shape: [32, 12] }), /shape \[32, 12\]/],
    [
      'a scale that is no number',
      `${DOWN}_scale`,
      (t) => ({ ...t, data: t.data.map(() => 0x7f) }),
      /scale of row 0 .* is NaN/,
    ],
    [
      'a negative scale',
      `${DOWN}_scale`,
      (t) => ({ ...t, data: t.data.map((b) => b | 0x80) }),
      /scale of row 0/,
    ],
  ])('are corrupt with %s', async (_, name, change, message) => {
    await expect(load(changed(name, change))).rejects.toThrow(failure('model-corrupt', message));
  });

  it('are refused without a config that announces them, and floats with one', async () => {
    const plain = load(weights, { ...config, quantization_config: undefined });
    await expect(plain).rejects.toThrow(failure('model-corrupt', /format I8, not F32/));
    const all = load(weights, { ...config, quantization_config: { ...scheme, ignore: [] } });
    await expect(all).rejects.toThrow(failure('model-corrupt', /score.weight/));
  });

  it('answer any damage with model-corrupt or with values', async () => {
    await fc.assert(
      // The header is where damage could be taken for another shape or format.
      fc.asyncProperty(fc.nat(HEADER_END - 1), fc.nat(255), async (at, value) => {
        const damaged = weights.slice();
        damaged[at] = value;
        await load(damaged).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'model-corrupt' });
        });
      }),
      { numRuns: 200 },
    );
  });
});
