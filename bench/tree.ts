/**
 * Bench and harness of the search tree, served by `npx vite` at /bench/tree.html, never shipped.
 * `?strategy=beam&budget=64&steps=4&at=end|start|<events>` shows one made-up log; `?nodes=20000`
 * builds a tree of that size; `&bench=1` pans and zooms it and leaves frame times in
 * `window.treeBench`.
 */
import '../src/app/ui/theme.css';
import { createElement, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { SearchTreePanel } from '../src/app/tree/search-tree-panel.tsx';
import type { RunConfig } from '../src/shared/run-config.ts';
import type { RunEvent } from '../src/shared/run-events.ts';
import { viewAt } from '../src/shared/run-view.ts';
import { runTreeBench, type TreeBenchResult } from './tree-bench.ts';
import { makeLog } from './tree-log.ts';

declare global {
  interface Window {
    treeBench?: TreeBenchResult;
  }
}

const query = new URLSearchParams(location.search);
const number = (name: string, fallback: number) => Number(query.get(name) ?? fallback);

function chooseLog(): RunEvent[] {
  const nodes = number('nodes', 0);
  if (query.get('at') === 'empty') return [];
  if (nodes > 0)
    return makeLog({ strategy: 'beam', budget: 1000, steps: Math.round(nodes / 1000) });
  return makeLog({
    strategy: (query.get('strategy') ?? 'beam') as RunConfig['strategy'],
    budget: number('budget', 16),
    steps: number('steps', 4),
    lookahead: number('lookahead', 0),
    chainLength: number('chain', 4),
    width: number('width', 4),
  });
}

const log = chooseLog();
const liveFrom = number('live', -1);

function Harness() {
  const at = query.get('at') ?? 'end';
  // `live=n`: a run that is still going on, n events in; the button appends.
  const [events, setEvents] = useState(() => (liveFrom >= 0 ? log.slice(0, liveFrom) : log));
  const [cursor, setCursor] = useState(() =>
    at === 'start' ? 0 : at === 'end' || at === 'empty' ? events.length : Number(at),
  );
  const [live, setLive] = useState(liveFrom >= 0);
  const [selected, setSelected] = useState<number | null>(
    query.has('selected') ? number('selected', 1) : null,
  );
  const shown = live ? events.length : cursor;
  const view = viewAt(events, shown);
  const panel = createElement(SearchTreePanel, {
    view,
    revision: shown * 2 + (live ? 1 : 0),
    events,
    cursor: shown,
    onCursor: setCursor,
    live,
    onLive: setLive,
    selected,
    onSelect: setSelected,
    onExpandFrom: () => undefined,
    checkStep: (_steps, index) => (index % 3 === 2 ? null : index % 2 === 0),
    aggregation: 'last',
    truthKnown: true,
    autoPlay: query.has('play'),
  });
  const more = createElement(
    'button',
    { type: 'button', onClick: () => setEvents(log.slice(0, events.length + number('by', 10))) },
    'Append',
  );
  return createElement(
    'div',
    { style: { height: '100vh', display: 'grid', gridTemplateRows: 'minmax(0, 1fr) auto' } },
    panel,
    liveFrom >= 0 ? more : null,
  );
}

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(createElement(Harness));
  if (query.has('bench')) {
    void runTreeBench(log.filter((event) => event.type === 'node').length).then((result) => {
      window.treeBench = result;
    });
  }
}
