/**
 * Verified model files in the browser's Cache API. A file is written under a temporary name and gets
 * its own only after its checksum was right. Without the Cache API (insecure origin, private mode)
 * or without room, nothing is kept and all goes on.
 */
const CACHE_NAME = 'overthink-models-1';

export class ModelCache {
  private opened: Promise<Cache | null> | undefined;

  /** The kept copy of a file, or null. It may have been damaged since. */
  async match(url: string, sha256: string): Promise<Response | null> {
    const cache = await this.cache();
    return (await cache?.match(verifiedKey(url, sha256))) ?? null;
  }

  /** Writes the body under the temporary name. False: it could not be kept. */
  async putPartial(
    url: string,
    sha256: string,
    body: ReadableStream<Uint8Array>,
  ): Promise<boolean> {
    try {
      const cache = await this.cache();
      if (cache === null) {
        await body.cancel();
        return false;
      }
      await cache.put(partialKey(url, sha256), new Response(body));
      return true;
    } catch {
      // No room, or the download was stopped; the caller sees its own half of the stream.
      return false;
    }
  }

  /** Gives the temporary copy its own name and drops other versions of the file. */
  async commit(url: string, sha256: string): Promise<void> {
    const cache = await this.cache();
    const partial = await cache?.match(partialKey(url, sha256));
    if (!cache || !partial) return;
    await cache.put(verifiedKey(url, sha256), partial);
    const keep = new URL(verifiedKey(url, sha256), pageUrl()).href;
    for (const request of await cache.keys(url, { ignoreSearch: true })) {
      if (request.url !== keep) await cache.delete(request);
    }
  }

  /** Drops the verified and the temporary copy. True if there was a verified one. */
  async delete(url: string, sha256: string): Promise<boolean> {
    const cache = await this.cache();
    if (cache === null) return false;
    await cache.delete(partialKey(url, sha256));
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

function partialKey(url: string, sha256: string): string {
  return `${url}?sha256=${sha256}&partial`;
}

function pageUrl(): string {
  return typeof location === 'undefined' ? 'http://localhost/' : location.href;
}
