/** Which of the two own backends runs a model, and why: for the worker and the command line. */
import { isAbort, toAppError } from '../../shared/errors.ts';
import type { EnginePreference } from '../engine-preference.ts';
import type { Engine } from '../engine.ts';
import type { LoadedModel } from '../weights/load-model.ts';
import type { AdapterReport } from './adapter.ts';
import { createWebGpuEngine, type WebGpuEngineOptions } from './create-engine.ts';

export interface ChooseOptions extends Omit<WebGpuEngineOptions, 'fallback'> {
  readonly preference: EnginePreference;
  /** Opens the CPU engine of the same model; also what goes on when the GPU is lost for good. */
  readonly cpu: () => Promise<Engine>;
}

export interface ChosenEngine {
  readonly engine: Engine;
  /** null where none was found, or none was asked for. */
  readonly adapter: AdapterReport | null;
  /** Whole sentences for the visitor: the adapter, and why the GPU is not used where it is not. */
  readonly reasons: readonly string[];
}

/** Throws what `cpu` throws, `aborted`, and, where `webgpu` is forced, what keeps it from running. A
 * forced GPU may be a software adapter. Left to itself, a GPU that fails in any way costs nothing. */
export async function chooseEngine(
  model: Pick<LoadedModel, 'config' | 'tensors'>,
  { preference, cpu, ...options }: ChooseOptions,
): Promise<ChosenEngine> {
  if (preference === 'cpu') {
    return { engine: await cpu(), adapter: null, reasons: ['The CPU was chosen.'] };
  }
  let adapter: AdapterReport | null = null;
  const tested: string[] = [];
  try {
    const engine = await createWebGpuEngine(model, {
      ...options,
      allowSoftware: options.allowSoftware ?? preference === 'webgpu',
      fallback: cpu,
      onAdapter: (report) => {
        adapter = report;
        options.onAdapter?.(report);
      },
      onTested: () => {
        tested.push('It passed the self-test: its outputs for a known text are right.');
        options.onTested?.();
      },
      onWithoutSubgroups: (why) => {
        tested.unshift(`With subgroups it failed (${why}), so it runs without them.`);
        options.onWithoutSubgroups?.(why);
      },
    });
    return { engine, adapter, reasons: [...reasonsOf(adapter), ...tested] };
  } catch (thrown) {
    if (preference === 'webgpu' || isAbort(thrown)) throw thrown;
    const { message, cause } = toAppError(thrown);
    const why = cause === undefined ? message : `${message} (${describe(cause)})`;
    return { engine: await cpu(), adapter, reasons: [...reasonsOf(adapter), why] };
  }
}

function reasonsOf(adapter: AdapterReport | null): readonly string[] {
  return adapter?.reasons ?? [];
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
