/** Everything known about one node. A pane, not a tooltip: it can be read, copied and tabbed to. */
import type { Aggregation } from '../../shared/run-config.ts';
import type { NodeView, RunView } from '../../shared/run-view.ts';
import { diffText } from './diff.ts';
import { factsOf, prefixOf } from './facts.ts';
import { scoreText } from './ramp.ts';
import { TwinMark } from './tree-twin.tsx';

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
}

export function NodeDetail(props: NodeDetailProps) {
  const { view, id, aggregation, prior = -1, checkStep, onSelect, onExpandFrom } = props;
  if (id >= view.nodes.length) return null;
  const node = view.nodes[id];
  const steps = prefixOf(view, id);
  const texts = steps.map((step) => step.text);
  const canExpand = onExpandFrom !== undefined && node.end === 'step' && node.role === 'step';
  return (
    <section className="tree-detail" aria-label="Selected step">
      <header>
        <h3>
          {id === 0 ? 'Problem' : `Step ${steps.length}`}
          {id !== 0 && <span className="tree-detail-id">node {id}</span>}
        </h3>
        {canExpand && (
          <button type="button" onClick={() => onExpandFrom(id)}>
            Expand from here
          </button>
        )}
        <button type="button" className="tree-quiet" onClick={() => onSelect(null)}>
          Close
        </button>
      </header>
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
    </section>
  );
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

/** A change between two attempts, marked by element and line, not by colour alone. */
export function Diff({ before, after }: { readonly before: string; readonly after: string }) {
  return (
    <code className="tree-diff">
      {diffText(before, after).map((part, index) => {
        if (part.kind === 'added') return <ins key={index}>{part.text}</ins>;
        if (part.kind === 'removed') return <del key={index}>{part.text}</del>;
        return <span key={index}>{part.text}</span>;
      })}
    </code>
  );
}
