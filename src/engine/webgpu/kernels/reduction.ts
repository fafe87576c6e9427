/** How threads of a workgroup add up and compare: through workgroup memory, or by subgroups. */
import type { BindingKind, Kernel } from '../kernel.ts';
import memoryCode from './reduce.wgsl?raw';
import subgroupsCode from './reduce-subgroups.wgsl?raw';

/**
 * 0: through workgroup memory, which works everywhere. Else the size of the adapter's smallest
 * subgroup, a power of two from 4 on.
 */
export type Subgroups = number;

/** Threads that share a reduction through workgroup memory: few, as each reads what all wrote. */
const MEMORY_TEAM = 8;

/** A kernel behind either reduction. */
export interface ReducingKernel {
  readonly memory: Kernel;
  readonly subgroups: Kernel;
}

export function reducingKernel(
  name: string,
  code: string,
  bindings: readonly BindingKind[],
): ReducingKernel {
  return {
    memory: { name, code: `${memoryCode}\n${code}`, bindings },
    subgroups: { name: `${name} subgroups`, code: `${subgroupsCode}\n${code}`, bindings },
  };
}

export function pick(kernel: ReducingKernel, subgroups: Subgroups): Kernel {
  return subgroups === 0 ? kernel.memory : kernel.subgroups;
}

/** The most threads that may form a team (`SPLIT`): a power of two. */
export function teamSize(subgroups: Subgroups): number {
  return subgroups === 0 ? MEMORY_TEAM : Math.min(8, subgroups);
}

/**
 * What a device offers: it must have the feature, and its WGSL must number subgroups
 * (`wgslLanguageFeatures` of the GPU object).
 */
export function subgroupsOf(
  device: GPUDevice,
  languageFeatures: { has(name: string): boolean } | undefined,
): Subgroups {
  if (!device.features.has('subgroups') || !languageFeatures?.has('subgroup_id')) return 0;
  return device.adapterInfo.subgroupMinSize ?? 0;
}
