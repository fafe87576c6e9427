/** How N slots and a width M become kept beams (algorithms.md, "PRM search"). Pure. */
import type { RunConfig } from '../shared/run-config.ts';

/** The width in effect: 0 stands for sqrt(N); never more than there are slots. */
export function widthFor(width: number, slots: number): number {
  const wanted = width === 0 ? Math.round(Math.sqrt(slots)) : width;
  return Math.max(1, Math.min(wanted, slots));
}

/**
 * Beams to keep among `live` slots. `n-over-m` (the paper) rounds up, so that no beam gets more
 * than M continuations; `m` keeps M beams and shares the slots among them.
 */
export function keptBeams(keep: RunConfig['keep'], width: number, live: number): number {
  const kept = keep === 'm' ? Math.min(width, live) : Math.ceil(live / width);
  return Math.max(1, kept);
}

/** Sizes of about N/M independent subtrees of at most M slots each; they add up to N. */
export function subtreeSizes(slots: number, width: number): number[] {
  const count = Math.ceil(slots / width);
  return Array.from(
    { length: count },
    (_, at) => Math.floor(slots / count) + (at < slots % count ? 1 : 0),
  );
}

/** Beams and rollout steps that a budget pays for at N(k+1) generations. */
export function lookaheadShape(budget: number, steps: number): { slots: number; steps: number } {
  const affordable = Math.min(steps, budget - 1);
  return { slots: Math.floor(budget / (affordable + 1)), steps: affordable };
}
