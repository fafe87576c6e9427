/** The accessible tree as data: its visible rows, and what each key does (WAI-ARIA tree pattern). */
import type { NodeView, RunView } from '../../shared/run-view.ts';

export interface TwinRow {
  readonly id: number;
  /** From 1. */
  readonly level: number;
  readonly position: number;
  readonly setSize: number;
  /** null for leaves. */
  readonly expanded: boolean | null;
}

export interface TwinState {
  readonly focused: number;
  readonly collapsed: ReadonlySet<number>;
  /** Letters typed in quick succession. */
  readonly typed: string;
  readonly typedAt: number;
}

export const START_TWIN: TwinState = {
  focused: 0,
  collapsed: new Set(),
  typed: '',
  typedAt: 0,
};

const TYPEAHEAD_MS = 700;

/** Rows in reading order. */
export function twinRows(view: RunView, collapsed: ReadonlySet<number>): TwinRow[] {
  const { nodes } = view;
  if (nodes.length === 0) return [];
  const rows: TwinRow[] = [];
  const stack: TwinRow[] = [rowOf(nodes[0], 1, 1, 1, collapsed)];
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    rows.push(row);
    if (row.expanded !== true) continue;
    const { children } = nodes[row.id];
    for (let i = children.length - 1; i >= 0; i--) {
      stack.push(rowOf(nodes[children[i]], row.level + 1, i + 1, children.length, collapsed));
    }
  }
  return rows;
}

function rowOf(
  node: NodeView,
  level: number,
  position: number,
  setSize: number,
  collapsed: ReadonlySet<number>,
): TwinRow {
  const expanded = node.children.length === 0 ? null : !collapsed.has(node.id);
  return { id: node.id, level, position, setSize, expanded };
}

export interface KeyPress {
  readonly key: string;
  /** Milliseconds, for typeahead. */
  readonly time: number;
}

/** The state after a key; null where the key means nothing here. Enter and Space are the caller's. */
export function pressKey(
  state: TwinState,
  press: KeyPress,
  view: RunView,
  rows: readonly TwinRow[],
): TwinState | null {
  const at = Math.max(
    rows.findIndex((row) => row.id === state.focused),
    0,
  );
  const row = rows.at(at);
  if (row === undefined) return null;
  switch (press.key) {
    case 'ArrowDown':
      return focus(state, rows[Math.min(at + 1, rows.length - 1)].id);
    case 'ArrowUp':
      return focus(state, rows[Math.max(at - 1, 0)].id);
    case 'Home':
      return focus(state, rows[0].id);
    case 'End':
      return focus(state, rows[rows.length - 1].id);
    case 'PageDown':
      return focus(state, rows[Math.min(at + 10, rows.length - 1)].id);
    case 'PageUp':
      return focus(state, rows[Math.max(at - 10, 0)].id);
    case 'ArrowRight':
      return openOrEnter(state, row, rows[at + 1]?.id ?? row.id);
    case 'ArrowLeft':
      return closeOrLeave(state, row, view);
    case '*':
      return expandSiblings(state, row, view);
    default:
      return press.key.length === 1 && press.key !== ' '
        ? typeAhead(state, press, view, rows, at)
        : null;
  }
}

function focus(state: TwinState, id: number): TwinState {
  return { ...state, focused: id, typed: '' };
}

function openOrEnter(state: TwinState, row: TwinRow, next: number): TwinState {
  if (row.expanded === null) return state;
  return row.expanded ? focus(state, next) : { ...state, collapsed: without(state, [row.id]) };
}

function closeOrLeave(state: TwinState, row: TwinRow, view: RunView): TwinState {
  if (row.expanded === true) {
    return { ...state, collapsed: new Set([...state.collapsed, row.id]) };
  }
  return focus(state, view.nodes[row.id].parent);
}

function expandSiblings(state: TwinState, row: TwinRow, view: RunView): TwinState {
  const siblings = row.id === 0 ? [0] : view.nodes[view.nodes[row.id].parent].children;
  return { ...state, collapsed: without(state, siblings) };
}

function without(state: TwinState, ids: readonly number[]): ReadonlySet<number> {
  const gone = new Set(ids);
  return new Set([...state.collapsed].filter((id) => !gone.has(id)));
}

/** Characters typed together are matched as a beginning; one repeated goes round its matches. */
function typeAhead(
  state: TwinState,
  press: KeyPress,
  view: RunView,
  rows: readonly TwinRow[],
  at: number,
): TwinState {
  const isFresh = press.time - state.typedAt > TYPEAHEAD_MS;
  const typed = (isFresh ? '' : state.typed) + press.key.toLowerCase();
  const isRepeat = [...typed].every((letter) => letter === typed[0]);
  const sought = isRepeat ? typed[0] : typed;
  const from = isRepeat ? at + 1 : at;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[(from + i) % rows.length];
    if (view.nodes[row.id].text.toLowerCase().startsWith(sought)) {
      return { ...state, focused: row.id, typed, typedAt: press.time };
    }
  }
  return { ...state, typed, typedAt: press.time };
}

/** Opens what hides `id`; the same state back if nothing does. */
export function revealed(state: TwinState, view: RunView, id: number): TwinState {
  const ancestors: number[] = [];
  for (let at = id; at !== 0;) {
    at = view.nodes[at].parent;
    ancestors.push(at);
  }
  if (!ancestors.some((at) => state.collapsed.has(at))) return state;
  return { ...state, collapsed: without(state, ancestors) };
}
