/**
 * Writes the hand-made web-llm models that `webllm.gpu.test.ts` asks for into a folder, as a static
 * server serves them: `NAME/resolve/main/…` and `libs/NAME.wasm`. Node only.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { modelLibrary, type LibraryFaults } from './model-library.ts';
import { JUDGEMENTS, solutionsAbout } from './passages.ts';
import { writtenModel } from './written-model.ts';

const LIBRARIES: Readonly<Record<string, LibraryFaults>> = {
  good: {},
  // Of every token of the context: 4 TB in all.
  vast: { cacheBytesPerToken: 1e9 },
  'invalid-shader': { shader: 'fn next_logits() { this is no WGSL }', late: true },
};

export async function writeWebLlmModels(folder: string): Promise<void> {
  for (const animals of ['owls', 'foxes']) {
    const files = writtenModel([...solutionsAbout(animals), ...JUDGEMENTS]);
    for (const [name, body] of files) {
      await write(join(folder, `${animals}-instruct/resolve/main/${name}`), body);
    }
  }
  for (const [name, faults] of Object.entries(LIBRARIES)) {
    await write(join(folder, `libs/${name}.wasm`), await modelLibrary(faults));
  }
}

async function write(path: string, body: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, body);
}
