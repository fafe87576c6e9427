import type { PackedMatrix } from './weight-format.ts';

type MatrixShape = Pick<PackedMatrix, 'inner' | 'outer' | 'wordStride' | 'scaleStride'>;

/** The `Shape` uniform of the kernels that read a weight matrix. */
export function shapeWords(matrix: MatrixShape, eps: number): Uint32Array<ArrayBuffer> {
  const { inner, outer, wordStride, scaleStride } = matrix;
  const words = Uint32Array.of(inner, outer, wordStride, scaleStride, 0, 0, 0, 0);
  new Float32Array(words.buffer)[4] = eps;
  return words;
}
