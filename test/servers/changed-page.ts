/**
 * The built page over HTTP, with some of its files changed, missing or never answered. A server and no
 * interception in the browser: what a worker asks for is sure to come by here. Node only.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

/** Instead of a file: the request is never answered. */
export const NEVER = Symbol('never');

/** By path below the page, such as `models/manifest.json`; null: not found. May change at any time. */
export type ChangedFiles = Map<string, string | Uint8Array | null | typeof NEVER>;

export interface PageServer {
  /** With a slash at its end. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** `folder` is the built page. */
export async function serveChanged(folder: string, changed: ChangedFiles): Promise<PageServer> {
  const original = (path: string): Promise<Uint8Array | null> =>
    readFile(join(folder, normalize(`/${path}`))).catch(() => null);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const path = pathname === '/' ? 'index.html' : decodeURIComponent(pathname.slice(1));
    const change = changed.get(path);
    if (change === NEVER) return;
    void (change === undefined ? original(path) : Promise.resolve(change)).then((body) => {
      // Nothing may come from the browser's HTTP cache in place of what is served now.
      response.setHeader('cache-control', 'no-store');
      if (body === null) response.writeHead(404).end('not here');
      else {
        const type = TYPES[extname(path)] ?? 'application/octet-stream';
        response.writeHead(200, { 'content-type': type }).end(body);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
