/** How an engine is named to people, in the status line and in logs. */
import type { EngineCapabilities } from './engine.ts';

/** Such as "CPU (WASM SIMD)" or "WebGPU (nvidia ampere)". */
export function labelOfEngine({
  backend,
  label,
}: Pick<EngineCapabilities, 'backend' | 'label'>): string {
  return backend === 'webgpu' ? `WebGPU (${label})` : label;
}
