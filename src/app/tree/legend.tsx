/** What the marks mean. The ramp is the same for every run, so it is always shown. */
import { rampGradient } from './ramp.ts';

export interface LegendProps {
  /** Right and wrong are known for this problem. */
  readonly truthKnown: boolean;
  readonly hasRollouts?: boolean;
  readonly hasGreedy?: boolean;
  readonly hasRevisions?: boolean;
  /** The run went on from a step of an earlier one. */
  readonly hasGiven?: boolean;
}

export function Legend(props: LegendProps) {
  const { truthKnown, hasRollouts, hasGreedy, hasRevisions, hasGiven } = props;
  return (
    <dl className="tree-legend" aria-label="Legend">
      <div>
        <dt>Verifier score</dt>
        <dd className="tree-legend-ramp">
          0<span className="tree-ramp" style={{ background: rampGradient() }} />1
        </dd>
      </div>
      <Entry term="not scored" mark="tree-mark" />
      <Entry term="kept" mark="tree-mark tree-mark-kept tree-mark-sample" />
      <Entry term="pruned" mark="tree-mark tree-mark-pruned tree-mark-sample" />
      <Entry
        term="finished"
        mark="tree-mark tree-mark-square tree-mark-finished tree-mark-sample"
      />
      <Entry term="chosen" mark="tree-line tree-line-best" />
      {hasGreedy && <Entry term="greedy" mark="tree-line tree-line-greedy" />}
      {hasRollouts && <Entry term="looked ahead" mark="tree-mark tree-mark-ghost" />}
      {hasRevisions && <Entry term="changed from the attempt before" mark="tree-mark-changed" />}
      {hasGiven && <Entry term="given" mark="tree-mark tree-mark-given" />}
      {truthKnown && (
        <div>
          <dt>✓ right ✗ wrong</dt>
        </div>
      )}
    </dl>
  );
}

function Entry({ term, mark }: { readonly term: string; readonly mark: string }) {
  return (
    <div>
      <dd>
        <span className={mark} />
      </dd>
      <dt>{term}</dt>
    </div>
  );
}
