/** The files of a web-llm model over HTTP, with whatever is wrong with them. Node only. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServer {
  readonly modelUrl: string;
  /** The library under test; `name` picks one of `libs`. */
  libUrl(name: string): string;
  /** Replaces a file by name; null takes it away. */
  readonly changed: Map<string, string | Uint8Array | null>;
  close(): Promise<void>;
}

const SHARD = new Uint8Array(4096).fill(7);
/** As many bytes, one of them another. */
export const WRONG_SHARD = SHARD.with(1000, 8);
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

const LIBS: Readonly<Record<string, string | Uint8Array>> = {
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

/** Of characters: BPE without merges. */
export const TOKENIZER = JSON.stringify({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: { type: 'Fuse' },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    vocab: Object.fromEntries([...'YesNo 1234,.'].map((char, i) => [char, i])),
    merges: [],
  },
});

/** Everything that web-llm reads before it makes its pipeline. */
const CHAT_CONFIG = {
  tokenizer_files: ['tokenizer.json'],
  vocab_size: 16,
  context_window_size: 64,
  sliding_window_size: -1,
  attention_sink_size: -1,
  prefill_chunk_size: 16,
  conv_template: {
    name: 'plain',
    system_template: '{system_message}',
    system_message: '',
    roles: { user: 'user', assistant: 'assistant', tool: 'tool' },
    role_templates: {
      user: '{user_message}',
      assistant: '{assistant_message}',
      tool: '{tool_message}',
    },
    seps: ['.'],
    role_content_sep: '',
    role_empty_sep: '',
    stop_str: [],
    stop_token_ids: [0],
  },
};

/** An index whose one shard holds one record of `bytes` bytes. */
export function tensorCache(bytes: number): string {
  const record = { name: 'w', shape: [bytes >> 2], dtype: 'float32', format: 'raw', byteOffset: 0 };
  return JSON.stringify({
    metadata: {},
    records: [
      {
        dataPath: 'params_shard_0.bin',
        nbytes: SHARD.length,
        md5sum: createHash('md5').update(SHARD).digest('hex'),
        records: bytes === 0 ? [] : [{ ...record, nbytes: bytes }],
      },
    ],
  });
}

export async function startFileServer(): Promise<FileServer> {
  const files = new Map<string, string | Uint8Array>([
    ['mlc-chat-config.json', JSON.stringify(CHAT_CONFIG)],
    ['tensor-cache.json', tensorCache(0)],
    ['tokenizer.json', TOKENIZER],
    ['params_shard_0.bin', SHARD],
    ...Object.entries(LIBS).map(([name, body]) => [`${name}.wasm`, body] as const),
  ]);
  const changed = new Map<string, string | Uint8Array | null>();
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    const name = (request.url ?? '').split('/').at(-1) ?? '';
    const body = changed.has(name) ? changed.get(name) : files.get(name);
    if (body === undefined || body === null) response.writeHead(404).end('not found');
    else response.writeHead(200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    modelUrl: `${origin}/tiny`,
    libUrl: (name) => `${origin}/libs/${name}.wasm`,
    changed,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
