/**
 * Model libraries for web-llm (model-library/index.as), each with what is wrong with it. No package
 * holds a real one; these speak its interface and hold a small model that writes. Compiled once.
 * Node only.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { aboutKernel, codeOf, KERNELS, type KernelName } from './model-library/kernels.ts';
import { VOCABULARY } from './written-words.ts';

export interface LibraryFaults {
  /** A name that TVM's registry does not hold, as in a library of another ABI. */
  readonly forgets?: string;
  /** What it says on the error stream before it ends the program while parameters are set up. */
  readonly refuses?: string;
  /** Of its KV cache on the GPU, for each token of the context. */
  readonly cacheBytesPerToken?: number;
  /** WGSL in the place of the kernel that makes the logits. */
  readonly shader?: string;
  /** The same kernel is compiled at its first call, so that what is wrong with it throws nothing. */
  readonly late?: boolean;
  /** It never comes back from being asked what it is. */
  readonly hangs?: boolean;
}

const FOLDER = fileURLToPath(new URL('./model-library/', import.meta.url));
const SOURCES = ['index', 'model', 'tensors', 'host', 'objects'];
const METADATA = { prefill_chunk_size: 1024, params: [{ name: 'text' }] };
/** Room for the settings, and how it is found again. */
const AREA_BYTES = 16_384;
const MARK = [0xf0, 0x9f, 0x95, 0xb3, 0xef, 0xb8, 0x8f, 0x7e];

let compiled: Promise<Uint8Array> | null = null;

export async function modelLibrary(own: LibraryFaults = {}): Promise<Uint8Array> {
  const wasm = Uint8Array.from(await (compiled ??= compile()));
  const at = Buffer.from(wasm.buffer).indexOf(Buffer.from(MARK));
  const settings = Buffer.concat(settingsOf(own).flatMap(withLength));
  if (at === -1 || settings.length > AREA_BYTES) throw new Error('no room for the settings');
  wasm.set(settings, at);
  return wasm;
}

/** In the order of index.as. */
function settingsOf(own: LibraryFaults): string[] {
  const { forgets, refuses, cacheBytesPerToken, shader, late } = own;
  const names = Object.keys(KERNELS) as KernelName[];
  const code = (name: KernelName): string =>
    name === 'next_logits' ? (shader ?? codeOf(name)) : codeOf(name);
  const early = names.filter((name) => late !== true || name !== 'next_logits');
  const about = Object.fromEntries(early.map((name) => [name, aboutKernel(name)]));
  const lateKernel = `${JSON.stringify(aboutKernel('next_logits'))}\n${code('next_logits')}`;
  return [
    forgets ?? '',
    refuses ?? '',
    JSON.stringify(METADATA),
    JSON.stringify(about),
    early.flatMap((name) => [name, code(name)]).join('\0'),
    String(cacheBytesPerToken ?? 4),
    String(VOCABULARY.length),
    late === true ? lateKernel : '',
    own.hangs === true ? 'hangs' : '',
  ];
}

function withLength(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return [length, bytes];
}

async function compile(): Promise<Uint8Array> {
  const area = [...MARK, ...Array.from({ length: AREA_BYTES - MARK.length }, () => 1)];
  const files = new Map(
    SOURCES.map((name) => [`${name}.ts`, readFileSync(`${FOLDER}${name}.as`, 'utf8')]),
  );
  files.set('settings.ts', `export const AREA = memory.data<u8>([${area.join(', ')}]);`);
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
