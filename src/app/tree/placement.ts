/**
 * Where nodes stand, whatever layout put them there. `depth` runs along the reading direction in
 * steps, `row` across it in rows of one card; pixels are the camera's business.
 */
import type { NodeView, RunView } from '../../shared/run-view.ts';

export interface Fold {
  readonly index: number;
  readonly parent: number;
  /** The folded siblings, in order of appearance. */
  readonly members: readonly number[];
  readonly depth: number;
  readonly row: number;
}

export interface Bounds {
  readonly lowRow: number;
  readonly highRow: number;
  readonly maxDepth: number;
  /** Steps that a mark of the last depth takes up: 1 for cells, 0 for points. */
  readonly lastStep: number;
}

export interface Placement {
  /** By node id; may be longer than the view that is drawn (the rest of a recorded run). */
  readonly depth: ArrayLike<number>;
  readonly row: ArrayLike<number>;
  /** Where the edge to a node starts: its parent, or for a revision the attempt before. */
  readonly origin: ArrayLike<number>;
  /** In revisions, the same line of the attempt before; -1 where there is none. */
  readonly prior: ArrayLike<number>;
  /** By node id: index into `folds`, or -1. */
  readonly foldOf: ArrayLike<number>;
  readonly folds: readonly Fold[];
  /** With the room that is set aside for nodes still to come. */
  readonly bounds: Bounds;
  /** Rows from the first to the last leaf of each node: a strip of cells, not a tree. */
  readonly extent: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> } | null;
}

export const EMPTY_PLACEMENT: Placement = {
  depth: [],
  row: [],
  origin: [],
  prior: [],
  foldOf: [],
  folds: [],
  bounds: { lowRow: 0, highRow: 0, maxDepth: 0, lastStep: 0 },
  extent: null,
};

/** Ghosts start so far behind their step, in steps, and end before the next one. */
export const GHOST_FROM = 0.7;

/** Depth of the `index`-th (from 1) of at most `of` rollout steps behind a step at `depth`. */
export function ghostDepth(depth: number, index: number, of: number): number {
  return depth + GHOST_FROM + ((1 - GHOST_FROM) * (index - 1)) / Math.max(of, index);
}

/** Steps between a rollout node and the step it was rolled out from. */
export function rolloutIndex(nodes: readonly NodeView[], id: number): number {
  let index = 0;
  for (let at = nodes[id]; at.role === 'rollout'; at = nodes[at.parent]) index++;
  return index;
}

/** How many rows apart siblings of different parents stand, beyond one row. */
export const COUSIN_GAP = 0.35;

/** Rows between two revision chains. */
export const CHAIN_GAP = 1;

export function strategyOf(view: RunView): string {
  return view.start?.config.strategy ?? '';
}
