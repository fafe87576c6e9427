/**
 * Shells of model libraries for web-llm (hollow-library.as), each with what is wrong with it. No package
 * holds a real one; these speak its interface as far as loading goes. Compiled once. Node only.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

export interface HollowLibrary {
  /** A name that TVM's registry does not hold, as in a library of another ABI. */
  readonly forgets?: string;
  /** What it says on the error stream before it ends the program while parameters are set up. */
  readonly refuses?: string;
  /** Bytes of its KV cache on the GPU. */
  readonly hoards?: number;
  /** WGSL of its one kernel. */
  readonly shader?: string;
}

const KERNEL = '@compute @workgroup_size(1) fn kernel() {}';
const SOURCE = fileURLToPath(new URL('./hollow-library.as', import.meta.url));
const METADATA = { prefill_chunk_size: 16, params: [{ name: 'lm_head.weight' }] };
const FMAP = {
  kernel: { name: 'kernel', arg_types: [], launch_param_tags: ['blockIdx.x', 'threadIdx.x'] },
};
/** Room for the settings, and how it is found again. */
const AREA_BYTES = 2048;
const MARK = [0xf0, 0x9f, 0x95, 0xb3, 0xef, 0xb8, 0x8f, 0x7e];

let compiled: Promise<Uint8Array> | null = null;

export async function hollowLibrary(own: HollowLibrary = {}): Promise<Uint8Array> {
  const wasm = Uint8Array.from(await (compiled ??= compile()));
  const at = Buffer.from(wasm.buffer).indexOf(Buffer.from(MARK));
  const { forgets = '', refuses = '', shader = KERNEL, hoards } = own;
  const texts = [
    forgets,
    refuses,
    shader,
    JSON.stringify(METADATA),
    JSON.stringify(FMAP),
    String(hoards ?? ''),
  ];
  const settings = Buffer.concat(texts.flatMap(withLength));
  if (at === -1 || settings.length > AREA_BYTES) throw new Error('no room for the settings');
  wasm.set(settings, at);
  return wasm;
}

function withLength(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return [length, bytes];
}

async function compile(): Promise<Uint8Array> {
  const area = [...MARK, ...Array.from({ length: AREA_BYTES - MARK.length }, () => 1)];
  const files = new Map([
    ['index.ts', readFileSync(SOURCE, 'utf8')],
    ['settings.ts', `export const AREA = memory.data<u8>([${area.join(', ')}]);`],
  ]);
  const written: Uint8Array[] = [];
  const { error, stderr } = await asc.main(
    ['index.ts', '--outFile', 'out.wasm', '--runtime', 'stub', '--use', 'abort='],
    {
      readFile: (name) => files.get(name) ?? null,
      writeFile: (_, content) => void (content instanceof Uint8Array && written.push(content)),
      listFiles: () => null,
    },
  );
  if (error !== null || written.length === 0) {
    throw new Error(`${stderr.toString()} ${error?.message ?? ''}`);
  }
  return written[0];
}
