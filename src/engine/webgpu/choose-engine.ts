/** Which of the two own backends runs a model, and why: for the worker and the command line. */
import { AppError, isAbort } from '../../shared/errors.ts';
import type { Engine } from '../engine.ts';
import type { LoadedModel } from '../weights/load-model.ts';
import { createWebGpuEngine, type WebGpuEngineOptions } from './create-engine.ts';

/** `auto`: the GPU where it is hardware and passes the self-test. The others force a backend. */
export type EnginePreference = 'auto' | 'cpu' | 'webgpu';

export interface ChooseOptions extends Omit<WebGpuEngineOptions, 'fallback'> {
  readonly preference: EnginePreference;
  /** Opens the CPU engine of the same model; also what goes on when the GPU is lost for good. */
  readonly cpu: () => Promise<Engine>;
}

export interface ChosenEngine {
  readonly engine: Engine;
  /** Whole sentences for the visitor: the adapter, and why the GPU is not used where it is not. */
  readonly reasons: readonly string[];
}

/** Throws what `cpu` throws, `aborted`, and, where `webgpu` is forced, what keeps it from running. A
 * forced GPU may be a software adapter. */
export async function chooseEngine(
  model: Pick<LoadedModel, 'config' | 'tensors'>,
  { preference, cpu, ...options }: ChooseOptions,
): Promise<ChosenEngine> {
  if (preference === 'cpu') return { engine: await cpu(), reasons: ['The CPU was chosen.'] };
  let reasons: readonly string[] = [];
  try {
    const engine = await createWebGpuEngine(model, {
      ...options,
      allowSoftware: options.allowSoftware ?? preference === 'webgpu',
      fallback: cpu,
      onAdapter: (report) => {
        reasons = report.reasons;
        options.onAdapter?.(report);
      },
    });
    return { engine, reasons };
  } catch (error) {
    if (preference === 'webgpu' || isAbort(error) || !(error instanceof AppError)) throw error;
    return { engine: await cpu(), reasons: [...reasons, error.message] };
  }
}
