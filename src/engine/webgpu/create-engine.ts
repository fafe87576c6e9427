/** Opens the GPU, puts a model on it, proves it right, and keeps it going when the device is lost. */
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import type { Engine } from '../engine.ts';
import { TransformerEngine } from '../transformer-engine.ts';
import type { LoadedModel } from '../weights/load-model.ts';
import { openGpu, type AdapterOptions } from './adapter.ts';
import type { GpuContext } from './gpu-context.ts';
import type { WeightsOnGpu } from './model-memory.ts';
import type { CompileProgress } from './pipelines.ts';
import { RecoveringEngine, type RecoveryNotice } from './recovering-engine.ts';
import { selfTest, twinCase, type SelfTestCase } from './self-test.ts';
import { WebGpuDevice } from './webgpu-device.ts';
import type { WeightFormat } from './weight-format.ts';

export interface WebGpuEngineOptions extends AdapterOptions {
  /** Default: int8 where the file has it, f16 where that loses nothing, else f32. */
  readonly format?: WeightFormat;
  /** KV slots at most, in so far as the adapter allows. */
  readonly slots?: number;
  readonly maxRows?: number;
  readonly stepsPerPlan?: number;
  /** Known outputs for the self-test. Default: those of the float64 twin, for models it can run. */
  readonly golden?: SelfTestCase;
  /** The engine that goes on when the GPU is lost for the second time, such as the CPU's. */
  readonly fallback?: () => Promise<Engine>;
  readonly onCompile?: CompileProgress;
  /** Called when the outputs agreed with known ones. */
  readonly onTested?: () => void;
  /** Called when the weights are on the GPU and proved right, again after a loss. */
  readonly onWeights?: (weights: WeightsOnGpu) => void;
  /** Called with what went wrong where the model runs right only without subgroups. */
  readonly onWithoutSubgroups?: (why: string) => void;
  readonly onRecovery?: (notice: RecoveryNotice) => void;
  readonly signal?: AbortSignal;
}

type Model = Pick<LoadedModel, 'config' | 'tensors'>;

/**
 * Throws AppError `no-webgpu` (no adapter, a software adapter, a failed self-test; the message says
 * which), `out-of-memory`, `model-unsupported`, `aborted`. The caller then takes the CPU and shows
 * the message. A GPU that is wrong with subgroups gets a second try without them. A lost device is
 * rebuilt once, then `fallback` takes over; calls in flight are repeated there, so a run goes on with
 * the same tokens.
 */
export async function createWebGpuEngine(
  model: Model,
  options: WebGpuEngineOptions = {},
): Promise<Engine> {
  const { fallback, onRecovery } = options;
  let { subgroups } = options;
  const build = (): Promise<Engine> =>
    buildEngine(model, {
      ...options,
      subgroups,
      onWithoutSubgroups: (why) => {
        subgroups = false;
        options.onWithoutSubgroups?.(why);
      },
    });
  return new RecoveringEngine(await build(), {
    successors: [build, ...(fallback ? [fallback] : [])],
    onRecovery,
  });
}

async function buildEngine(model: Model, options: WebGpuEngineOptions): Promise<Engine> {
  throwIfAborted(options.signal);
  const { context } = await openGpu(options);
  try {
    return await engineOn(context, model, options);
  } catch (error) {
    if (context.subgroups === 0 || !isFaultOfKernels(error)) throw error;
    const engine = await buildEngine(model, { ...options, subgroups: false });
    options.onWithoutSubgroups?.(String(error.toData().cause ?? error.message));
    return engine;
  }
}

/** Outputs that are wrong, kernels that do not compile or that the GPU refuses. */
function isFaultOfKernels(error: unknown): error is AppError {
  return error instanceof AppError && (error.code === 'no-webgpu' || error.code === 'internal');
}

/** Takes ownership of the context, also when it throws. */
async function engineOn(
  context: GpuContext,
  { config, tensors }: Model,
  options: WebGpuEngineOptions,
): Promise<Engine> {
  const { format, slots, maxRows, stepsPerPlan, onCompile } = options;
  const device = await WebGpuDevice.create(context, {
    config,
    tensors,
    format,
    slots,
    maxRows,
    stepsPerPlan,
    onCompile,
  });
  try {
    const quantised = format === 'int8' || format === 'q4';
    const test = options.golden ?? (quantised ? null : twinCase(config, tensors));
    if (test) {
      await selfTest(device, test);
      options.onTested?.();
    }
    throwIfAborted(options.signal);
    options.onWeights?.(device.weightsHeld);
  } catch (error) {
    await device.dispose();
    throw error;
  }
  return new TransformerEngine(device);
}
