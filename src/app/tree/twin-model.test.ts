import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeLog } from '../../../bench/tree-log.ts';
import { viewAt, type RunView } from '../../shared/run-view.ts';
import { attemptLabels } from './revision.ts';
import { pressKey, revealed, START_TWIN, twinRows, type TwinState } from './twin-model.ts';

const events = makeLog({ strategy: 'beam', budget: 4, width: 2, steps: 3 });
const view = viewAt(events, events.length);

function press(state: TwinState, key: string, time = 0, run: RunView = view): TwinState {
  return pressKey(state, { key, time }, run, twinRows(run, state.collapsed)) ?? state;
}
const at = (focused: number): TwinState => ({ ...START_TWIN, focused });

describe('rows', () => {
  it('lists every node once, each under its parent, with its place among its siblings', () => {
    const rows = twinRows(view, new Set());
    expect(rows.map((row) => row.id).sort((a, b) => a - b)).toEqual(view.nodes.map((n) => n.id));
    for (const row of rows.slice(1)) {
      const { children } = view.nodes[view.nodes[row.id].parent];
      expect(children[row.position - 1]).toBe(row.id);
      expect(row.setSize).toBe(children.length);
    }
    expect(rows[0]).toMatchObject({ id: 0, level: 1, position: 1, setSize: 1, expanded: true });
  });

  it('hides what is collapsed and marks leaves as neither open nor closed', () => {
    const rows = twinRows(view, new Set([0]));
    expect(rows).toHaveLength(1);
    expect(rows[0].expanded).toBe(false);
    const leaf = twinRows(view, new Set()).find((row) => view.nodes[row.id].children.length === 0);
    expect(leaf?.expanded).toBeNull();
  });

  it('has no rows before a run', () => {
    expect(twinRows(viewAt([], 0), new Set())).toEqual([]);
    expect(pressKey(START_TWIN, { key: 'ArrowDown', time: 0 }, viewAt([], 0), [])).toBeNull();
  });
});

describe('revisions', () => {
  it('name the chain and the attempt at the first step of each, once they are judged', () => {
    const log = makeLog({ strategy: 'revise', budget: 6, chainLength: 3, steps: 2 });
    const whole = viewAt(log, log.length);
    const labels = [...attemptLabels(whole)];
    expect(labels.map(([, label]) => label).sort()).toEqual(
      [1, 2].flatMap((chain) => [1, 2, 3].map((at) => `chain ${chain}, attempt ${at}`)),
    );
    for (const [id] of labels)
      expect(whole.nodes[id]).toMatchObject({ parent: 0, role: 'revision' });
    // Rounds write one attempt of each chain: the second node under the prompt is of chain 2.
    expect(labels.find(([id]) => id === whole.nodes[0].children[1])?.[1]).toBe(
      'chain 2, attempt 1',
    );
    expect(attemptLabels(view).size).toBe(0);
  });
});

describe('keys', () => {
  const rows = twinRows(view, new Set());

  it('moves up and down and stops at the ends', () => {
    expect(press(at(0), 'ArrowDown').focused).toBe(rows[1].id);
    expect(press(at(0), 'ArrowUp').focused).toBe(0);
    expect(press(at(0), 'End').focused).toBe(rows[rows.length - 1].id);
    expect(press(at(rows[rows.length - 1].id), 'ArrowDown').focused).toBe(rows[rows.length - 1].id);
    expect(press(at(5), 'Home').focused).toBe(0);
  });

  it('opens with right, enters with right again, and stays on a leaf', () => {
    const closed: TwinState = { ...at(0), collapsed: new Set([0]) };
    const opened = press(closed, 'ArrowRight');
    expect(opened.collapsed.has(0)).toBe(false);
    expect(opened.focused).toBe(0);
    expect(press(opened, 'ArrowRight').focused).toBe(view.nodes[0].children[0]);
    const leaf = rows.find((row) => row.expanded === null)?.id ?? 0;
    expect(press(at(leaf), 'ArrowRight').focused).toBe(leaf);
  });

  it('closes with left and goes to the parent with left again', () => {
    const inner = rows.find((row) => row.level === 2 && row.expanded === true)?.id ?? 0;
    const closed = press(at(inner), 'ArrowLeft');
    expect(closed.collapsed.has(inner)).toBe(true);
    expect(closed.focused).toBe(inner);
    expect(press(closed, 'ArrowLeft').focused).toBe(0);
  });

  it('opens all siblings with *', () => {
    const { children } = view.nodes[0];
    const closed: TwinState = { ...at(children[0]), collapsed: new Set([...children, 99]) };
    expect([...press(closed, '*').collapsed]).toEqual([99]);
  });

  it('leaves unknown keys to others', () => {
    for (const key of ['Tab', 'Enter', ' ', 'Escape', 'F5']) {
      expect(pressKey(at(0), { key, time: 0 }, view, rows)).toBeNull();
    }
  });

  it('never leaves the visible rows', () => {
    const keys = fc.constantFrom(
      'ArrowUp',
      'ArrowDown',
      'ArrowLeft',
      'ArrowRight',
      'Home',
      'End',
      'PageUp',
      'PageDown',
      '*',
      '1',
      '9',
    );
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 60 }), (pressed) => {
        let state = START_TWIN;
        pressed.forEach((key, i) => {
          state = press(state, key, i * 300);
          const shown = twinRows(view, state.collapsed);
          expect(shown.some((row) => row.id === state.focused)).toBe(true);
        });
      }),
    );
  });
});

describe('typeahead', () => {
  const texts: RunView = { ...view, nodes: view.nodes.map((node) => ({ ...node, text: 'zz' })) };
  texts.nodes[3] = { ...texts.nodes[3], text: '12+3' };
  texts.nodes[5] = { ...texts.nodes[5], text: '14+1' };

  it('finds what was typed together', () => {
    const one = press(at(0), '1', 1000, texts);
    const both = press(one, '4', 1200, texts);
    expect(both.focused).toBe(5);
  });

  it('starts anew after a pause', () => {
    const one = press(at(0), '1', 1000, texts);
    expect(press(one, '4', 3000, texts).typed).toBe('4');
  });

  it('goes round with one letter repeated', () => {
    const rows = twinRows(texts, new Set()).map((row) => row.id);
    const order = [3, 5].sort((a, b) => rows.indexOf(a) - rows.indexOf(b));
    const first = press(at(0), '1', 1000, texts);
    const second = press(first, '1', 1100, texts);
    const third = press(second, '1', 1200, texts);
    expect([first.focused, second.focused, third.focused]).toEqual([...order, order[0]]);
  });
});

describe('revealing', () => {
  it('opens what hides a node', () => {
    const deep = view.nodes.find((node) => node.depth === 2 && node.role === 'step');
    const parent = deep?.parent ?? 0;
    const state: TwinState = { ...START_TWIN, collapsed: new Set([parent, 98]) };
    expect([...revealed(state, view, deep?.id ?? 0).collapsed]).toEqual([98]);
    expect(revealed(START_TWIN, view, deep?.id ?? 0)).toBe(START_TWIN);
  });
});
