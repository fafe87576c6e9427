/** How a weight matrix lies in GPU memory; the number is the `format` constant of the kernels. */
export const FORMAT_CODES = { f32: 0, f16: 1, int8: 2, q4: 3 } as const;

export type WeightFormat = keyof typeof FORMAT_CODES;

/** Values that share one scale in the quantised formats. */
export const GROUP = 32;

export interface PackedMatrix {
  readonly format: WeightFormat;
  /** Rows of the matrix, `[outer, inner]`. */
  readonly outer: number;
  readonly inner: number;
  /** `[outer, wordStride]`, each row padded with zeros. */
  readonly words: Uint32Array<ArrayBuffer>;
  readonly wordStride: number;
  /** `[outer, scaleStride]`, empty for f32 and f16. */
  readonly scales: Float32Array<ArrayBuffer>;
  readonly scaleStride: number;
}

/** Packs matrices of `inner` columns, one below the other. */
export function packMatrix(
  parts: readonly Float32Array[],
  inner: number,
  format: WeightFormat,
): PackedMatrix {
  const outer = parts.reduce((sum, part) => sum + part.length, 0) / inner;
  const valuesPerWord = { f32: 1, f16: 2, int8: 4, q4: 8 }[format];
  const quantised = format === 'int8' || format === 'q4';
  const padded = Math.ceil(inner / (quantised ? GROUP : 4)) * (quantised ? GROUP : 4);
  const wordStride = padded / valuesPerWord;
  const scaleStride = quantised ? padded / GROUP : 0;
  const words = new Uint32Array(outer * wordStride);
  const scales = new Float32Array(outer * scaleStride);
  let row = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += inner, row++) {
      const values = part.subarray(at, at + inner);
      const target = words.subarray(row * wordStride, (row + 1) * wordStride);
      if (format === 'f32') new Float32Array(target.buffer, target.byteOffset).set(values);
      else if (format === 'f16') packHalves(values, target);
      else packGroups(values, target, scales.subarray(row * scaleStride), format);
    }
  }
  return { format, outer, inner, words, wordStride, scales, scaleStride };
}

/**
 * Packs matrices whose rows are integers times a scale of their own (`ModelTensors.rowScales`) without
 * loss: the integers are what rounding gives back, as f32 products are off by far less than a half.
 */
export function packInt8Rows(
  parts: readonly Float32Array[],
  rowScales: readonly Float32Array[],
  inner: number,
): PackedMatrix {
  const outer = parts.reduce((sum, part) => sum + part.length, 0) / inner;
  const scaleStride = Math.ceil(inner / GROUP);
  const rowBytes = scaleStride * GROUP;
  const levels = new Int8Array(outer * rowBytes);
  const scales = new Float32Array(outer * scaleStride);
  let row = 0;
  parts.forEach((part, p) => {
    rowScales[p].forEach((scale, n) => {
      scales.fill(scale, row * scaleStride, (row + 1) * scaleStride);
      const values = part.subarray(n * inner, (n + 1) * inner);
      if (scale > 0)
        levels.set(
          values.map((value) => Math.round(value / scale)),
          row * rowBytes,
        );
      row++;
    });
  });
  const words = new Uint32Array(levels.buffer);
  return { format: 'int8', outer, inner, words, wordStride: rowBytes / 4, scales, scaleStride };
}

/** f16 where that loses nothing, else f32. */
export function losslessFormat(parts: readonly Float32Array[]): WeightFormat {
  return parts.every((part) => part.every(isHalf)) ? 'f16' : 'f32';
}

function packHalves(values: Float32Array, words: Uint32Array): void {
  values.forEach((value, k) => {
    words[k >> 1] |= toHalfBits(value) << (16 * (k & 1));
  });
}

/** int8: value = round(v / scale), scale = max / 127. q4: nibble - 7 in -7 … 7, scale = max / 7. */
function packGroups(
  values: Float32Array,
  words: Uint32Array,
  scales: Float32Array,
  format: 'int8' | 'q4',
): void {
  const [most, bits] = format === 'int8' ? [127, 8] : [7, 4];
  const perWord = 32 / bits;
  const zero = format === 'q4' ? 7 : 0;
  const groups = words.length / (GROUP / perWord);
  for (let group = 0; group < groups; group++) {
    const inGroup = values.subarray(group * GROUP, (group + 1) * GROUP);
    const highest = inGroup.reduce((high, value) => Math.max(high, Math.abs(value)), 0);
    const scale = Math.fround(highest / most);
    scales[group] = scale;
    for (let i = 0; i < GROUP; i++) {
      const k = group * GROUP + i;
      const level = scale === 0 ? 0 : Math.round((inGroup[i] ?? 0) / scale);
      const code = (Math.max(-most, Math.min(most, level)) + zero) & ((1 << bits) - 1);
      words[Math.floor(k / perWord)] |= code << (bits * (k % perWord));
    }
  }
}

/** The value that a kernel reads back at `[n, k]`. */
export function unpackValue(matrix: PackedMatrix, n: number, k: number): number {
  const row = n * matrix.wordStride;
  if (matrix.format === 'f32') return new Float32Array(matrix.words.buffer)[row + k];
  if (matrix.format === 'f16') {
    return fromHalfBits((matrix.words[row + (k >> 1)] >>> (16 * (k & 1))) & 0xffff);
  }
  const scale = matrix.scales[n * matrix.scaleStride + Math.floor(k / GROUP)];
  if (matrix.format === 'int8') {
    return scale * ((matrix.words[row + (k >> 2)] << (24 - 8 * (k & 3))) >> 24);
  }
  return scale * (((matrix.words[row + (k >> 3)] >>> (4 * (k & 7))) & 15) - 7);
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

function isHalf(value: number): boolean {
  return fromHalfBits(toHalfBits(value)) === value;
}

/** Nearest binary16, ties to even. */
export function toHalfBits(value: number): number {
  float[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = bits[0] & 0x7fffffff;
  if (magnitude >= 0x7f800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  // 65520 and above rounds to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal: adding 0.5 leaves round-to-nearest-even in the last ten bits to the float unit.
    float[0] = Math.abs(value) + 0.5;
    return sign | (bits[0] - 0x3f000000);
  }
  const rounded = magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1);
  return sign | (rounded >>> 13);
}

export function fromHalfBits(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
