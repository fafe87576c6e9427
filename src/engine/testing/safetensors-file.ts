/** Writes safetensors files for tests. */
export interface TestTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export function safetensorsFile(tensors: readonly TestTensor[], padding = 0): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let at = 0;
  for (const { name, dtype, shape, data } of tensors) {
    header[name] = { dtype, shape, data_offsets: [at, at + data.length] };
    at += data.length;
  }
  return withHeader(
    JSON.stringify(header) + ' '.repeat(padding),
    tensors.map(({ data }) => data),
  );
}

export function withHeader(header: string, data: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(header);
  const size = data.reduce((sum, piece) => sum + piece.length, 0);
  const file = new Uint8Array(8 + text.length + size);
  new DataView(file.buffer).setUint32(0, text.length, true);
  file.set(text, 8);
  let at = 8 + text.length;
  for (const piece of data) {
    file.set(piece, at);
    at += piece.length;
  }
  return file;
}

/** The bytes in pieces of the given sizes, the last size repeated. */
export async function* inPieces(
  bytes: Uint8Array,
  sizes: readonly number[] = [bytes.length || 1],
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[Math.min(i, sizes.length - 1)]);
    yield bytes.slice(at, at + size);
    at += size;
  }
}
