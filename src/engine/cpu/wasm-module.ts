/** The compiled kernels for the page and its workers. */
import { AppError } from '../../shared/errors.ts';
import kernelsUrl from '../../../build/engine.wasm?url';

let compiled: Promise<WebAssembly.Module> | undefined;

/** Throws AppError `network` when the file cannot be had. */
export function browserWasmModule(): Promise<WebAssembly.Module> {
  compiled ??= compile().catch((error: unknown) => {
    compiled = undefined;
    throw error;
  });
  return compiled;
}

async function compile(): Promise<WebAssembly.Module> {
  try {
    const response = await fetch(kernelsUrl);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    // Not compileStreaming: some static hosts do not send the type application/wasm.
    return await WebAssembly.compile(await response.arrayBuffer());
  } catch (error) {
    throw new AppError('network', 'The CPU engine could not be loaded.', {
      advice: 'Check the connection and reload the page.',
      retryable: true,
      cause: error,
    });
  }
}
