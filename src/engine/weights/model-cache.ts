/**
 * Verified model files in the browser's Cache API. A download is written under a temporary name of
 * its own (a stopped one may still be writing when the next begins) and gets the file's name only
 * after its checksum was right. Without the Cache API (insecure origin, private mode)
 * or without room, nothing is kept and all goes on.
 */
const CACHE_NAME = 'overthink-models-1';
const PARTIAL = '&partial';

export class ModelCache {
  private opened: Promise<Cache | null> | undefined;

  /** The kept copy of a file, or null. It may have been damaged since. */
  async match(url: string, sha256: string): Promise<Response | null> {
    const cache = await this.cache();
    return (await cache?.match(verifiedKey(url, sha256))) ?? null;
  }

  /** Writes the body under a temporary name, which it gives back; null: it could not be kept. */
  async putPartial(
    url: string,
    sha256: string,
    body: ReadableStream<Uint8Array>,
  ): Promise<string | null> {
    const partial = `${verifiedKey(url, sha256)}${PARTIAL}=${crypto.randomUUID()}`;
    try {
      const cache = await this.cache();
      if (cache === null) {
        await body.cancel();
        return null;
      }
      await cache.put(partial, new Response(body));
      return partial;
    } catch {
      // No room, or the download was stopped; the caller sees its own half of the stream.
      return null;
    }
  }

  /** Gives a temporary copy its own name and drops other versions of the file. */
  async commit(url: string, sha256: string, partial: string): Promise<void> {
    const cache = await this.cache();
    const copy = await cache?.match(partial);
    if (!cache || !copy) return;
    await cache.put(verifiedKey(url, sha256), copy);
    const keep = absolute(verifiedKey(url, sha256));
    for (const request of await cache.keys(url, { ignoreSearch: true })) {
      if (request.url !== keep) await cache.delete(request);
    }
  }

  /** Drops a temporary copy that proved wrong. */
  async drop(partial: string): Promise<void> {
    await (await this.cache())?.delete(partial);
  }

  /** Drops the verified copy and all temporary ones. True if there was a verified one. */
  async delete(url: string, sha256: string): Promise<boolean> {
    const cache = await this.cache();
    if (cache === null) return false;
    const partials = absolute(verifiedKey(url, sha256)) + PARTIAL;
    for (const request of await cache.keys(url, { ignoreSearch: true })) {
      if (request.url.startsWith(partials)) await cache.delete(request);
    }
    return cache.delete(verifiedKey(url, sha256));
  }

  private cache(): Promise<Cache | null> {
    this.opened ??= openCache();
    return this.opened;
  }
}

async function openCache(): Promise<Cache | null> {
  if (typeof caches === 'undefined') return null;
  return caches.open(CACHE_NAME).catch(() => null);
}

function verifiedKey(url: string, sha256: string): string {
  return `${url}?sha256=${sha256}`;
}

/** As the keys of a cache are read back. */
function absolute(url: string): string {
  return new URL(url, typeof location === 'undefined' ? 'http://localhost/' : location.href).href;
}
