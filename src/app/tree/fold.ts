/** Which pruned siblings stand together as one mark ("+12 pruned"), and what that mark shows. */
import type { NodeView, RunView } from '../../shared/run-view.ts';

/** Fewer than this are drawn one by one. */
export const MIN_FOLD = 3;
/** A depth with at most so many nodes is not crowded. */
export const CROWDED = 32;
export const HISTOGRAM_BINS = 8;

/** A node that may disappear in a fold: pruned, nothing but rollouts behind it. */
export function isFoldable(nodes: readonly NodeView[], node: NodeView): boolean {
  return (
    node.state === 'pruned' &&
    !node.best &&
    node.candidate === null &&
    node.children.every((child) => nodes[child].role === 'rollout')
  );
}

/** Ids to fold by parent, for the parents that have a fold. `expanded` parents never fold. */
export function foldGroups(
  view: RunView,
  expanded: ReadonlySet<number>,
  crowded = CROWDED,
): Map<number, number[]> {
  const perDepth: number[] = [];
  for (const node of view.nodes) {
    if (node.role !== 'rollout') perDepth[node.depth] = (perDepth[node.depth] ?? 0) + 1;
  }
  const groups = new Map<number, number[]>();
  for (const node of view.nodes) {
    if (node.children.length < MIN_FOLD || expanded.has(node.id)) continue;
    if ((perDepth[node.depth + 1] ?? 0) <= crowded) continue;
    const members = node.children.filter((child) => isFoldable(view.nodes, view.nodes[child]));
    if (members.length >= MIN_FOLD) groups.set(node.id, members);
  }
  return groups;
}

export interface FoldSummary {
  /** Members that are there at this point of the run. */
  readonly shown: number;
  readonly pruned: number;
  /** Counts by score, lowest bin first; the unscored are in none. */
  readonly bins: readonly number[];
}

export function summarizeFold(nodes: readonly NodeView[], members: readonly number[]): FoldSummary {
  const bins = new Array<number>(HISTOGRAM_BINS).fill(0);
  let shown = 0;
  let pruned = 0;
  for (const id of members) {
    const node = id < nodes.length ? nodes[id] : undefined;
    if (node === undefined) break;
    shown++;
    if (node.state === 'pruned') pruned++;
    if (node.score !== null) bins[scoreBin(node.score)]++;
  }
  return { shown, pruned, bins };
}

export function scoreBin(score: number): number {
  const bin = Math.floor(score * HISTOGRAM_BINS);
  return Math.min(Math.max(bin, 0), HISTOGRAM_BINS - 1);
}

export function foldLabel(summary: FoldSummary): string {
  if (summary.pruned === summary.shown) return `+${summary.shown} pruned`;
  return summary.pruned === 0
    ? `+${summary.shown} sampled`
    : `+${summary.shown}, ${summary.pruned} pruned`;
}
