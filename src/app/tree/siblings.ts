/** Orders siblings and places what hangs on a step without a row of its own. */
import type { NodeView, RunView } from '../../shared/run-view.ts';
import { ghostDepth, rolloutIndex } from './placement.ts';

type Compare = (a: number, b: number) => number;

/** As they stood before, or as they came. The baseline is first, as in the live layout. */
export function siblingOrder(view: RunView, before?: ArrayLike<number>): Compare {
  const row = (id: number) => (before !== undefined && id < before.length ? before[id] : id);
  return (a, b) => tail(view, b) - tail(view, a) || row(a) - row(b) || a - b;
}

/** Best score first, the baseline last. */
export function meritOrder(view: RunView): Compare {
  const merit = meritOfPaths(view);
  return (a, b) => tail(view, a) - tail(view, b) || merit[b] - merit[a] || a - b;
}

function tail(view: RunView, id: number): number {
  return view.nodes[id].role === 'greedy' ? 1 : 0;
}

/** By node: the best final score among the solutions that pass through it; -1 where none. */
function meritOfPaths(view: RunView): Float64Array {
  const merit = new Float64Array(view.nodes.length).fill(-1);
  for (const candidate of view.candidates) {
    const score = view.nodes[candidate.id].score ?? candidate.stepScores.at(-1) ?? -1;
    merit[candidate.id] = Math.max(merit[candidate.id], score);
  }
  for (let id = view.nodes.length - 1; id > 0; id--) {
    const parent = view.nodes[id].parent;
    merit[parent] = Math.max(merit[parent], merit[id]);
  }
  return merit;
}

/** Rollouts follow their step, also into a fold. Parents come before children in id order. */
export function placeRollouts(
  view: RunView,
  depth: Float64Array,
  row: Float64Array,
  foldOf: Int32Array,
): void {
  const of = Math.max(view.start?.config.lookahead ?? 1, 1);
  const nodes: readonly NodeView[] = view.nodes;
  for (const node of nodes) {
    if (node.role !== 'rollout') continue;
    const index = rolloutIndex(nodes, node.id);
    let owner = node.parent;
    while (nodes[owner].role === 'rollout') owner = nodes[owner].parent;
    depth[node.id] = ghostDepth(depth[owner], index, of);
    row[node.id] = row[owner];
    foldOf[node.id] = foldOf[owner];
  }
}
