/**
 * Weight-only int8 as Hugging Face's `compressed-tensors` writes it ("int-quantized"): an I8 matrix
 * `[out, in]` named `….weight` and one symmetric scale per output row, `….weight_scale` `[out, 1]`.
 * Not a general reader of that family: every other scheme is refused by name.
 */
import * as z from 'zod/mini';
import { AppError } from '../../shared/errors.ts';
import { corruptModel } from './model-errors.ts';

const nothing = z.optional(z.nullable(z.literal(false)));

const weightsSchema = z.object({
  num_bits: z.literal(8),
  type: z.literal('int'),
  symmetric: z.literal(true),
  strategy: z.literal('channel'),
  dynamic: nothing,
  group_size: z.optional(z.null()),
  block_structure: z.optional(z.null()),
  actorder: nothing,
});

const groupSchema = z.object({
  targets: z.tuple([z.literal('Linear')]),
  weights: weightsSchema,
  input_activations: z.optional(z.null()),
  output_activations: z.optional(z.null()),
});

const schemeSchema = z.object({
  quant_method: z.literal('compressed-tensors'),
  format: z.literal('int-quantized'),
  quantization_status: z.literal('compressed'),
  config_groups: z
    .record(z.string(), groupSchema)
    .check(z.refine((groups) => Object.keys(groups).length === 1)),
  ignore: z.array(z.string()),
  kv_cache_scheme: z.optional(z.null()),
});

/** Linear modules that stay in floats, by their full names (`lm_head`); all others are int8. */
export interface Int8Rows {
  readonly floatModules: readonly string[];
}

/** Reads `quantization_config` of config.json; null where the weights are plain floats. Throws
 * AppError `model-unsupported`. */
export function parseQuantisation(json: unknown): Int8Rows | null {
  if (json === undefined || json === null) return null;
  const parsed = z.safeParse(schemeSchema, json);
  if (!parsed.success) throw unsupported(methodOf(json), z.prettifyError(parsed.error));
  const { ignore } = parsed.data;
  const pattern = ignore.find((name) => name.startsWith('re:'));
  if (pattern !== undefined) throw unsupported(`ignore "${pattern}"`, 'a pattern, not a name');
  return { floatModules: ignore };
}

/** Multiplies every matrix in `scaled` with the scales of its rows, in place. Throws AppError
 * `model-corrupt` for a scale that is no number or negative. */
export function applyRowScales(
  tensors: ReadonlyMap<string, Float32Array>,
  scaled: Iterable<string>,
): void {
  for (const name of scaled) {
    const values = tensors.get(name);
    const scales = tensors.get(scaleName(name));
    if (values === undefined || scales === undefined) continue;
    const inner = values.length / scales.length;
    for (let row = 0; row < scales.length; row++) {
      const scale = scales[row];
      if (!(scale >= 0 && scale < Infinity)) {
        throw corruptModel(`The scale of row ${row} of ${name} is ${scale}.`);
      }
      for (let at = row * inner; at < (row + 1) * inner; at++) values[at] *= scale;
    }
  }
}

export function scaleName(weight: string): string {
  return `${weight}_scale`;
}

function methodOf(json: unknown): string {
  const named = z.safeParse(
    z.object({ quant_method: z.string(), format: z.optional(z.string()) }),
    json,
  );
  if (!named.success) return 'quantization_config';
  const { quant_method, format } = named.data;
  return format === undefined ? quant_method : `${quant_method}, ${format}`;
}

function unsupported(what: string, cause: string): AppError {
  return new AppError('model-unsupported', `The quantisation (${what}) is not supported.`, {
    advice:
      'Supported: float weights, and compressed-tensors "int-quantized" with 8 bits, symmetric, one scale per output row.',
    cause,
  });
}
