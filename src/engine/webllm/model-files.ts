/**
 * The files of a web-llm model, fetched by us into the very caches web-llm reads: with bytes,
 * status codes and names in errors, which its own `Cache.add` hides; file by file, so an
 * interrupted download goes on; and verified against `tensor-cache.json` (size, MD5 where given),
 * which web-llm 0.2.86 never does, so a wrong file is thrown away and fetched again. The library, the
 * tokenizer and the two JSON files come without a sum. web-llm then finds everything on disk.
 */
import * as z from 'zod/mini';
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import { Md5 } from './md5.ts';
import type { LoadEvent } from './load-state.ts';

/** The scopes of web-llm 0.2.86. */
export const CACHE_SCOPES = {
  config: 'webllm/config',
  model: 'webllm/model',
  wasm: 'webllm/wasm',
} as const;

/** Our own: a page closed between a download and its check must not leave the file trusted. */
export const UNVERIFIED_SCOPE = 'overthink/unverified';

export interface ModelSource {
  /** As in the catalogue; `/resolve/main/` is appended where no branch is named. */
  readonly modelUrl: string;
  readonly libUrl: string;
}

interface ModelFile {
  readonly url: string;
  readonly scope: string;
  /** Expected size; null where unknown. */
  readonly bytes: number | null;
  readonly md5: string | null;
}

export interface FileTools {
  readonly fetch: typeof fetch;
  readonly caches: Pick<CacheStorage, 'open'>;
  readonly report: (event: LoadEvent) => void;
  readonly signal?: AbortSignal | undefined;
}

const tensorCacheSchema = z.object({
  records: z.array(
    z.object({
      dataPath: z.string(),
      nbytes: z.number(),
      md5sum: z.nullish(z.string()),
    }),
  ),
});

const chatConfigSchema = z.object({ tokenizer_files: z.array(z.string()) });

/** Where web-llm looks: the folder of the weights (`cleanModelUrl` of 0.2.86). Throws `bad-input`. */
export function modelFolder(modelUrl: string): string {
  const slashed = modelUrl.endsWith('/') ? modelUrl : `${modelUrl}/`;
  const full = /.+\/resolve\/.+\//.test(slashed) ? slashed : `${slashed}resolve/main/`;
  return absolute(full, 'model');
}

function absolute(url: string, what: string): string {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new AppError('bad-input', `The address of the ${what} is not a full URL.`, {
      advice: 'Write it with https:// and the whole path.',
    });
  }
  return new URL(url).href;
}

/** Downloads what is missing, verifies what is there, heals what is wrong. Throws AppError. */
export async function ensureModelFiles(source: ModelSource, tools: FileTools): Promise<void> {
  const folder = modelFolder(source.modelUrl);
  const lib = { scope: CACHE_SCOPES.wasm, url: absolute(source.libUrl, 'library') };
  const at = (name: string): string => new URL(name, folder).href;
  const config = file(CACHE_SCOPES.config, at('mlc-chat-config.json'));
  const index = file(CACHE_SCOPES.model, at('tensor-cache.json'));
  // The two small files first: they name all the others.
  const { tokenizer_files: names } = await readJson(config, chatConfigSchema, tools);
  const { records } = await readJson(index, tensorCacheSchema, tools);
  const tokenizer = names.includes('tokenizer.json') ? 'tokenizer.json' : 'tokenizer.model';
  const files = [
    file(lib.scope, lib.url),
    file(CACHE_SCOPES.model, at(tokenizer)),
    ...records.map((record) => ({
      url: at(record.dataPath),
      scope: CACHE_SCOPES.model,
      bytes: record.nbytes,
      md5: record.md5sum ?? null,
    })),
  ];
  const totalBytes = files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const unverified = await download(files, totalBytes, tools);
  // Verified once, when it came; a later start trusts the disk, of which only sizes are checked.
  await verify(unverified, { totalBytes, index, config }, tools);
}

const file = (scope: string, url: string): ModelFile => ({ scope, url, bytes: null, md5: null });

/** Fetches what is not there or has the wrong size. Returns what has not been verified yet. */
async function download(
  files: readonly ModelFile[],
  totalBytes: number,
  tools: FileTools,
): Promise<ModelFile[]> {
  const marks = await openCache(UNVERIFIED_SCOPE, tools);
  const unverified: ModelFile[] = [];
  let loadedBytes = 0;
  for (const wanted of files) {
    throwIfAborted(tools.signal);
    const cache = await openCache(wanted.scope, tools);
    const present = await cache.match(wanted.url);
    if (present !== undefined && (await hasSize(present, wanted))) {
      loadedBytes += wanted.bytes ?? 0;
      if ((await marks.match(wanted.url)) !== undefined) unverified.push(wanted);
      continue;
    }
    if (wanted.bytes !== null) await marks.put(wanted.url, new Response());
    await fetchInto(cache, wanted, tools, (bytes) => {
      if (wanted.bytes !== null) loadedBytes += bytes;
      tools.report({ type: 'downloaded', loadedBytes, totalBytes });
    });
    unverified.push(wanted);
  }
  return unverified;
}

async function hasSize(response: Response, { bytes }: ModelFile): Promise<boolean> {
  if (bytes === null) return true;
  // A blob knows its size without being read into memory.
  return (await response.blob()).size === bytes;
}

async function fetchInto(
  cache: Cache,
  wanted: ModelFile,
  tools: FileTools,
  onBytes: (bytes: number) => void,
  cacheMode: RequestCache = 'default',
): Promise<void> {
  const response = await request(wanted, tools, cacheMode);
  const counted = response.body?.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        onBytes(chunk.byteLength);
        controller.enqueue(chunk);
      },
    }),
  );
  const { status, headers } = response;
  try {
    await cache.put(wanted.url, new Response(counted ?? null, { status, headers: kept(headers) }));
  } catch (thrown) {
    throwIfAborted(tools.signal);
    throw putFailure(wanted, thrown);
  }
}

/** Encodings are undone by `fetch` already; their headers would mislead the next reader. */
function kept(headers: Headers): Record<string, string> {
  const type = headers.get('content-type');
  return type === null ? {} : { 'content-type': type };
}

async function request(
  wanted: ModelFile,
  tools: FileTools,
  cache: RequestCache,
): Promise<Response> {
  const { signal } = tools;
  let response: Response;
  try {
    response = await tools.fetch(wanted.url, { cache, ...(signal ? { signal } : {}) });
  } catch (thrown) {
    throwIfAborted(tools.signal);
    throw new AppError('network', `No answer for ${nameOf(wanted)}.`, {
      advice:
        'Check the connection; what has arrived is kept, and the download goes on from there.',
      retryable: true,
      cause: thrown,
    });
  }
  if (response.ok) return response;
  throw new AppError('network', `${nameOf(wanted)} is not there (HTTP ${response.status}).`, {
    advice: `The server says ${response.status} for ${wanted.url}. Check the address of the model.`,
    retryable: response.status >= 500 || response.status === 429,
    status: response.status,
  });
}

interface Expected {
  readonly totalBytes: number;
  /** What the sizes and sums come from, and what is published together with it. */
  readonly index: ModelFile;
  readonly config: ModelFile;
}

async function verify(
  files: readonly ModelFile[],
  { totalBytes, index, config }: Expected,
  tools: FileTools,
): Promise<void> {
  const marks = await openCache(UNVERIFIED_SCOPE, tools);
  let loadedBytes = 0;
  for (const wanted of files) {
    if (wanted.bytes === null) continue;
    throwIfAborted(tools.signal);
    const cache = await openCache(wanted.scope, tools);
    if ((await faultOf(wanted, cache)) !== null) {
      // Once more, from the server itself; a second failure is the server's.
      await cache.delete(wanted.url);
      await fetchInto(cache, wanted, tools, () => {}, 'reload');
      const fault = await faultOf(wanted, cache);
      if (fault !== null) {
        await cache.delete(wanted.url);
        // The kept index may be older than the weights: the next try asks for both anew.
        for (const { scope, url } of [index, config]) {
          await (await openCache(scope, tools)).delete(url);
        }
        throw damaged(wanted, fault);
      }
    }
    await marks.delete(wanted.url);
    loadedBytes += wanted.bytes;
    tools.report({ type: 'verified', loadedBytes, totalBytes });
  }
}

type FileFault = 'size' | 'sum';

/** null where the file is what its index says. */
async function faultOf(wanted: ModelFile, cache: Cache): Promise<FileFault | null> {
  const response = await cache.match(wanted.url);
  if (response?.body === undefined || response.body === null) return 'size';
  const md5 = new Md5();
  let bytes = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (wanted.md5 !== null) md5.update(value);
  }
  if (bytes !== wanted.bytes) return 'size';
  return wanted.md5 === null || md5.hex() === wanted.md5.toLowerCase() ? null : 'sum';
}

function damaged(wanted: ModelFile, fault: FileFault): AppError {
  const says = {
    size: `${nameOf(wanted)} is damaged or incomplete.`,
    sum: `${nameOf(wanted)} is damaged: its checksum is not the one its publisher gives.`,
  };
  return new AppError('model-corrupt', says[fault], {
    advice:
      'Its server sent a wrong file twice. Try again later, or choose another model; files that are right are kept.',
    retryable: true,
  });
}

async function readJson<T extends z.ZodMiniType>(
  wanted: ModelFile,
  schema: T,
  tools: FileTools,
): Promise<z.infer<T>> {
  const cache = await openCache(wanted.scope, tools);
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(tools.signal);
    const present = await cache.match(wanted.url);
    if (present === undefined) await fetchInto(cache, wanted, tools, () => {});
    const text = await (present ?? (await cache.match(wanted.url)))?.text();
    const parsed = parseJson(text ?? '', schema);
    if (parsed !== null) return parsed;
    // A page of a captive portal must not stay for ever.
    await cache.delete(wanted.url);
    if (present === undefined || attempt > 1) throw notData(wanted);
  }
}

function parseJson<T extends z.ZodMiniType>(text: string, schema: T): z.infer<T> | null {
  try {
    const parsed = z.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function notData(wanted: ModelFile): AppError {
  return new AppError('model-corrupt', `${nameOf(wanted)} is not what it should be.`, {
    advice: 'The address is probably wrong, or a login page stands before it.',
  });
}

async function openCache(scope: string, tools: FileTools): Promise<Cache> {
  try {
    return await tools.caches.open(scope);
  } catch (thrown) {
    throw new AppError('storage', 'The browser refuses to store files for this page.', {
      advice: 'Leave private browsing, or allow this site to store data.',
      cause: thrown,
    });
  }
}

function putFailure(wanted: ModelFile, thrown: unknown): AppError {
  if (thrown instanceof Error && thrown.name === 'QuotaExceededError') {
    return new AppError('storage', 'There is not enough disk space for this model.', {
      advice: 'Delete another model on the Models page, or choose a smaller one.',
      cause: thrown,
    });
  }
  return new AppError('network', `The download of ${nameOf(wanted)} was cut off.`, {
    advice: 'Try again: what has arrived is kept, and the download goes on from there.',
    retryable: true,
    cause: thrown,
  });
}

function nameOf({ url }: ModelFile): string {
  return decodeURIComponent(url.slice(url.lastIndexOf('/') + 1));
}
