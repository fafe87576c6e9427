/**
 * The layout of a finished (or frozen) run. Searches are a tree in columns with crowded pruned
 * siblings folded into one place and rollouts laid behind their step; best-of-N is a strip; revisions are a table of chains and attempts.
 */
import { hierarchy, type HierarchyNode } from 'd3-hierarchy';
import type { RunView } from '../../shared/run-view.ts';
import { foldGroups } from './fold.ts';
import { layeredRows } from './layered.ts';
import { EMPTY_PLACEMENT, strategyOf, type Fold, type Placement } from './placement.ts';
import { chainLayout } from './chain-layout.ts';
import { placeRollouts, siblingOrder } from './siblings.ts';
import { stripLayout } from './strip-layout.ts';

/** Rows that a fold takes: room for its histogram. */
const FOLD_ROWS = 1.4;

interface Item {
  readonly id: number;
  /** Folded siblings under the parent `id`; null for an ordinary node. */
  readonly members: readonly number[] | null;
}

export interface TidyOptions {
  /** Parents whose fold the visitor opened. */
  readonly expanded?: ReadonlySet<number>;
  /** Rows before tidying; siblings keep that order, so that little moves. */
  readonly before?: ArrayLike<number>;
  readonly crowded?: number;
}

export function tidyLayout(view: RunView, options: TidyOptions = {}): Placement {
  if (view.nodes.length === 0) return EMPTY_PLACEMENT;
  if (view.nodes.some((node) => node.role === 'revision')) return chainLayout(view);
  if (strategyOf(view) === 'best-of-n') return stripLayout(view);
  const groups = foldGroups(view, options.expanded ?? new Set(), options.crowded);
  const compare = siblingOrder(view, options.before);
  const root = hierarchy<Item>({ id: 0, members: null }, (item) =>
    childrenOf(view, item, groups, compare),
  );
  return collect(view, root);
}

function rowsOf(node: HierarchyNode<Item>): number {
  return node.data.members === null ? 1 : FOLD_ROWS;
}

function childrenOf(
  view: RunView,
  item: Item,
  groups: ReadonlyMap<number, readonly number[]>,
  compare: (a: number, b: number) => number,
): Item[] {
  if (item.members !== null) return [];
  const folded = groups.get(item.id);
  const inside = new Set(folded);
  const items: Item[] = view.nodes[item.id].children
    .filter((id) => view.nodes[id].role !== 'rollout' && !inside.has(id))
    .sort(compare)
    .map((id) => ({ id, members: null }));
  if (folded !== undefined) items.push({ id: item.id, members: folded });
  return items;
}

function collect(view: RunView, root: HierarchyNode<Item>): Placement {
  const rows = layeredRows(root, rowsOf);
  const count = view.nodes.length;
  const depth = new Float64Array(count);
  const row = new Float64Array(count);
  const foldOf = new Int32Array(count).fill(-1);
  const folds: Fold[] = [];
  let lowRow = 0;
  let highRow = 0;
  let maxDepth = 0;
  root.each((node) => {
    const at = rows.get(node) ?? 0;
    const { id, members } = node.data;
    lowRow = Math.min(lowRow, at);
    highRow = Math.max(highRow, at);
    maxDepth = Math.max(maxDepth, node.depth);
    for (const member of members ?? [id]) {
      depth[member] = node.depth;
      row[member] = at;
      if (members !== null) foldOf[member] = folds.length;
    }
    if (members !== null) {
      folds.push({ index: folds.length, parent: id, members, depth: node.depth, row: at });
    }
  });
  placeRollouts(view, depth, row, foldOf);
  return {
    depth,
    row,
    origin: view.nodes.map((node) => node.parent),
    prior: new Int32Array(count).fill(-1),
    foldOf,
    folds,
    bounds: { lowRow, highRow, maxDepth, lastStep: 0 },
    extent: null,
  };
}
