import type { DecodePlan } from '../../device.ts';
import type { Grid, Variant } from '../kernel.ts';
import { pick, reducingKernel, type Subgroups } from './reduction.ts';
import code from './sample.wgsl?raw';

/** Bindings: call, vocab, logits, ends, lanes, rows, results. */
const kernel = reducingKernel('sample', code, [
  'call',
  'uniform',
  'read',
  'read',
  'write',
  'write',
  'write',
]);

export function sampleVariant(subgroups: Subgroups): Variant {
  return { kernel: pick(kernel, subgroups), constants: {} };
}

export function sampleGrid(lanes: number): Grid {
  return [lanes, 1];
}

/** 32-bit words of one `Lane` of the kernel. */
export const LANE_WORDS = 12;

/** The lanes of a plan as the kernel reads them; `outputOf[row]` is the row's place among the
 * logits. */
export function laneWords(
  plan: DecodePlan,
  outputOf: ReadonlyMap<number, number>,
): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(plan.lanes * LANE_WORDS);
  const floats = new Float32Array(words.buffer);
  for (let lane = 0; lane < plan.lanes; lane++) {
    const at = lane * LANE_WORDS;
    words[at] = plan.streams[lane * 2];
    words[at + 1] = plan.streams[lane * 2 + 1];
    floats[at + 2] = plan.temperatures[lane];
    floats[at + 3] = plan.topP[lane];
    words[at + 4] = plan.topK[lane];
    words[at + 5] = plan.maxTokens[lane];
    words[at + 6] = plan.stopCounts[lane];
    words[at + 7] = outputOf.get(plan.sources[lane]) ?? 0;
    words[at + 8] = plan.firstPositions[lane];
    words[at + 9] = plan.laneListStarts[lane];
  }
  return words;
}

/** Words of the results of `lanes` lanes of up to `steps` tokens. */
export function resultWords(lanes: number, steps: number): number {
  return lanes * (1 + 2 * steps);
}
