/** Loads one model, whatever its source: config, tokenizer and weights, all checked. */
import { AppError, isAbort, throwIfAborted, toAppError } from '../../shared/errors.ts';
import { Tokenizer } from '../tokenizer/tokenizer.ts';
import { parseModelConfig, type ModelConfig } from './model-config.ts';
import { corruptModel } from './model-errors.ts';
import { applyRowScales } from './quantisation.ts';
import type { ByteStream, LoadProgress, ModelSource } from './model-source.ts';
import type { ModelTensors } from './model-tensors.ts';
import { readSafetensors } from './safetensors.ts';
import { assembleTensors, wantedTensors } from './tensor-names.ts';

export interface LoadedModel {
  readonly id: string;
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly tensors: ModelTensors;
}

export interface LoadOptions {
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}

const WEIGHTS = 'model.safetensors';

/** Throws AppError `model-missing`, `model-corrupt`, `model-unsupported`, `network`, `aborted`. */
export async function loadModel(
  source: ModelSource,
  options: LoadOptions = {},
): Promise<LoadedModel> {
  const track = progressTracker(source, options.onProgress);
  const config = parseModelConfig(await readJson(source, 'config.json', track, options.signal));
  const tokenizer = Tokenizer.fromJson(
    await readJson(source, 'tokenizer.json', track, options.signal),
  );
  if (tokenizer.size > config.vocab) {
    throw corruptModel(
      `The tokenizer has ${tokenizer.size} tokens, the model only ${config.vocab}.`,
    );
  }
  const wanted = wantedTensors(config);
  const tensors = await withHealing(source, WEIGHTS, options.signal, (stream) =>
    readSafetensors(track(stream), WEIGHTS, wanted.shapes, {
      optional: wanted.optional,
      int8: wanted.int8,
      signal: options.signal,
    }),
  );
  applyRowScales(tensors, wanted.int8);
  return {
    id: source.id,
    config,
    tokenizer,
    tensors: assembleTensors(config, tensors, wanted.int8),
  };
}

type Track = (stream: ByteStream) => AsyncIterable<Uint8Array>;

async function readJson(
  source: ModelSource,
  file: string,
  track: Track,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return withHealing(source, file, signal, async (stream) => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of track(stream)) text += decoder.decode(chunk, { stream: true });
    try {
      return JSON.parse(text + decoder.decode());
    } catch (error) {
      throw corruptModel(`${file} of the model ${source.id} is not JSON.`, error);
    }
  });
}

/** Reads a file; when a kept copy proves wrong it is dropped and the file is opened once more. */
async function withHealing<T>(
  source: ModelSource,
  file: string,
  signal: AbortSignal | undefined,
  read: (stream: ByteStream) => Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  try {
    return await read(await source.open(file, signal));
  } catch (error) {
    if (isAbort(error)) throw toAppError(error);
    const corrupt = error instanceof AppError && error.code === 'model-corrupt';
    if (!corrupt || !(await source.discard(file))) throw error;
  }
  return read(await source.open(file, signal));
}

function progressTracker(
  source: ModelSource,
  onProgress: ((progress: LoadProgress) => void) | undefined,
): Track {
  let done = 0;
  return async function* (stream) {
    const before = done;
    const total = source.totalBytes ?? before + stream.totalBytes;
    const stage = stream.from === 'network' ? 'downloading' : 'reading';
    // A second reading of a healed file starts again from where the file began.
    let loaded = 0;
    for await (const chunk of stream.chunks) {
      loaded += chunk.length;
      yield chunk;
      onProgress?.({
        stage,
        loadedBytes: before + loaded,
        totalBytes: Math.max(total, before + loaded),
      });
    }
    done = before + loaded;
  };
}
