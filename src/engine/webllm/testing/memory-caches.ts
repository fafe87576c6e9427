/** The Cache API in memory, as far as web-llm models need it. */
export class MemoryCaches {
  readonly scopes = new Map<string, MemoryCache>();

  open(scope: string): Promise<Cache> {
    const cache = this.scopes.get(scope) ?? new MemoryCache();
    this.scopes.set(scope, cache);
    return Promise.resolve(cache as unknown as Cache);
  }

  urls(scope: string): string[] {
    return [...(this.scopes.get(scope)?.entries.keys() ?? [])];
  }
}

class MemoryCache {
  readonly entries = new Map<string, Uint8Array<ArrayBuffer>>();

  match(url: string): Promise<Response | undefined> {
    const bytes = this.entries.get(url);
    return Promise.resolve(bytes === undefined ? undefined : new Response(bytes));
  }

  async put(url: string, response: Response): Promise<void> {
    // Like the real one: nothing is stored when the body fails.
    const bytes = new Uint8Array(await response.arrayBuffer());
    this.entries.set(url, bytes);
  }

  delete(url: string): Promise<boolean> {
    return Promise.resolve(this.entries.delete(url));
  }

  keys(): Promise<{ url: string }[]> {
    return Promise.resolve([...this.entries.keys()].map((url) => ({ url })));
  }
}
