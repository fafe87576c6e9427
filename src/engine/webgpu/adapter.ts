/** Chooses a GPU, or says why not: the reasons are shown to the visitor as they stand here. */
import { AppError } from '../../shared/errors.ts';
import { GpuContext } from './gpu-context.ts';
import { subgroupsOf } from './kernels/reduction.ts';

export interface AdapterReport {
  readonly name: string;
  readonly software: boolean;
  readonly features: readonly string[];
  /** Bytes, but for the numbers of buffers and threads. */
  readonly limits: Readonly<Record<(typeof LIMITS)[number], number>>;
  /** Whole sentences. */
  readonly reasons: readonly string[];
}

export interface AdapterOptions {
  /** Take a software adapter as well: slower than the CPU backend, for tests and checks. */
  readonly allowSoftware?: boolean;
  /** Ask for `timestamp-query`, where the adapter has it. */
  readonly timestamps?: boolean;
  /** Let kernels use subgroups, where the adapter has them. Default true. */
  readonly subgroups?: boolean;
  /** Default: that of the page or worker. */
  readonly gpu?: GPU | null;
  /** Told of the adapter that was found, also when it is then refused. */
  readonly onAdapter?: (report: AdapterReport) => void;
}

/** Raised to what the adapter has. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** Storage buffers of the matmul kernels; WebGPU promises eight. */
const STORAGE_BUFFERS = 7;
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;

export interface OpenedGpu {
  readonly context: GpuContext;
  readonly report: AdapterReport;
}

/** Throws AppError `no-webgpu`, whose message is a sentence for the visitor. */
export async function openGpu(options: AdapterOptions = {}): Promise<OpenedGpu> {
  const gpu = options.gpu === undefined ? gpuHere() : options.gpu;
  if (!gpu) throw refused('This browser has no WebGPU.');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw refused('WebGPU is there, but offers no graphics adapter.');
  const report = describeAdapter(adapter);
  options.onAdapter?.(report);
  const refusal = refusalOf(report, options);
  if (refusal) throw refused(refusal);
  try {
    const device = await adapter.requestDevice({
      requiredLimits: report.limits,
      requiredFeatures: wantedFeatures(options).filter((name) => adapter.features.has(name)),
    });
    const subgroups = subgroupsOf(device, gpu.wgslLanguageFeatures);
    return { context: new GpuContext(device, report.name, { subgroups }), report };
  } catch (error) {
    throw refused(`${report.name} gave no device.`, error);
  }
}

function wantedFeatures(options: AdapterOptions): GPUFeatureName[] {
  const { timestamps = false, subgroups = true } = options;
  return [
    ...(timestamps ? ['timestamp-query' as const] : []),
    ...(subgroups ? ['subgroups' as const] : []),
  ];
}

function describeAdapter(adapter: GPUAdapter): AdapterReport {
  const { vendor, architecture, device, description } = adapter.info;
  const named = [vendor, architecture, device].filter((part) => part !== '').join(' ');
  const name = description || named || 'unnamed adapter';
  const software = adapter.info.isFallbackAdapter || SOFTWARE.test(`${name} ${named}`);
  const limits = Object.fromEntries(
    LIMITS.map((limit) => [limit, adapter.limits[limit]]),
  ) as Record<(typeof LIMITS)[number], number>;
  const mebibytes = Math.floor(limits.maxStorageBufferBindingSize / 2 ** 20);
  return {
    name,
    software,
    features: [...adapter.features].sort(),
    limits,
    reasons: [
      `The adapter is ${name}${software ? ', which runs on the CPU' : ''}.`,
      `It binds up to ${mebibytes} MiB at once.`,
    ],
  };
}

function refusalOf(report: AdapterReport, options: AdapterOptions): string | null {
  if (report.software && !options.allowSoftware) {
    return `${report.name} is a software adapter; the CPU engine is faster.`;
  }
  const buffers = report.limits.maxStorageBuffersPerShaderStage;
  if (buffers < STORAGE_BUFFERS) {
    return `${report.name} binds ${buffers} buffers at once; ${STORAGE_BUFFERS} are needed.`;
  }
  return null;
}

function gpuHere(): GPU | null {
  return typeof navigator !== 'undefined' && 'gpu' in navigator ? navigator.gpu : null;
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError('no-webgpu', message, {
    advice: 'The CPU engine does the same, only slower.',
    cause,
  });
}
