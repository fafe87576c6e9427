/**
 * Reader of the safetensors format (github.com/huggingface/safetensors): 8 bytes little-endian header
 * length, a JSON header, then the data. Streams: at no time is more than one tensor's piece held
 * beside the result. Every format becomes f32; scales are the caller's business.
 */
import * as z from 'zod/mini';
import { throwIfAborted } from '../../shared/errors.ts';
import { ByteReader } from './byte-reader.ts';
import { corruptModel } from './model-errors.ts';
import { BYTES_OF, toFloat32, type NumberFormat } from './number-formats.ts';

/** Headers of real checkpoints are far smaller; a larger length means damage. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

const FLOATS: readonly NumberFormat[] = ['F32', 'F16', 'BF16'];
const INT8: readonly NumberFormat[] = ['I8'];

const count = z.int().check(z.nonnegative());
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
});
const headerSchema = z.record(z.string(), z.unknown());

export interface ReadOptions {
  /** Names that may be missing. */
  readonly optional?: ReadonlySet<string>;
  /** Names that must be I8; all others must be floats. */
  readonly int8?: ReadonlySet<string>;
  readonly signal?: AbortSignal;
}

export interface TensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads the tensors named in `wanted` (name to shape); others are skipped. All checks of names,
 * shapes and formats are made on the header, before any data. Throws AppError `model-corrupt`.
 */
export async function readSafetensors(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  wanted: ReadonlyMap<string, readonly number[]>,
  options: ReadOptions = {},
): Promise<Map<string, Float32Array>> {
  const reader = new ByteReader(chunks, file);
  try {
    const entries = await readHeader(reader, file);
    checkWanted(entries, wanted, options, file);
    const tensors = new Map<string, Float32Array>();
    for (const entry of entries) {
      if (wanted.has(entry.name)) {
        tensors.set(entry.name, await readTensor(reader, entry, options.signal));
      } else await skip(reader, entry.end - entry.begin, options.signal);
    }
    await reader.expectEnd();
    return tensors;
  } finally {
    await reader.close();
  }
}

async function readHeader(reader: ByteReader, file: string): Promise<TensorEntry[]> {
  const head = new DataView((await reader.read(8)).buffer);
  const length = head.getUint32(0, true);
  if (head.getUint32(4, true) !== 0 || length < 2 || length > MAX_HEADER_BYTES) {
    throw corruptModel(`${file} does not begin with a safetensors header.`);
  }
  const json = parseHeaderJson(await reader.read(length), file);
  const entries: TensorEntry[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') continue;
    const parsed = z.safeParse(entrySchema, value);
    if (!parsed.success) throw corruptModel(`${file}: the header entry ${name} is malformed.`);
    const { dtype, shape, data_offsets } = parsed.data;
    entries.push({ name, dtype, shape, begin: data_offsets[0], end: data_offsets[1] });
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const entry of entries) {
    if (entry.begin !== at || entry.end < entry.begin) {
      throw corruptModel(`${file}: the data of ${entry.name} is not where it should be.`);
    }
    at = entry.end;
  }
  return entries;
}

function parseHeaderJson(bytes: Uint8Array, file: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return z.parse(headerSchema, json);
  } catch (error) {
    throw corruptModel(`${file}: the header is not JSON.`, error);
  }
}

function checkWanted(
  entries: readonly TensorEntry[],
  wanted: ReadonlyMap<string, readonly number[]>,
  { optional, int8 }: ReadOptions,
  file: string,
): void {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  for (const [name, shape] of wanted) {
    const entry = byName.get(name);
    if (!entry) {
      if (optional?.has(name)) continue;
      throw corruptModel(`${file} lacks the tensor ${name}.`);
    }
    if (entry.shape.length !== shape.length || entry.shape.some((size, i) => size !== shape[i])) {
      throw corruptModel(
        `${file}: ${name} has the shape [${entry.shape.join(', ')}], not [${shape.join(', ')}].`,
      );
    }
    const formats = int8?.has(name) ? INT8 : FLOATS;
    const format = formats.find((known) => known === entry.dtype);
    if (format === undefined) {
      throw corruptModel(
        `${file}: ${name} has the format ${entry.dtype}, not ${formats.join(' or ')}.`,
      );
    }
    const elements = shape.reduce((product, size) => product * size, 1);
    if (entry.end - entry.begin !== elements * BYTES_OF[format]) {
      throw corruptModel(`${file}: ${name} has the wrong number of bytes.`);
    }
  }
}

async function readTensor(
  reader: ByteReader,
  entry: TensorEntry,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const dtype = entry.dtype as NumberFormat;
  const out = new Float32Array((entry.end - entry.begin) / BYTES_OF[dtype]);
  let left = entry.end - entry.begin;
  let at = 0;
  while (left > 0) {
    throwIfAborted(signal);
    const bytes = await reader.read(Math.min(left, PIECE_BYTES));
    at += toFloat32(dtype, bytes, out, at);
    left -= bytes.length;
  }
  return out;
}

async function skip(reader: ByteReader, bytes: number, signal: AbortSignal | undefined) {
  for (let left = bytes; left > 0; left -= PIECE_BYTES) {
    throwIfAborted(signal);
    await reader.read(Math.min(left, PIECE_BYTES));
  }
}
