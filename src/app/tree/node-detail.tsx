/** Everything known about one node. A pane, not a tooltip: it can be read, copied and tabbed to. */
import { useId } from 'react';
import type { Aggregation } from '../../shared/run-config.ts';
import type { NodeView, RunView } from '../../shared/run-view.ts';
import { Diff } from './diff-text.tsx';
import { factsOf, prefixOf } from './facts.ts';
import { scoreText } from './ramp.ts';
import { RevisionWindow } from './revision-window.tsx';
import { revisionOf, type Revision } from './revision.ts';
import { TwinMark } from './tree-twin.tsx';

/** Steps that a search can go on behind. */
const EXPANDABLE: readonly NodeView['role'][] = ['step', 'greedy', 'given'];

/** Whether step `index` of these steps is true; null where that cannot be told. */
export type CheckStep = (steps: readonly string[], index: number) => boolean | null;

export interface NodeDetailProps {
  readonly view: RunView;
  readonly revision: number;
  readonly id: number;
  readonly aggregation: Aggregation;
  /** In revisions, the same line of the attempt before; -1 where there is none. */
  readonly prior?: number;
  readonly checkStep?: CheckStep;
  readonly onSelect: (id: number | null) => void;
  readonly onExpandFrom?: (id: number) => void;
  /** What expanding will run ("Beam search, 16 generations"), or why it cannot. */
  readonly expansion?: Expansion;
}

export interface Expansion {
  readonly possible: boolean;
  readonly words: string;
}

export function NodeDetail(props: NodeDetailProps) {
  const { view, id, aggregation, prior = -1, checkStep, onSelect, onExpandFrom, expansion } = props;
  const expandHint = useId();
  if (id >= view.nodes.length) return null;
  const node = view.nodes[id];
  const revision = node.role === 'revision' ? revisionOf(view, id) : null;
  const steps = prefixOf(view, id);
  const texts = steps.map((step) => step.text);
  const isPrefix = id !== 0 && node.end === 'step' && EXPANDABLE.includes(node.role);
  const canExpand = onExpandFrom !== undefined && isPrefix;
  return (
    <section className="tree-detail" aria-label="Selected step">
      <header>
        <h3>
          {titleOf(id, steps.length, revision)}
          {id !== 0 && <span className="tree-detail-id">node {id}</span>}
        </h3>
        {canExpand && (
          <button
            type="button"
            aria-disabled={expansion?.possible === false}
            aria-describedby={expansion === undefined ? undefined : expandHint}
            onClick={() => expansion?.possible !== false && onExpandFrom(id)}
          >
            Expand from here
          </button>
        )}
        <button type="button" className="tree-quiet" onClick={() => onSelect(null)}>
          Close
        </button>
      </header>
      {canExpand && expansion !== undefined && (
        <p className="tree-detail-hint" id={expandHint}>
          {expansion.words}
        </p>
      )}
      <div className="tree-detail-body">
        <ol className="tree-prefix" aria-label="The solution so far">
          <li className="tree-prefix-problem">
            <code>{view.nodes[0].text}</code>
          </li>
          {steps.map((step, index) => (
            <PrefixStep
              key={step.id}
              step={step}
              isCurrent={step.id === id}
              truth={checkStep?.(texts, index) ?? null}
              onSelect={onSelect}
            />
          ))}
        </ol>
        {id !== 0 && (
          <dl className="tree-facts">
            {factsOf(view, node, aggregation).map(({ term, value }) => (
              <div key={term}>
                <dt>{term}</dt>
                <dd>{value}</dd>
              </div>
            ))}
            {prior >= 0 && prior < view.nodes.length && (
              <div>
                <dt>Changed</dt>
                <dd>
                  <Diff before={view.nodes[prior].text} after={node.text} />
                </dd>
              </div>
            )}
          </dl>
        )}
      </div>
      {revision !== null && <RevisionWindow view={view} revision={revision} onSelect={onSelect} />}
    </section>
  );
}

function titleOf(id: number, depth: number, revision: Revision | null): string {
  if (id === 0) return 'Problem';
  if (revision === null) return `Step ${depth}`;
  return `Chain ${revision.chain + 1}, attempt ${revision.attempt + 1}, step ${depth}`;
}

interface PrefixStepProps {
  readonly step: NodeView;
  readonly isCurrent: boolean;
  readonly truth: boolean | null;
  readonly onSelect: (id: number) => void;
}

function PrefixStep({ step, isCurrent, truth, onSelect }: PrefixStepProps) {
  return (
    <li>
      <button
        type="button"
        className="tree-prefix-step"
        aria-current={isCurrent ? 'step' : undefined}
        onClick={() => onSelect(step.id)}
      >
        <TwinMark node={step} />
        <code>{step.text}</code>
        <span className="tree-item-score">{step.score === null ? '–' : scoreText(step.score)}</span>
        {truth !== null && <span className="tree-truth">{truth ? '✓ true' : '✗ false'}</span>}
      </button>
    </li>
  );
}
