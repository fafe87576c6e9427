/** The compiled kernels for the command line and for tests. Node only. */
import { readFile } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';

let compiled: Promise<WebAssembly.Module> | undefined;

export function nodeWasmModule(): Promise<WebAssembly.Module> {
  compiled ??= readFile(new URL('../../../build/engine.wasm', import.meta.url)).then(
    (bytes) => WebAssembly.compile(bytes),
    (error: unknown) => {
      throw new AppError('internal', 'The CPU kernels are not built.', {
        advice: 'Run: npm run build:wasm',
        cause: error,
      });
    },
  );
  return compiled;
}
