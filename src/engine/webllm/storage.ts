/** What web-llm models lie on this disk, and how to get rid of them. */
import type { CatalogueEntry } from './catalogue.ts';
import { CACHE_SCOPES, modelFolder, UNVERIFIED_SCOPE } from './model-files.ts';

type Caches = Pick<CacheStorage, 'open'>;
type Stored = Pick<CatalogueEntry, 'modelUrl' | 'libUrl'>;

export interface StoredModel {
  /** Bytes of its files on disk, the library apart. */
  readonly bytes: number;
  /** All files that its index names are there and verified. */
  readonly complete: boolean;
}

/** null where nothing of the model is there. */
export async function storedModel(entry: Stored, caches: Caches): Promise<StoredModel | null> {
  const folder = modelFolder(entry.modelUrl);
  const cache = await caches.open(CACHE_SCOPES.model);
  const keys = (await cache.keys()).map(({ url }) => url).filter((url) => url.startsWith(folder));
  if (keys.length === 0) return null;
  let bytes = 0;
  for (const url of keys) bytes += (await (await cache.match(url))?.blob())?.size ?? 0;
  const unverified = (await (await caches.open(UNVERIFIED_SCOPE)).keys()).some(({ url }) =>
    url.startsWith(folder),
  );
  const complete = !unverified && (await isComplete(folder, cache, new Set(keys)));
  return { bytes, complete };
}

async function isComplete(
  folder: string,
  cache: Cache,
  keys: ReadonlySet<string>,
): Promise<boolean> {
  const index = await cache.match(new URL('tensor-cache.json', folder).href);
  const json: unknown = await index?.json().catch(() => null);
  const records = (json as { records?: { dataPath?: string }[] } | null | undefined)?.records;
  if (!Array.isArray(records)) return false;
  return records.every(
    ({ dataPath }) => typeof dataPath === 'string' && keys.has(new URL(dataPath, folder).href),
  );
}

/** Deletes a model's files; its library only if no entry of `others` uses it too. */
export async function deleteModel(
  entry: Stored,
  others: readonly Stored[],
  caches: Caches,
): Promise<void> {
  const folder = modelFolder(entry.modelUrl);
  for (const scope of [CACHE_SCOPES.model, CACHE_SCOPES.config, UNVERIFIED_SCOPE]) {
    const cache = await caches.open(scope);
    for (const { url } of await cache.keys()) {
      if (url.startsWith(folder)) await cache.delete(url);
    }
  }
  const shared = others.filter(({ libUrl }) => libUrl === entry.libUrl);
  for (const other of shared) if ((await storedModel(other, caches)) !== null) return;
  await (await caches.open(CACHE_SCOPES.wasm)).delete(entry.libUrl);
}

export interface Quota {
  readonly usedBytes: number;
  readonly freeBytes: number;
  /** The browser promises not to clear it by itself. */
  readonly persistent: boolean;
}

/** null where the browser does not tell. */
export async function readQuota(storage: StorageManager | undefined): Promise<Quota | null> {
  if (storage === undefined) return null;
  const { usage = 0, quota = 0 } = await storage.estimate();
  const persistent = await storage.persisted().catch(() => false);
  return { usedBytes: usage, freeBytes: Math.max(0, quota - usage), persistent };
}
