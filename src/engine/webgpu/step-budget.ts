/**
 * What a decode step costs by count, and a model of its time on GPUs of stated speed. A model, not a
 * measurement: on small models a GPU waits for dispatches, whose number does not depend on the number
 * of branches, and counting shows how far that carries.
 */
import { flopsOfRange } from '../flops.ts';
import type { ModelConfig } from '../weights/model-config.ts';

/** Counted for one step of `branches` lanes at one position. */
export interface StepCounts {
  readonly branches: number;
  readonly dispatches: number;
  readonly flops: number;
  /** That must cross the memory bus: every weight once, and the keys and values that are read. */
  readonly bytes: number;
}

export interface GpuBudget {
  readonly name: string;
  readonly dispatchMicroseconds: number;
  readonly gigaflopsPerSecond: number;
  readonly gigabytesPerSecond: number;
}

/**
 * Dispatch costs are the ends of what was measured on real drivers (24 to 71 microseconds each, one
 * after another in a pass). Speeds are what kernels like these reach, not data-sheet peaks: a tenth of
 * a small integrated GPU's arithmetic with a third of its bandwidth, and a tenth and a half of a
 * middling card's.
 */
export const GPU_BUDGETS: readonly GpuBudget[] = [
  {
    name: 'small integrated GPU, fast driver',
    dispatchMicroseconds: 24,
    gigaflopsPerSecond: 100,
    gigabytesPerSecond: 15,
  },
  {
    name: 'small integrated GPU, slow driver',
    dispatchMicroseconds: 71,
    gigaflopsPerSecond: 100,
    gigabytesPerSecond: 15,
  },
  {
    name: 'discrete GPU, fast driver',
    dispatchMicroseconds: 24,
    gigaflopsPerSecond: 1000,
    gigabytesPerSecond: 150,
  },
];

export interface StepQuestion {
  readonly branches: number;
  /** Counted by the device. */
  readonly dispatches: number;
  /** Tokens that each lane attends to. */
  readonly length: number;
  /** Bytes of the weights that a step reads. */
  readonly weightBytes: number;
  /** Slots whose keys and values one KV head reads in one layer, summed over the lanes. */
  readonly readSlots: number;
}

export function countStep(config: ModelConfig, question: StepQuestion): StepCounts {
  const { branches, dispatches, length, weightBytes, readSlots } = question;
  const slotBytes = config.layers * 2 * config.kvHeads * config.headDim * 4;
  return {
    branches,
    dispatches,
    flops: branches * flopsOfRange(config, length - 1, length),
    bytes: weightBytes + readSlots * slotBytes,
  };
}

/** Dispatches, then whichever takes longer: the arithmetic or the memory. Milliseconds. */
export function modelledStepMs(counts: StepCounts, budget: GpuBudget): number {
  const arithmetic = counts.flops / budget.gigaflopsPerSecond / 1e6;
  const memory = counts.bytes / budget.gigabytesPerSecond / 1e6;
  return (counts.dispatches * budget.dispatchMicroseconds) / 1000 + Math.max(arithmetic, memory);
}

/** How many times a step with the branches of `many` costs one with those of `one`. */
export function modelledGrowth(one: StepCounts, many: StepCounts, budget: GpuBudget): number {
  return modelledStepMs(many, budget) / modelledStepMs(one, budget);
}
