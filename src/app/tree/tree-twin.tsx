/**
 * The tree for everyone who does not look at the canvas: a virtualised ARIA tree with the whole
 * keyboard pattern. Focus stays on the tree; the focused item is its active descendant, so it may
 * scroll out of what is mounted and come back.
 */
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import {
  memo,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
} from 'react';
import type { NodeView, RunView } from '../../shared/run-view.ts';
import { isEnd, verdictOf } from './scene.ts';
import { scoreColor, scoreText } from './ramp.ts';
import { attemptLabels } from './revision.ts';
import {
  pressKey,
  revealed,
  START_TWIN,
  twinRows,
  type TwinRow,
  type TwinState,
} from './twin-model.ts';

export interface TreeTwinProps {
  readonly view: RunView;
  readonly revision: number;
  readonly selected: number | null;
  readonly onSelect: (id: number | null) => void;
  /** The item that has the keyboard focus; null when the tree has not. */
  readonly onFocused?: (id: number | null) => void;
  /** Only for assistive technology and the keyboard: the canvas shows the same tree. */
  readonly hidden?: boolean;
  /** Keys that the tree pattern leaves alone; true if used. */
  readonly onOtherKey?: (event: KeyboardEvent) => boolean;
}

const ROW_PX = 24;

/** Memoised: the canvas repaints far more often than the list need be rendered. */
export const TreeTwin = memo(function TreeTwin(props: TreeTwinProps) {
  const { view, revision, selected, onSelect, onFocused, hidden = false, onOtherKey } = props;
  const [state, setState] = useState<TwinState>(START_TWIN);
  const [hasFocus, setHasFocus] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const prefix = useId();
  const { collapsed } = state;
  // The view is advanced in place: its revision is what changes.
  const rows = useMemo(() => {
    void revision;
    return twinRows(view, collapsed);
  }, [view, revision, collapsed]);
  const labels = useMemo(() => {
    void revision;
    return attemptLabels(view);
  }, [view, revision]);
  const focusedAt = Math.max(
    rows.findIndex((row) => row.id === state.focused),
    0,
  );

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index].id,
    overscan: 8,
    rangeExtractor: (range: Range) => {
      const shown = defaultRangeExtractor(range);
      if (rows.length === 0 || shown.includes(focusedAt)) return shown;
      return [...shown, focusedAt].sort((a, b) => a - b);
    },
  });

  const move = (next: TwinState) => {
    setState(next);
    const at = rows.findIndex((row) => row.id === next.focused);
    if (at !== -1) virtual.scrollToIndex(at);
    onFocused?.(next.focused);
  };

  // Selecting elsewhere (canvas, detail) takes the keyboard focus of the tree along.
  useEffect(() => {
    if (selected === null || selected >= view.nodes.length) return;
    setState((now) => ({ ...revealed(now, view, selected), focused: selected }));
  }, [selected, view]);
  useEffect(() => {
    if (focusedAt < rows.length && selected !== null) virtual.scrollToIndex(focusedAt);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- scroll for a selection, not for growth
  }, [selected]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (onOtherKey?.(event) === true) {
      event.preventDefault();
      return;
    }
    if (event.key === 'Enter' || event.key === ' ') {
      const row = rows.at(focusedAt);
      if (row !== undefined) onSelect(row.id === selected ? null : row.id);
      event.preventDefault();
      return;
    }
    if (event.shiftKey && event.key.startsWith('Arrow')) return;
    const next = pressKey(
      { ...state, focused: rows.at(focusedAt)?.id ?? 0 },
      { key: event.key, time: event.timeStamp },
      view,
      rows,
    );
    if (next === null) return;
    move(next);
    event.preventDefault();
  };

  const itemId = (id: number) => `${prefix}-${id}`;
  const focusedId = rows.at(focusedAt)?.id;
  return (
    <div
      ref={scroller}
      className={hidden ? 'tree-twin tree-twin-hidden' : 'tree-twin'}
      role="tree"
      aria-label="Search tree"
      aria-activedescendant={focusedId === undefined ? undefined : itemId(focusedId)}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={() => {
        setHasFocus(true);
        onFocused?.(focusedId ?? null);
      }}
      onBlur={() => {
        setHasFocus(false);
        onFocused?.(null);
      }}
    >
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return (
            <TwinItem
              key={item.key}
              id={itemId(row.id)}
              row={row}
              node={view.nodes[row.id]}
              label={labels.get(row.id) ?? ROLE_WORDS[view.nodes[row.id].role]}
              top={item.start}
              isFocused={hasFocus && row.id === focusedId}
              isSelected={row.id === selected}
              onPick={() => {
                setState({ ...state, focused: row.id });
                onSelect(row.id);
              }}
              onToggle={() =>
                setState(
                  pressKey(
                    { ...state, focused: row.id },
                    { key: row.expanded === true ? 'ArrowLeft' : 'ArrowRight', time: 0 },
                    view,
                    rows,
                  ) ?? state,
                )
              }
            />
          );
        })}
      </div>
    </div>
  );
});

interface TwinItemProps {
  readonly id: string;
  readonly row: TwinRow;
  readonly node: NodeView;
  /** What kind of step it is; empty where that goes without saying. */
  readonly label: string;
  readonly top: number;
  readonly isFocused: boolean;
  readonly isSelected: boolean;
  readonly onPick: () => void;
  readonly onToggle: () => void;
}

const INDENT_PX = 16;

function TwinItem(props: TwinItemProps) {
  const { id, row, node, label, top, isFocused, isSelected, onPick, onToggle } = props;
  const style: CSSProperties = {
    transform: `translateY(${top}px)`,
    height: ROW_PX,
    paddingLeft: (row.level - 1) * INDENT_PX,
  };
  return (
    // The keyboard is handled by the tree, which keeps the focus (aria-activedescendant).
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      className="tree-item"
      style={style}
      aria-level={row.level}
      aria-setsize={row.setSize}
      aria-posinset={row.position}
      aria-expanded={row.expanded ?? undefined}
      aria-selected={isSelected}
      data-state={node.state}
      data-score={node.score ?? undefined}
      data-role={node.role}
      data-best={node.best || undefined}
      data-focused={isFocused || undefined}
      onClick={onPick}
    >
      {/* For the mouse; the keyboard has the left and right arrows. */}
      <span
        className="tree-item-arrow"
        aria-hidden="true"
        onClick={(event) => {
          event.stopPropagation();
          onToggle();
        }}
      >
        {row.expanded === null ? '' : row.expanded ? '▾' : '▸'}
      </span>
      <TwinMark node={node} />
      <span className="tree-item-text">{node.text}</span>
      <ItemNote node={node} label={label} />
    </div>
  );
}

const ROLE_WORDS: Readonly<Record<NodeView['role'], string>> = {
  step: '',
  rollout: 'looked ahead',
  greedy: 'greedy',
  // The first step of an attempt says whose it is.
  revision: '',
  given: 'given',
};

/** What is known of a node, at the end of its row; with the words that sight does without. */
function ItemNote({ node, label }: Pick<TwinItemProps, 'node' | 'label'>) {
  const { id, rank, copies, score } = node;
  const verdict = verdictOf(node);
  return (
    <span className="tree-item-note">
      {label !== '' && <span>{label}</span>}
      {copies > 1 && (
        <span>
          ×{copies}
          <span className="tree-hidden"> copies</span>
        </span>
      )}
      {verdict !== null && <span>{verdict ? '✓ right' : '✗ wrong'}</span>}
      {node.best && id !== 0 && <span className="tree-hidden">on the chosen path</span>}
      <span>
        {id === 0 ? 'problem' : node.state}
        {rank !== null && <span className="tree-hidden">{` rank ${rank.rank} of ${rank.of}`}</span>}
      </span>
      <span className="tree-item-score">
        <span className="tree-hidden">{score === null ? 'not scored' : 'score '}</span>
        <span aria-hidden={score === null || undefined}>
          {score === null ? '–' : scoreText(score)}
        </span>
      </span>
    </span>
  );
}

/** The canvas's mark in HTML: same fill, same shape. */
export function TwinMark({ node }: { readonly node: NodeView }) {
  const classes = ['tree-mark', isEnd(node) ? 'tree-mark-square' : '', `tree-mark-${node.state}`];
  return (
    <span
      className={classes.join(' ')}
      style={node.score === null ? undefined : { backgroundColor: scoreColor(node.score) }}
    />
  );
}
