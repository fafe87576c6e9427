import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchModelSource } from './fetch-model-source.ts';
import { loadModel } from './load-model.ts';
import type { ManifestModel } from './manifest.ts';

const fixture = new URL('../../../test/fixtures/tiny-llama/', import.meta.url);
const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
const contents = new Map(names.map((name) => [name, readFileSync(new URL(name, fixture))]));
const model: ManifestModel = {
  id: 'tiny',
  role: 'policy',
  label: 'Tiny',
  parameters: 1,
  files: [...contents].map(([name, bytes]) => ({
    path: `tiny/${name}`,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  })),
};
const BASE = 'http://localhost/models/';
const weightsUrl = `${BASE}tiny/model.safetensors`;

/** The part of the Cache API in use, in memory. */
class FakeCache {
  readonly entries = new Map<string, Uint8Array<ArrayBuffer>>();
  async match(url: string): Promise<Response | undefined> {
    const bytes = this.entries.get(url);
    return bytes && new Response(bytes);
  }
  async put(url: string, response: Response): Promise<void> {
    this.entries.set(url, new Uint8Array(await response.arrayBuffer()));
  }
  async delete(request: string | { url: string }): Promise<boolean> {
    return this.entries.delete(typeof request === 'string' ? request : request.url);
  }
  async keys(url: string): Promise<{ url: string }[]> {
    return [...this.entries.keys()]
      .filter((key) => key.split('?')[0] === url)
      .map((key) => ({ url: key }));
  }
}

let cache: FakeCache;
let served: Map<string, Uint8Array<ArrayBuffer>>;
let requests: { url: string; mode: RequestCache | undefined }[];

beforeEach(() => {
  cache = new FakeCache();
  served = new Map([...contents].map(([name, bytes]) => [name, new Uint8Array(bytes)]));
  requests = [];
  vi.stubGlobal('caches', { open: async () => cache });
  vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
    requests.push({ url, mode: init?.cache });
    const bytes = served.get(url.split('/').pop() ?? '');
    return bytes ? new Response(bytes) : new Response('', { status: 404 });
  });
});
afterEach(() => vi.unstubAllGlobals());

const verifiedKeys = () => [...cache.entries.keys()].filter((key) => !key.includes('&partial'));

describe('fetchModelSource', () => {
  it('downloads once, keeps verified files only, and reads them back without the network', async () => {
    const first = await loadModel(fetchModelSource(BASE, model));
    expect(requests).toHaveLength(3);
    expect(cache.entries.size).toBe(3);
    expect(verifiedKeys()).toHaveLength(3);
    const stages = new Set<string>();
    const again = await loadModel(fetchModelSource(BASE, model), {
      onProgress: ({ stage }) => stages.add(stage),
    });
    expect(requests).toHaveLength(3);
    expect([...stages]).toEqual(['reading']);
    expect(again.tensors).toEqual(first.tensors);
  });

  it('heals a kept file that was damaged', async () => {
    await loadModel(fetchModelSource(BASE, model));
    const key = verifiedKeys().find((url) => url.startsWith(weightsUrl)) ?? '';
    const damaged = cache.entries.get(key);
    if (damaged) damaged[damaged.length - 3] ^= 1;
    await loadModel(fetchModelSource(BASE, model));
    expect(requests.filter(({ url }) => url === weightsUrl)).toHaveLength(2);
    const healed = createHash('sha256')
      .update(cache.entries.get(key) ?? '')
      .digest('hex');
    expect(key).toContain(healed);
  });

  it('tries a wrong download once more past the HTTP cache, then gives up and keeps nothing', async () => {
    served.get('model.safetensors')?.fill(7, 5000, 5001);
    await expect(loadModel(fetchModelSource(BASE, model))).rejects.toThrow(
      expect.objectContaining({ code: 'model-corrupt' }),
    );
    const modes = requests.filter(({ url }) => url === weightsUrl).map(({ mode }) => mode);
    expect(modes).toEqual(['default', 'reload']);
    expect(verifiedKeys().some((key) => key.startsWith(weightsUrl))).toBe(false);
  });

  it('a wrong download that is still being written harms neither the next try nor stays', async () => {
    const damaged = new Uint8Array(contents.get('model.safetensors') ?? []);
    damaged[damaged.length - 3] ^= 1;
    const right = served.get('model.safetensors') ?? new Uint8Array();
    served.set('model.safetensors', damaged);
    const put = cache.put.bind(cache);
    const late: (() => Promise<void>)[] = [];
    let written = Promise.resolve();
    cache.put = async (url, response) => {
      const partial = url.startsWith(weightsUrl) && url.includes('&partial');
      if (partial && late.length === 0) {
        served.set('model.safetensors', right);
        const bytes = await response.arrayBuffer();
        written = new Promise((resolve) => {
          late.push(async () => {
            await put(url, new Response(bytes));
            resolve();
          });
        });
        return written;
      }
      await put(url, response);
      if (partial) await late[0]();
    };
    await loadModel(fetchModelSource(BASE, model));
    await written;
    const [key] = verifiedKeys().filter((url) => url.startsWith(weightsUrl));
    expect(Buffer.from(cache.entries.get(key) ?? [])).toEqual(contents.get('model.safetensors'));
    await vi.waitFor(() => expect(cache.entries.size).toBe(3), { timeout: 20_000 });
  });

  it('drops an older version of a file when a newer one is kept', async () => {
    const old = `${weightsUrl}?sha256=${'0'.repeat(64)}`;
    cache.entries.set(old, new Uint8Array(1));
    await loadModel(fetchModelSource(BASE, model));
    expect(cache.entries.has(old)).toBe(false);
  });

  it('works without the Cache API', async () => {
    vi.stubGlobal('caches', undefined);
    const loaded = await loadModel(fetchModelSource(BASE, model));
    expect(loaded.config.vocab).toBe(80);
  });

  it('works when the cache has no room', async () => {
    cache.put = async () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    const loaded = await loadModel(fetchModelSource(BASE, model));
    expect(loaded.config.vocab).toBe(80);
  });

  it('calls a missing file or a dead network by their names', async () => {
    served.delete('config.json');
    await expect(loadModel(fetchModelSource(BASE, model))).rejects.toThrow(
      expect.objectContaining({ code: 'network', retryable: true }),
    );
    const { files } = model;
    await expect(
      loadModel(fetchModelSource(BASE, { ...model, files: files.slice(1) })),
    ).rejects.toThrow(expect.objectContaining({ code: 'model-missing' }));
  });
});
