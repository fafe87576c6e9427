/** Chooses a GPU, or says why not: the reasons are shown to the visitor as they stand here. */
import { AppError } from '../../shared/errors.ts';
import { GpuContext } from './gpu-context.ts';

export interface AdapterReport {
  /** null where there is no adapter at all. */
  readonly name: string | null;
  readonly software: boolean;
  readonly features: readonly string[];
  /** Bytes, but for the numbers of buffers and threads. */
  readonly limits: Readonly<Record<(typeof LIMITS)[number], number>> | null;
  /** Whole sentences; why it is not used comes last, if it is not. */
  readonly reasons: readonly string[];
}

export interface AdapterOptions {
  /** Take a software adapter as well: slower than the CPU backend, for tests and checks. */
  readonly allowSoftware?: boolean;
  /** Ask for `timestamp-query`, where the adapter has it. */
  readonly timestamps?: boolean;
  /** Default: that of the page or worker. */
  readonly gpu?: GPU | null;
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

/** Throws AppError `no-webgpu`; its message is the last of the report's reasons. */
export async function openGpu(options: AdapterOptions = {}): Promise<OpenedGpu> {
  const gpu = options.gpu === undefined ? gpuHere() : options.gpu;
  if (!gpu) throw refused('This browser has no WebGPU.');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw refused('WebGPU is there, but offers no graphics adapter.');
  const report = describeAdapter(adapter);
  const refusal = refusalOf(report, options);
  if (refusal) throw refused(refusal);
  const timed = options.timestamps && adapter.features.has('timestamp-query');
  try {
    const device = await adapter.requestDevice({
      requiredLimits: report.limits ?? {},
      requiredFeatures: timed ? ['timestamp-query'] : [],
    });
    return { context: new GpuContext(device, report.name ?? 'GPU'), report };
  } catch (error) {
    throw refused(`${report.name ?? 'The adapter'} gave no device.`, error);
  }
}

/** What can be said of the adapter without opening it. Never throws. */
export async function inspectGpu(options: AdapterOptions = {}): Promise<AdapterReport> {
  const gpu = options.gpu === undefined ? gpuHere() : options.gpu;
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    const reason = gpu
      ? 'WebGPU is there, but offers no graphics adapter.'
      : 'This browser has no WebGPU.';
    return { name: null, software: false, features: [], limits: null, reasons: [reason] };
  }
  const report = describeAdapter(adapter);
  const refusal = refusalOf(report, options);
  return refusal ? { ...report, reasons: [...report.reasons, refusal] } : report;
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
  const buffers = report.limits?.maxStorageBuffersPerShaderStage ?? 0;
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
