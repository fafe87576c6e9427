/** What the detail pane says about a node, in words. */
import type { Aggregation } from '../../shared/run-config.ts';
import { pathTo, type NodeView, type RunView } from '../../shared/run-view.ts';
import { aggregate } from '../../verify/aggregate.ts';
import { scoreText } from './ramp.ts';

export interface Fact {
  readonly term: string;
  readonly value: string;
}

const AGGREGATION_WORDS: Readonly<Record<Aggregation, string>> = {
  last: 'the last of them',
  min: 'the smallest of them',
  product: 'their product',
  mean: 'their mean',
};

/** Steps from the first to `id`; for revisions those of its attempt. */
export function prefixOf(view: RunView, id: number): NodeView[] {
  return pathTo(view, id).map((at) => view.nodes[at]);
}

export function statusText(node: NodeView): string {
  const { rank, state } = node;
  const place =
    rank === null ? '' : `: rank ${rank.rank} of ${rank.of}, kept ${Math.min(rank.keeps, rank.of)}`;
  if (node.role === 'rollout') return 'Looked ahead, then thrown away';
  if (node.role === 'given')
    return 'Given: from the run that this one goes on from; cost nothing here';
  if (node.role === 'greedy') return 'What greedy decoding writes (not charged)';
  if (state === 'pruned') return `Pruned${place}`;
  if (state === 'kept') return `Kept${place}`;
  if (state === 'finished') return `Finished${place}`;
  if (node.candidate === null) return 'Not judged yet';
  if (node.end === 'repetition')
    return 'Ended here: it goes round in circles, three times the same';
  return node.end === 'length' ? 'Cut off before it was finished' : 'Ended without an answer';
}

/** "last of .62 .80 .91 = .91", as the run aggregates; null where a step has no score. */
export function aggregateText(steps: readonly NodeView[], how: Aggregation): string | null {
  const scores = steps.map((step) => step.score).filter((score) => score !== null);
  const value = aggregate(scores, how);
  if (value === null) return null;
  if (scores.length === 1) return scoreText(value);
  return `${scoreText(value)} – ${AGGREGATION_WORDS[how]}: ${scores.map(scoreText).join('  ')}`;
}

export function factsOf(view: RunView, node: NodeView, how: Aggregation): Fact[] {
  const steps = prefixOf(view, node.id);
  const total = steps.reduce((sum, step) => sum + step.logProb, 0);
  const tokens = steps.reduce((sum, step) => sum + step.tokens, 0);
  const rolledOut = node.children.some((id) => view.nodes[id].role === 'rollout');
  const read = rolledOut ? ' (this one read at the end of its rollout)' : '';
  const score = aggregateText(steps, how);
  const facts: (Fact | null)[] = [
    { term: 'Status', value: statusText(node) },
    score === null ? null : { term: 'Score', value: score + read },
    {
      term: 'Log-probability',
      value: `${fixed(node.logProb)} for this step, ${fixed(total)} in all`,
    },
    { term: 'Tokens', value: `${node.tokens} for this step, ${tokens} in all` },
    node.copies > 1
      ? { term: 'Copies', value: `sampled ${node.copies} times, merged into one` }
      : null,
    { term: 'Stream', value: node.stream.map(hex).join(' ') },
  ];
  return facts.filter((fact) => fact !== null);
}

function fixed(value: number): string {
  return value.toFixed(2).replace('-', '−');
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
