/** A model in a folder, for the command line and for tests. Node only. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { missingModelFile } from './weights/model-errors.ts';
import type { ModelSource } from './weights/model-source.ts';

export function nodeModelSource(folder: string): ModelSource {
  const id = basename(folder);
  return {
    id,
    totalBytes: null,
    async open(file, signal) {
      const path = join(folder, file);
      let totalBytes: number;
      try {
        totalBytes = (await stat(path)).size;
      } catch (error) {
        throw missingModelFile(id, file, error);
      }
      return { totalBytes, from: 'disk', chunks: createReadStream(path, { signal }) };
    },
    async discard() {
      return false;
    },
  };
}
