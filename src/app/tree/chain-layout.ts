/** Revisions as a table: a block of rows per chain, a column per attempt, a line per step. */
import type { RunView } from '../../shared/run-view.ts';
import { ChainIndex } from './chains.ts';
import { CHAIN_GAP, type Placement } from './placement.ts';

export function chainLayout(view: RunView): Placement {
  const index = indexChains(view);
  const lows: number[] = [];
  let next = 0;
  for (let chain = 0; chain < index.count; chain++) {
    lows.push(next);
    next += index.height(chain) + CHAIN_GAP;
  }
  const count = view.nodes.length;
  const depth = new Float64Array(count);
  const row = new Float64Array(count);
  const origin = new Int32Array(count);
  const prior = new Int32Array(count).fill(-1);
  let maxDepth = 0;
  for (const node of view.nodes) {
    const line = index.of(node.id);
    if (line === undefined) {
      // The baseline stands under the chains.
      depth[node.id] = node.id === 0 ? 0 : depth[node.parent] + 1;
      row[node.id] = node.id === 0 ? 0 : next;
      origin[node.id] = node.parent;
    } else {
      depth[node.id] = line.attempt + 1;
      row[node.id] = lows[line.chain] + line.line;
      origin[node.id] = line.origin === -1 ? node.parent : line.origin;
      prior[node.id] = line.prior;
    }
    maxDepth = Math.max(maxDepth, depth[node.id]);
  }
  const hasBaseline = view.nodes.some((node) => node.role === 'greedy');
  const foldOf = new Int32Array(count).fill(-1);
  const highRow = hasBaseline ? next : Math.max(next - CHAIN_GAP - 1, 0);
  const bounds = { lowRow: 0, highRow, maxDepth, lastStep: 0 };
  return { depth, row, origin, prior, foldOf, folds: [], bounds, extent: null };
}

/** A chain's attempts come in order, so a candidate's own (chain, attempt) need not be known yet. */
function indexChains(view: RunView): ChainIndex {
  const index = new ChainIndex();
  const chainOf = new Map<number, number>();
  for (const candidate of view.candidates) {
    if (candidate.chain === undefined) continue;
    let at = candidate.id;
    while (view.nodes[at].parent !== 0) at = view.nodes[at].parent;
    chainOf.set(at, candidate.chain);
  }
  let last = -1;
  for (const node of view.nodes) {
    if (node.role !== 'revision') continue;
    if (node.parent === 0) {
      const chain = chainOf.get(node.id) ?? last + 1;
      if (chain <= last) index.openRound();
      last = chain;
    }
    index.add(node.id, node.parent);
  }
  return index;
}
