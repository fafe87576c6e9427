/** Settings that a first visit does not need, with one sentence each. */
import { useStore } from 'zustand';
import type { Aggregation, RunConfig, Selection } from '../../shared/run-config.ts';
import { useSession } from '../session-context.ts';
import { CheckField, NumberField, SelectField } from '../ui/fields.tsx';

const SELECTION_OPTIONS: readonly { value: Selection; label: string }[] = [
  { value: 'weighted', label: 'weighted vote (sum of scores)' },
  { value: 'best', label: 'single best score' },
  { value: 'majority', label: 'majority vote' },
];

const SELECTION_HINTS: Record<Selection, string> = {
  weighted: 'Equal answers add up their verifier scores; the largest sum wins.',
  best: 'The solution that the verifier likes best wins, alone.',
  majority: 'The commonest answer wins; the verifier has no say.',
};

type AggregationChoice = Aggregation | 'auto';

const AGGREGATION_OPTIONS: readonly { value: AggregationChoice; label: string }[] = [
  { value: 'auto', label: 'as the verifier recommends' },
  { value: 'last', label: 'score of the last step' },
  { value: 'min', label: 'worst step' },
  { value: 'product', label: 'product of all steps' },
  { value: 'mean', label: 'mean of all steps' },
];

const WIDTHS = ['0', '2', '3', '4', '6', '8', '16', '32'] as const;

export function AdvancedControls() {
  const { controls } = useSession();
  const config = useStore(controls, (state) => state.config);
  const change = (patch: Partial<RunConfig>): void => controls.change(patch);
  const searchesTree = ['beam', 'lookahead', 'dvts'].includes(config.strategy);

  return (
    <details className="advanced">
      <summary>Advanced</summary>
      <SelectField
        label="How one answer is chosen – selection rule"
        value={config.selection}
        options={SELECTION_OPTIONS}
        hint={`${SELECTION_HINTS[config.selection]} Works on a finished run, too.`}
        onChange={(selection) => change({ selection })}
      />
      <SelectField
        label="How step scores become one – aggregation"
        value={config.aggregation ?? 'auto'}
        options={AGGREGATION_OPTIONS}
        hint="A solution has a score after every step. Works on a finished run, too."
        onChange={(value) => change({ aggregation: value === 'auto' ? null : value })}
      />
      {searchesTree && <TreeControls config={config} change={change} />}
      <NumberField
        label="Variety of the samples – temperature"
        value={config.temperature}
        min={0}
        max={2}
        step={0.1}
        hint="0 always writes the likeliest token; 1 samples as the model was trained."
        onChange={(temperature) => change({ temperature })}
      />
      <NumberField
        label="Random seed"
        value={config.seed}
        min={0}
        max={4294967295}
        step={1}
        hint="The same seed and settings give the same run, token for token."
        onChange={(seed) => change({ seed })}
      />
    </details>
  );
}

interface TreeProps {
  readonly config: RunConfig;
  readonly change: (patch: Partial<RunConfig>) => void;
}

function TreeControls({ config, change }: TreeProps) {
  const widths: readonly string[] = WIDTHS.some((width) => Number(width) === config.width)
    ? WIDTHS
    : [...WIDTHS, String(config.width)];
  return (
    <>
      <SelectField
        label="Continuations of each kept step – beam width M"
        value={String(config.width)}
        options={widths.map((width) => ({
          value: width,
          label: width === '0' ? 'square root of the budget' : width,
        }))}
        hint="Wide looks at more ways to go on and keeps fewer beams."
        onChange={(width) => change({ width: Number(width) })}
      />
      {config.strategy !== 'dvts' && (
        <SelectField
          label="How many survive a round – keep rule"
          value={config.keep}
          options={[
            { value: 'n-over-m', label: 'budget / width (the paper)' },
            { value: 'm', label: 'as many as the width' },
          ]}
          hint="Fewer survivors search deeper into what looks best now."
          onChange={(keep) => change({ keep })}
        />
      )}
      {config.strategy === 'lookahead' && (
        <NumberField
          label="Steps tried ahead – lookahead k"
          value={config.lookahead}
          min={0}
          max={8}
          step={1}
          hint="Each step is judged by where it leads. Costs k more generations per beam."
          onChange={(lookahead) => change({ lookahead })}
        />
      )}
      <CheckField
        label="Merge duplicate steps"
        checked={config.mergeDuplicates}
        hint="The same step written twice takes one place, so the beams stay different."
        onChange={(mergeDuplicates) => change({ mergeDuplicates })}
      />
    </>
  );
}
