/** One problem, one search: controls, tree, answer and chart, laid out for the width there is. */
import { useDeferredValue, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { Understanding } from '../../problems/family.ts';
import { understand } from '../../problems/understand.ts';
import { ChartPanel } from '../charts/chart-panel.tsx';
import { useSession } from '../session-context.ts';
import { ErrorBoundary } from '../ui/error-boundary.tsx';
import { useLayout } from '../ui/media.ts';
import { SplitPanes } from '../ui/split-panes.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { AnswerLine, AnswerPanel } from './answer-panel.tsx';
import { ControlsPanel } from './controls-panel.tsx';
import { HistoryList } from './history-list.tsx';
import type { PlanProblem } from './plan.ts';
import { ProblemPanel } from './problem-panel.tsx';
import { RunBar } from './run-bar.tsx';
import { TreePane } from './tree-pane.tsx';
import './playground.css';
import './outcome.css';

export function PlaygroundPage() {
  const layout = useLayout();
  const { engine, controls: choices } = useSession();
  const understanding = useUnderstanding();
  const problem = useMemo(() => planProblem(understanding), [understanding]);
  const general = useStore(
    engine,
    ({ status }) => status.phase === 'ready' && status.general === true,
  );
  const text = useStore(choices, (state) => state.config.problem).trim();
  // A language model gets the text as it stands.
  const prompt = general ? (text === '' ? null : text) : (problem?.prompt ?? null);
  const runnable = general || understanding.kind === 'problem';

  const controls = (
    <>
      <ProblemPanel understanding={understanding} />
      {layout !== 'tabs' && <RunBar runnable={runnable} />}
      <ControlsPanel problem={problem} />
      <HistoryList />
    </>
  );
  const tree = (
    <ErrorBoundary name="The tree">
      <TreePane />
    </ErrorBoundary>
  );
  const outcome = (
    <>
      <AnswerPanel />
      <ErrorBoundary name="The chart">
        <ChartPanel problem={problem} prompt={prompt} />
      </ErrorBoundary>
    </>
  );
  if (layout === 'panes') return <Panes controls={controls} tree={tree} outcome={outcome} />;
  if (layout === 'two-columns') {
    return (
      <div className="two-columns">
        <div className="pane pane-controls">{controls}</div>
        <div className="column">
          <div className="pane pane-tree">{tree}</div>
          <div className="pane pane-outcome">{outcome}</div>
        </div>
      </div>
    );
  }
  return (
    <TabbedPlayground
      controls={controls}
      tree={tree}
      outcome={outcome}
      runBar={<RunBar runnable={runnable} />}
    />
  );
}

interface Parts {
  readonly controls: ReactNode;
  readonly tree: ReactNode;
  readonly outcome: ReactNode;
}

function Panes({ controls, tree, outcome }: Parts) {
  return (
    <SplitPanes
      storageKey="overthink-playground"
      leftLabel="Width of the controls"
      rightLabel="Width of the results"
      left={<div className="pane pane-controls">{controls}</div>}
      middle={<div className="pane pane-tree">{tree}</div>}
      right={<div className="pane pane-outcome">{outcome}</div>}
    />
  );
}

type TabId = 'problem' | 'tree' | 'chart';

function TabbedPlayground({ controls, tree, outcome, runBar }: Parts & { runBar: ReactNode }) {
  const [tab, setTab] = useState<TabId>('problem');
  const { run } = useSession();
  const running = useStore(run, (state) => state.running);
  useEffect(() => {
    // A run that starts is worth watching.
    if (running) setTab((current) => (current === 'problem' ? 'tree' : current));
  }, [running]);
  return (
    <div className="tabbed">
      <Tabs<TabId>
        label="Parts of the playground"
        selected={tab}
        onSelect={setTab}
        tabs={[
          { id: 'problem', label: 'Problem', content: controls },
          { id: 'tree', label: 'Tree', content: <div className="pane-tree">{tree}</div> },
          { id: 'chart', label: 'Chart', content: outcome },
        ]}
      />
      <div className="bottom-bar">
        {runBar}
        <AnswerLine />
      </div>
    </div>
  );
}

function useUnderstanding(): Understanding {
  const { controls } = useSession();
  const problem = useStore(controls, (state) => state.config.problem);
  const deferred = useDeferredValue(problem);
  return useMemo(() => understand(deferred), [deferred]);
}

function planProblem(understanding: Understanding): PlanProblem | null {
  if (understanding.kind !== 'problem') return null;
  const { family, level, prompt } = understanding;
  return { family, level, prompt };
}
