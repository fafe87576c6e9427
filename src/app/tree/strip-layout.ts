/**
 * Best-of-N as a strip: one row per distinct solution, best first, a cell per step. Solutions that
 * begin alike share the cells of their beginning, so a cell spans the rows of all its solutions.
 */
import type { RunView } from '../../shared/run-view.ts';
import type { Placement } from './placement.ts';
import { meritOrder } from './siblings.ts';

export function stripLayout(view: RunView): Placement {
  const count = view.nodes.length;
  const depth = new Float64Array(count);
  const row = new Float64Array(count);
  const low = new Float64Array(count).fill(Infinity);
  const high = new Float64Array(count).fill(-Infinity);
  const compare = meritOrder(view);
  let leaves = 0;
  let maxDepth = 0;
  const stack = [0];
  while (stack.length > 0) {
    const id = stack.pop() ?? 0;
    const node = view.nodes[id];
    depth[id] = id === 0 ? 0 : depth[node.parent] + 1;
    maxDepth = Math.max(maxDepth, depth[id]);
    if (node.children.length === 0) low[id] = high[id] = leaves++;
    // Popped from the end, so the best goes in last.
    stack.push(...[...node.children].sort(compare).reverse());
  }
  for (let id = count - 1; id >= 0; id--) {
    const { parent } = view.nodes[id];
    row[id] = (low[id] + high[id]) / 2;
    low[parent] = Math.min(low[parent], low[id]);
    high[parent] = Math.max(high[parent], high[id]);
  }
  return {
    depth,
    row,
    origin: view.nodes.map((node) => node.parent),
    prior: new Int32Array(count).fill(-1),
    foldOf: new Int32Array(count).fill(-1),
    folds: [],
    bounds: { lowRow: 0, highRow: Math.max(leaves - 1, 0), maxDepth, lastStep: 1 },
    extent: { low, high },
  };
}
