/** A model's files as a `fetch`, with faults. */
import { createHash } from 'node:crypto';

export const FOLDER = 'https://models.test/tiny/resolve/main/';
export const LIB = 'https://libs.test/tiny.wasm';
export const SOURCE = { modelUrl: 'https://models.test/tiny', libUrl: LIB };

export type FileFault = 'missing' | 'down' | 'short' | 'wrong' | 'html' | 'cut';

export class ModelServer {
  readonly asked: string[] = [];
  delayMs = 0;
  /** Consulted for each request; `times` counts the requests of that file from 1. */
  fault: (name: string, times: number) => FileFault | null = () => null;
  private readonly files = new Map<string, Uint8Array<ArrayBuffer>>();

  constructor(shards = 3) {
    const records = Array.from({ length: shards }, (_, i) => {
      const bytes = new Uint8Array(1000 + 37 * i).map((_, at) => at * (i + 3));
      const dataPath = `params_shard_${i}.bin`;
      this.files.set(FOLDER + dataPath, bytes);
      const md5sum = createHash('md5').update(bytes).digest('hex');
      return { dataPath, nbytes: bytes.length, md5sum };
    });
    this.add(`${FOLDER}tensor-cache.json`, { metadata: {}, records });
    this.add(`${FOLDER}mlc-chat-config.json`, { tokenizer_files: ['tokenizer.json'] });
    const vocab = { Yes: 11, ĠYes: 12, No: 21, maybe: 31 };
    this.add(`${FOLDER}tokenizer.json`, { model: { vocab } });
    this.files.set(LIB, new Uint8Array([0, 97, 115, 109]));
  }

  readonly fetch: typeof fetch = async (input) => {
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    const url = String(input);
    this.asked.push(url);
    const times = this.asked.filter((one) => one === url).length;
    const bytes = this.files.get(url);
    const fault = this.fault(url.slice(url.lastIndexOf('/') + 1), times);
    if (fault === 'down') throw new TypeError('Failed to fetch');
    if (bytes === undefined || fault === 'missing') {
      return new Response('no', { status: 404 });
    }
    if (fault === 'html') return new Response('<html>Sign in</html>');
    if (fault === 'short') return new Response(bytes.slice(0, 10));
    // As many bytes as there should be, one of them another.
    if (fault === 'wrong') return new Response(bytes.map((byte, at) => (at === 7 ? ~byte : byte)));
    if (fault === 'cut') return new Response(cutBody(bytes));
    return new Response(bytes);
  };

  private add(url: string, json: unknown): void {
    this.files.set(url, new TextEncoder().encode(JSON.stringify(json)));
  }
}

function cutBody(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) controller.error(new TypeError('network error'));
      else controller.enqueue(bytes.slice(0, 5));
      sent = true;
    },
  });
}
