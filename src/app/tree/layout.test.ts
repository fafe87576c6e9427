import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeLog } from '../../../bench/tree-log.ts';
import type { RunEvent } from '../../shared/run-events.ts';
import { viewAt, type RunView } from '../../shared/run-view.ts';
import { LiveLayout } from './live-layout.ts';
import type { Placement } from './placement.ts';
import { Stage } from './stage.ts';
import { tidyLayout } from './tidy-layout.ts';

const log = fc
  .record({
    strategy: fc.constantFrom('beam', 'lookahead', 'best-of-n', 'revise', 'dvts'),
    budget: fc.constantFrom(1, 2, 4, 8, 16, 64),
    width: fc.integer({ min: 1, max: 8 }),
    steps: fc.integer({ min: 1, max: 9 }),
    lookahead: fc.integer({ min: 0, max: 3 }),
    chainLength: fc.integer({ min: 1, max: 5 }),
    seed: fc.integer({ min: 1, max: 1000 }),
  })
  .map((options) => makeLog(options as Parameters<typeof makeLog>[0]));

function expectNoOverlap(view: RunView, placement: Placement): void {
  const columns = new Map<number, Map<string, number>>();
  view.nodes.forEach((node, id) => {
    if (node.role === 'rollout') return;
    const column = columns.get(placement.depth[id]) ?? new Map<string, number>();
    // Folded siblings stand in one place.
    const fold = placement.foldOf[id];
    column.set(fold >= 0 ? `fold ${fold}` : `node ${id}`, placement.row[id]);
    columns.set(placement.depth[id], column);
  });
  for (const column of columns.values()) {
    const rows = [...column.values()].sort((a, b) => a - b);
    for (let i = 1; i < rows.length; i++) {
      expect(rows[i] - rows[i - 1]).toBeGreaterThanOrEqual(1 - 1e-6);
    }
  }
}

function expectInBounds(placement: Placement): void {
  const { lowRow, highRow, maxDepth } = placement.bounds;
  for (let id = 0; id < placement.row.length; id++) {
    expect(placement.row[id]).toBeGreaterThanOrEqual(lowRow - 1e-6);
    expect(placement.row[id]).toBeLessThanOrEqual(highRow + 1e-6);
    expect(placement.depth[id]).toBeLessThanOrEqual(maxDepth + 1);
  }
}

describe('live layout', () => {
  it('never moves a node because something was added', () => {
    fc.assert(
      fc.property(log, fc.array(fc.nat(400), { maxLength: 12 }), (events, cuts) => {
        const layout = new LiveLayout();
        let before: number[] = [];
        for (const cut of [...cuts].sort((a, b) => a - b)) {
          layout.advance(events, Math.min(cut, events.length));
          expect(layout.row.slice(0, before.length)).toEqual(before);
          before = [...layout.row];
        }
      }),
    );
  });

  it('does not depend on how the log was cut', () => {
    fc.assert(
      fc.property(log, fc.integer({ min: 1, max: 17 }), (events, batch) => {
        const whole = new LiveLayout().advance(events);
        const pieces = new LiveLayout();
        for (let at = batch; at < events.length + batch; at += batch) {
          pieces.advance(events, Math.min(at, events.length));
        }
        expect(pieces.row).toEqual(whole.row);
        expect(pieces.depth).toEqual(whole.depth);
        expect(pieces.origin).toEqual(whole.origin);
      }),
    );
  });

  it('lets no two nodes of a depth overlap, and knows its bounds', () => {
    fc.assert(
      fc.property(log, (events) => {
        const layout = new LiveLayout().advance(events);
        expectNoOverlap(viewAt(events, events.length), layout);
        expectInBounds(layout);
      }),
    );
  });

  it('puts the children of a beam next to it', () => {
    const events = makeLog({ strategy: 'beam', budget: 16, steps: 4 });
    const layout = new LiveLayout().advance(events);
    for (const event of events) {
      if (event.type !== 'node' || event.role === 'greedy' || event.parent === 0) continue;
      expect(Math.abs(layout.row[event.id] - layout.row[event.parent])).toBeLessThan(12);
    }
  });

  it('crosses no edges in a beam search', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), (seed) => {
        const events = makeLog({ strategy: 'beam', budget: 16, steps: 5, seed });
        expectNoCrossings(events, new LiveLayout().advance(events));
      }),
      { numRuns: 30 },
    );
  });

  it('goes on around a tidied tree', () => {
    const events = makeLog({ strategy: 'beam', budget: 64, steps: 4 });
    const part = events.slice(0, 300);
    const stage = new Stage();
    stage.placementOf(part, new Set());
    expect(stage.tidyUp(part, viewAt(part, part.length), new Set())).toBe(true);
    const tidied = Array.from(stage.placementOf(part, new Set()).row);
    const more = events.slice(0, 600);
    const after = stage.placementOf(more, new Set());
    expect(Array.from(after.row).slice(0, tidied.length)).toEqual(tidied);
    expectNoOverlap(viewAt(more, more.length), after);
  });
});

function expectNoCrossings(events: readonly RunEvent[], placement: Placement): void {
  const edges = events.flatMap((event) =>
    event.type === 'node' && event.role === 'step'
      ? [{ depth: event.depth, from: placement.row[event.parent], to: placement.row[event.id] }]
      : [],
  );
  for (const a of edges) {
    for (const b of edges) {
      if (a.depth === b.depth && a.from < b.from) expect(a.to).toBeLessThan(b.to);
    }
  }
}

describe('tidy layout', () => {
  it('lets no two marks of a depth overlap, and knows its bounds', () => {
    fc.assert(
      fc.property(log, fc.constantFrom(0, 8, 32), (events, crowded) => {
        const view = viewAt(events, events.length);
        const placement = tidyLayout(view, { crowded });
        expectNoOverlap(view, placement);
        expectInBounds(placement);
      }),
    );
  });

  it('crosses no edges', () => {
    const events = makeLog({ strategy: 'beam', budget: 64, steps: 5 });
    expectNoCrossings(events, tidyLayout(viewAt(events, events.length), { crowded: Infinity }));
  });

  it('draws parents to the middle of their children where there is room', () => {
    const events = makeLog({ strategy: 'beam', budget: 4, width: 4, steps: 3 });
    const view = viewAt(events, events.length);
    const { row } = tidyLayout(view);
    for (const node of view.nodes) {
      const children = node.children.filter((id) => view.nodes[id].role === 'step');
      if (node.id === 0 || children.length === 0) continue;
      const mean = children.reduce((sum, id) => sum + row[id], 0) / children.length;
      expect(Math.abs(row[node.id] - mean)).toBeLessThan(1);
    }
  });

  it('needs no more rows than the longest column and its gaps', () => {
    const events = makeLog({ strategy: 'beam', budget: 16, steps: 5 });
    const { lowRow, highRow } = tidyLayout(viewAt(events, events.length)).bounds;
    expect(highRow - lowRow).toBeLessThan(16 * 1.6);
  });

  it('sorts best-of-N with the best solution first and the baseline last', () => {
    const events = makeLog({ strategy: 'best-of-n', budget: 16, steps: 3 });
    const view = viewAt(events, events.length);
    const { row, extent } = tidyLayout(view);
    const firsts = [...view.nodes[0].children].sort((a, b) => row[a] - row[b]);
    expect(view.nodes[firsts[0]].best).toBe(true);
    expect(view.nodes[firsts[firsts.length - 1]].role).toBe('greedy');
    expect(extent).not.toBeNull();
  });

  it('gives cells that share a beginning one span, and no cell the rows of another', () => {
    const events = makeLog({ strategy: 'best-of-n', budget: 32, steps: 3 });
    const view = viewAt(events, events.length);
    const { extent } = tidyLayout(view);
    for (const node of view.nodes) {
      let next = extent?.low[node.id] ?? NaN;
      const sorted = [...node.children].sort(
        (a, b) => (extent?.low[a] ?? 0) - (extent?.low[b] ?? 0),
      );
      for (const child of sorted) {
        expect(extent?.low[child]).toBe(next);
        next = (extent?.high[child] ?? NaN) + 1;
      }
      if (sorted.length > 0) expect(next - 1).toBe(extent?.high[node.id]);
    }
  });

  it('lays revisions out as chains by attempts', () => {
    const events = makeLog({ strategy: 'revise', budget: 12, chainLength: 4, steps: 2 });
    const view = viewAt(events, events.length);
    for (const placement of [tidyLayout(view), new LiveLayout().advance(events)]) {
      for (const { id, chain, attempt } of view.candidates) {
        const first = view.nodes[id].parent;
        expect(placement.depth[id]).toBe((attempt ?? 0) + 1);
        expect(placement.depth[first]).toBe(placement.depth[id]);
        expect(placement.row[id]).toBe(placement.row[first] + 1);
        const before = view.candidates.find(
          (one) => one.chain === chain && one.attempt === (attempt ?? 0) - 1,
        );
        expect(placement.prior[id]).toBe(before?.id ?? -1);
        if (before !== undefined) {
          expect(placement.row[id]).toBe(placement.row[before.id]);
          expect(placement.origin[first]).toBe(view.nodes[before.id].parent);
        }
      }
    }
  });
});

describe('stage', () => {
  it('shows every position of a complete run in one placement', () => {
    const events = makeLog({ strategy: 'beam', budget: 16 });
    const stage = new Stage();
    const none = new Set<number>();
    const first = stage.placementOf(events, none);
    expect(first.row.length).toBe(viewAt(events, events.length).nodes.length);
    expect(stage.placementOf(events, none)).toBe(first);
  });

  it('starts anew with another run', () => {
    const stage = new Stage();
    const none = new Set<number>();
    stage.placementOf(makeLog({ strategy: 'beam', budget: 16 }).slice(0, 50), none);
    const small = makeLog({ strategy: 'beam', budget: 4 }).slice(0, 4);
    expect(stage.placementOf(small, none).row.length).toBe(3);
    expect(stage.placementOf([], none).row.length).toBe(0);
  });
});
