/** Bytes of one value, by the name that safetensors gives the format. */
export const BYTES_OF = { F32: 4, F16: 2, BF16: 2, I8: 1 } as const;

export type NumberFormat = keyof typeof BYTES_OF;

/** Little-endian bytes to f32. `bytes` must be 4-aligned and hold whole values. */
export function toFloat32(
  dtype: NumberFormat,
  bytes: Uint8Array<ArrayBuffer>,
  out: Float32Array,
  at: number,
): number {
  if (dtype === 'F32') {
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    out.set(values, at);
    return values.length;
  }
  if (dtype === 'I8') {
    const values = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    out.set(values, at);
    return values.length;
  }
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const bits = new Uint32Array(out.buffer, out.byteOffset + at * 4, halves.length);
  if (dtype === 'BF16') {
    for (let i = 0; i < halves.length; i++) bits[i] = halves[i] << 16;
  } else {
    for (let i = 0; i < halves.length; i++) bits[i] = halfToFloatBits(halves[i]);
  }
  return halves.length;
}

const floatView = new Float32Array(1);
const bitsView = new Uint32Array(floatView.buffer);

/** IEEE 754 binary16 bits to binary32 bits. */
function halfToFloatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  // Subnormal: fraction * 2^-24 is exact in binary32.
  floatView[0] = fraction * 5.9604644775390625e-8;
  return sign | bitsView[0];
}
