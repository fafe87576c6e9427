/** The files of web-llm models over HTTP, with whatever is wrong with them. Node only. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { JUDGEMENTS, solutionsAbout } from './passages.ts';
import { writtenModel } from './written-model.ts';

type Body = string | Uint8Array;

export interface FileServer {
  /** Of the model `tiny`; a suffix names another folder with the same files. */
  readonly modelUrl: string;
  /** Serves a folder of its own; its address. */
  addModel(name: string, files: ReadonlyMap<string, Body>): string;
  /** The library under test; `name` picks one of `libs`. */
  libUrl(name: string): string;
  /** Replaces a file by name; null takes it away. */
  readonly changed: Map<string, Body | null>;
  close(): Promise<void>;
}

const TINY = writtenModel([...solutionsAbout('owls'), ...JUDGEMENTS]);
export const SHARD = TINY.get('params_shard_0.bin') as Uint8Array;
/** As many bytes, one of them another. */
export const WRONG_SHARD = SHARD.with(1000, 8);
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

const LIBS: Readonly<Record<string, Body>> = {
  html: '<html>not found</html>',
  // A type section that claims more bytes than there are.
  truncated: Uint8Array.from([...HEADER, 0x01, 0x7f]),
  // A valid module that exports nothing.
  empty: Uint8Array.from(HEADER),
  // Another one that exports a memory of one page, and nothing else.
  memory: Uint8Array.from([
    ...HEADER,
    ...[0x05, 0x03, 0x01, 0x00, 0x01],
    ...[0x07, 0x0a, 0x01, 0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x00],
  ]),
};

export async function startFileServer(): Promise<FileServer> {
  const files = new Map<string, Body>([
    ...TINY,
    ...Object.entries(LIBS).map(([name, body]) => [`${name}.wasm`, body] as const),
  ]);
  const folders = new Map<string, ReadonlyMap<string, Body>>();
  const changed = new Map<string, Body | null>();
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    const path = (request.url ?? '').split('/');
    const name = path.at(-1) ?? '';
    const own = changed.get(name);
    const body = own === undefined ? (folders.get(path[1])?.get(name) ?? files.get(name)) : own;
    if (body === undefined || body === null) response.writeHead(404).end('not found');
    else response.writeHead(200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    modelUrl: `${origin}/tiny`,
    addModel: (name, own) => {
      folders.set(name, own);
      return `${origin}/${name}`;
    },
    libUrl: (name) => `${origin}/libs/${name}.wasm`,
    changed,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
