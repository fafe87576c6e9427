import { describe, expect, it } from 'vitest';
import { makeLog } from '../../../bench/tree-log.ts';
import { viewAt } from '../../shared/run-view.ts';
import { foldGroups, foldLabel, MIN_FOLD, scoreBin, summarizeFold } from './fold.ts';
import { tidyLayout } from './tidy-layout.ts';

const events = makeLog({ strategy: 'beam', budget: 64, steps: 3 });
const view = viewAt(events, events.length);
const none = new Set<number>();

describe('folding', () => {
  it('folds pruned leaves of crowded depths and nothing else', () => {
    const groups = foldGroups(view, none);
    expect(groups.get(0)?.length).toBe(48);
    for (const members of groups.values()) {
      expect(members.length).toBeGreaterThanOrEqual(MIN_FOLD);
      for (const id of members) {
        expect(view.nodes[id].state).toBe('pruned');
        expect(view.nodes[id].children).toEqual([]);
      }
    }
  });

  it('folds nothing where there is room', () => {
    const small = makeLog({ strategy: 'beam', budget: 16 });
    expect(foldGroups(viewAt(small, small.length), none).size).toBe(0);
  });

  it('opens what the visitor opened', () => {
    const open = new Set([0]);
    expect(foldGroups(view, open).has(0)).toBe(false);
    const placement = tidyLayout(view, { expanded: open });
    for (const id of view.nodes[0].children) expect(placement.foldOf[id]).toBe(-1);
  });

  it('gives all members the place of their fold', () => {
    const { folds, row, foldOf } = tidyLayout(view);
    expect(folds.length).toBeGreaterThan(0);
    for (const fold of folds) {
      for (const id of fold.members) {
        expect(row[id]).toBe(fold.row);
        expect(foldOf[id]).toBe(fold.index);
      }
    }
  });

  it('counts only what has happened at the cursor', () => {
    const members = foldGroups(view, none).get(0) ?? [];
    const scoredAt = events.findIndex((event) => event.type === 'score');
    const early = summarizeFold(viewAt(events, scoredAt + 10).nodes, members);
    expect(early.pruned).toBe(0);
    expect(early.bins.reduce((a, b) => a + b)).toBeLessThanOrEqual(10);
    expect(foldLabel(early)).toBe('+48 sampled');
    const late = summarizeFold(view.nodes, members);
    expect(late.bins.reduce((a, b) => a + b)).toBe(48);
    expect(foldLabel(late)).toBe('+48 pruned');
    expect(summarizeFold([], members).shown).toBe(0);
  });

  it('keeps scores at and beyond the ends in the outer bins', () => {
    expect([-1, 0, 0.999, 1, 2].map(scoreBin)).toEqual([0, 0, 7, 7, 7]);
  });
});
