/** A shipped model over the network: verified by SHA-256, kept in the Cache API, self-healing. */
import { AppError, isAbort } from '../../shared/errors.ts';
import type { ManifestFile, ManifestModel } from './manifest.ts';
import { ModelCache } from './model-cache.ts';
import { corruptModel, missingModelFile } from './model-errors.ts';
import type { ByteStream, ModelSource } from './model-source.ts';
import { Sha256 } from '../../shared/sha256.ts';

/** Files that `loadModel` opens. */
const OPENED = ['config.json', 'tokenizer.json', 'model.safetensors'];

/** `baseUrl` is the folder of the manifest, with a slash at its end. */
export function fetchModelSource(
  baseUrl: string,
  model: ManifestModel,
  cache: ModelCache = new ModelCache(),
): ModelSource {
  const files = new Map(model.files.map((file) => [file.path.split('/').pop() ?? '', file]));
  /** Files whose last download was wrong: the browser's HTTP cache is passed by, once. */
  const reloading = new Set<string>();
  const find = (name: string): ManifestFile => {
    const file = files.get(name);
    if (!file) throw missingModelFile(model.id, name);
    return file;
  };
  const opened = model.files.filter((file) =>
    OPENED.some((name) => file.path.endsWith(`/${name}`)),
  );
  return {
    id: model.id,
    totalBytes: opened.reduce((sum, file) => sum + file.bytes, 0),
    async open(name, signal) {
      const file = find(name);
      const url = baseUrl + file.path;
      const kept = await cache.match(url, file.sha256);
      if (kept?.body) {
        const chunks = verified(readAll(kept.body, signal), file);
        return { totalBytes: file.bytes, from: 'disk', chunks };
      }
      return download(url, file, cache, reloading.has(name), signal);
    },
    async discard(name) {
      const file = find(name);
      if (await cache.delete(baseUrl + file.path, file.sha256)) return true;
      if (reloading.has(name)) return false;
      reloading.add(name);
      return true;
    },
  };
}

async function download(
  url: string,
  file: ManifestFile,
  cache: ModelCache,
  reload: boolean,
  signal: AbortSignal | undefined,
): Promise<ByteStream> {
  const stop = new AbortController();
  const request = { signal: anySignal(stop.signal, signal), cache: reload ? 'reload' : 'default' };
  const body = await openBody(url, request as RequestInit);
  const [forUser, forCache] = body.tee();
  const keeping = cache.putPartial(url, file.sha256, forCache);
  return {
    totalBytes: file.bytes,
    from: 'network',
    chunks: (async function* () {
      let whole = false;
      try {
        yield* verified(readAll(forUser, signal), file);
        whole = true;
        const partial = await keeping;
        if (partial !== null) await cache.commit(url, file.sha256, partial).catch(() => undefined);
      } finally {
        if (!whole) {
          stop.abort();
          // Not awaited: it may end long after the next try has begun.
          void keeping.then(async (partial) => {
            if (partial !== null) await cache.drop(partial).catch(() => undefined);
          });
        }
      }
    })(),
  };
}

async function openBody(url: string, request: RequestInit): Promise<ReadableStream<Uint8Array>> {
  try {
    const response = await fetch(url, request);
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status} for ${url}`);
    return response.body;
  } catch (error) {
    throw isAbort(error) ? error : networkError(error);
  }
}

async function* readAll(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const piece = await reader.read().catch((error: unknown) => {
        throw isAbort(error) ? error : networkError(error);
      });
      if (piece.done) return;
      yield piece.value;
    }
  } finally {
    // Not awaited: one half of a split stream is cancelled only when the other half is, too.
    void reader.cancel().catch(() => undefined);
  }
}

/** Passes the pieces on and throws `model-corrupt` at the end unless size and sum are right. */
async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  file: ManifestFile,
): AsyncGenerator<Uint8Array> {
  const sum = new Sha256();
  let bytes = 0;
  for await (const chunk of chunks) {
    sum.update(chunk);
    bytes += chunk.length;
    yield chunk;
  }
  if (bytes !== file.bytes) {
    throw corruptModel(`${file.path} has ${bytes} bytes, not ${file.bytes}.`);
  }
  if (sum.hex() !== file.sha256) throw corruptModel(`${file.path} has the wrong checksum.`);
}

function anySignal(own: AbortSignal, given: AbortSignal | undefined): AbortSignal {
  return given ? AbortSignal.any([own, given]) : own;
}

function networkError(cause: unknown): AppError {
  return new AppError('network', 'The model could not be downloaded.', {
    advice: 'Check the connection and try again.',
    retryable: true,
    cause,
  });
}
