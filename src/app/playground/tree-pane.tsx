/** The tree of the run on screen, with a line that says which run that is. */
import { useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { graderFor } from '../../grading/grade.ts';
import { useSession } from '../session-context.ts';
import type { RunState } from '../state/run-store.ts';
import { formatCount, formatPlural } from '../ui/format.ts';
import { strategyStyle } from '../ui/strategy-style.ts';
import { useThrottled } from '../ui/use-throttled.ts';
import type { RunConfig } from '../../shared/run-config.ts';
import type { Expansion } from '../tree/node-detail.tsx';
import { SearchTreePanel } from '../tree/search-tree-panel.tsx';

export function TreePane() {
  const session = useSession();
  const { run } = session;
  const state = useStore(run);
  const settings = useStore(session.controls, ({ config }) => config);
  const [selected, setSelected] = useState<number | null>(null);
  const { start } = state.view;
  const prompt = start?.prompt ?? '';
  const checkStep = useMemo(() => stepChecker(prompt), [prompt]);
  return (
    <div className="tree-pane">
      <TreeCaption />
      <SearchTreePanel
        view={state.view}
        revision={state.revision}
        events={state.events}
        cursor={state.cursor}
        onCursor={run.seek}
        live={state.live}
        onLive={(live) => (live ? run.follow() : run.detach())}
        selected={selected}
        onSelect={setSelected}
        aggregation={start?.config.aggregation ?? 'last'}
        checkStep={checkStep}
        onExpandFrom={state.running ? undefined : (id) => session.expandFrom(id)}
        expansion={expansionOf(settings)}
        autoPlay={state.source === 'recorded'}
        truthKnown={state.view.candidates.some((one) => one.correct !== null)}
      />
    </div>
  );
}

function expansionOf({ strategy, budget }: RunConfig): Expansion {
  const { label } = strategyStyle(strategy);
  if (strategy === 'revise') {
    const words = 'Revisions rewrite whole attempts. Choose another strategy to go on from here.';
    return { possible: false, words };
  }
  const spent = strategy === 'greedy' ? 1 : budget;
  const words = `A new run from this step, as set on the left: ${label}, ${formatPlural(spent, 'generation')}.`;
  return { possible: true, words };
}

/** Whether a step is legal and true, by the family's exact checker; null where it has no say. */
function stepChecker(prompt: string) {
  const grader = graderFor(prompt);
  return (steps: readonly string[], index: number): boolean | null => {
    const verdict = grader?.checkSteps(steps)[index];
    return verdict === undefined ? null : verdict.legal && verdict.true;
  };
}

const SOURCE_WORDS: Record<RunState['source'], string> = {
  none: '',
  recorded: 'recorded',
  live: 'live',
  stored: 'from this browser',
  imported: 'imported',
};

interface Caption {
  readonly source: RunState['source'];
  readonly running: boolean;
  readonly title: string;
  readonly text: string;
  /** Steps of an earlier run that this one went on from. */
  readonly from: number;
}

function readCaption({ source, running, view }: RunState): Caption {
  const { start, ledger } = view;
  if (start === null) return { source, running, title: '', text: '', from: 0 };
  const name = strategyStyle(start.config.strategy).label;
  const spent = `${formatCount(ledger.generations)} of ${formatCount(start.config.budget)} generations`;
  const tokens = `${formatCount(ledger.policyTokens)} tokens`;
  return {
    source,
    running,
    title: start.prompt,
    text: `${name} · ${spent} · ${tokens}`,
    from: start.from?.length ?? 0,
  };
}

function TreeCaption() {
  const { run } = useSession();
  const caption = useThrottled(run, readCaption);
  const badge =
    caption.source === 'live' && !caption.running ? 'finished' : SOURCE_WORDS[caption.source];
  return (
    <div className="tree-caption">
      <h2 className="mono">{caption.title === '' ? 'Search tree' : caption.title}</h2>
      {badge !== '' && <span className={`badge badge-${caption.source}`}>{badge}</span>}
      {caption.from > 0 && <span className="badge">expanded from step {caption.from}</span>}
      <span className="muted small">{caption.text}</span>
    </div>
  );
}
