/** Compiled pipelines of one device, each made once, asynchronously and side by side. */
import { toAppError } from '../../shared/errors.ts';
import { variantKey, type BindingKind, type Kernel, type Variant } from './kernel.ts';

export type CompileProgress = (compiled: number, total: number) => void;

export class Pipelines {
  private readonly layouts = new Map<string, GPUBindGroupLayout>();
  private readonly modules = new Map<string, GPUShaderModule>();
  private readonly compiled = new Map<string, GPUComputePipeline>();

  constructor(private readonly device: GPUDevice) {}

  /** Throws AppError `internal` with the compiler's message. */
  async compile(variants: readonly Variant[], onProgress?: CompileProgress): Promise<void> {
    const wanted = new Map(variants.map((variant) => [variantKey(variant), variant]));
    let done = 0;
    onProgress?.(0, wanted.size);
    const jobs = [...wanted].map(async ([key, variant]) => {
      if (!this.compiled.has(key)) this.compiled.set(key, await this.compileOne(key, variant));
      onProgress?.(++done, wanted.size);
    });
    await Promise.all(jobs).catch((error: unknown) => {
      throw toAppError(error);
    });
  }

  get(variant: Variant): GPUComputePipeline {
    const pipeline = this.compiled.get(variantKey(variant));
    if (!pipeline) throw new Error(`invariant: ${variantKey(variant)} is compiled before use`);
    return pipeline;
  }

  /** Kernels with equal binding lists share a layout, and so may share bind groups. */
  layout(kernel: Kernel): GPUBindGroupLayout {
    const key = kernel.bindings.join();
    let layout = this.layouts.get(key);
    if (!layout) {
      layout = this.device.createBindGroupLayout({
        label: kernel.name,
        entries: kernel.bindings.map((kind, binding) => ({
          binding,
          visibility: GPUShaderStage.COMPUTE,
          buffer: bufferLayout(kind),
        })),
      });
      this.layouts.set(key, layout);
    }
    return layout;
  }

  private async compileOne(
    label: string,
    { kernel, constants }: Variant,
  ): Promise<GPUComputePipeline> {
    let module = this.modules.get(kernel.name);
    if (!module) {
      module = this.device.createShaderModule({ label: kernel.name, code: kernel.code });
      this.modules.set(kernel.name, module);
    }
    try {
      return await this.device.createComputePipelineAsync({
        label,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [this.layout(kernel)] }),
        compute: { module, entryPoint: 'main', constants },
      });
    } catch (error) {
      const { messages } = await module.getCompilationInfo();
      const said = messages.map(({ lineNum, message }) => `line ${lineNum}: ${message}`);
      throw new Error([`${label}: ${String(error)}`, ...said].join('\n'), { cause: error });
    }
  }
}

function bufferLayout(kind: BindingKind): GPUBufferBindingLayout {
  switch (kind) {
    case 'call':
      return { type: 'uniform', hasDynamicOffset: true };
    case 'uniform':
      return { type: 'uniform' };
    case 'read':
      return { type: 'read-only-storage' };
    case 'write':
      return { type: 'storage' };
  }
}
