/** The search tree with everything around it: picture and list, detail, legend, scrubber. */
import {
  useCallback,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
} from 'react';
import type { Aggregation } from '../../shared/run-config.ts';
import type { RunEvent } from '../../shared/run-events.ts';
import type { RunView } from '../../shared/run-view.ts';
import type { Direction } from './camera.ts';
import { cameraKey } from './camera-keys.ts';
import { Legend } from './legend.tsx';
import { NodeDetail, type CheckStep, type Expansion } from './node-detail.tsx';
import { RoundStatus } from './round-status.tsx';
import { RoundIndex } from './rounds.ts';
import { Scrubber } from './scrubber.tsx';
import { isComplete, Stage } from './stage.ts';
import { TreeCanvas, type TreeCanvasHandle } from './tree-canvas.tsx';
import { TreeTwin } from './tree-twin.tsx';
import { useStable } from './use-stable.ts';
import './tree.css';

export interface SearchTreePanelProps {
  readonly view: RunView;
  /** Changes whenever view, cursor or events do. */
  readonly revision: number;
  readonly events: readonly RunEvent[];
  readonly cursor: number;
  readonly onCursor: (cursor: number) => void;
  readonly live: boolean;
  readonly onLive: (live: boolean) => void;
  readonly selected: number | null;
  readonly onSelect: (id: number | null) => void;
  readonly onExpandFrom?: (id: number) => void;
  readonly expansion?: Expansion;
  readonly checkStep?: CheckStep;
  readonly aggregation: Aggregation;
  readonly truthKnown: boolean;
  /** Plays a run that appears at its beginning. */
  readonly autoPlay?: boolean;
}

const NONE: ReadonlySet<number> = new Set();
/** Narrower than this, the tree grows downwards. */
const NARROW_PX = 600;

export function SearchTreePanel(props: SearchTreePanelProps) {
  const { view, revision, events, cursor, live, selected, onSelect, truthKnown } = props;
  const [stage] = useState(() => new Stage());
  const [index] = useState(() => new RoundIndex());
  const [shape, setShape] = useState<'graph' | 'list'>('graph');
  const [follow, setFollow] = useState(true);
  const [focused, setFocused] = useState<number | null>(null);
  const [expanded, setExpanded] = useState(NONE);
  const [layoutTurn, setLayoutTurn] = useState(0);
  const canvas = useRef<TreeCanvasHandle>(null);
  const [frame, direction] = useDirection();

  const head = events.at(0);
  const lastHead = useRef(head);
  useEffect(() => {
    if (lastHead.current === head) return;
    // A node of one run means nothing in another.
    if (lastHead.current !== undefined) onSelect(null);
    lastHead.current = head;
    setExpanded(NONE);
    setFollow(true);
    setFocused(null);
  }, [head, onSelect]);

  const placement = useMemo(() => {
    void revision;
    void layoutTurn;
    return stage.placementOf(events, expanded);
  }, [stage, events, revision, expanded, layoutTurn]);
  const rounds = useMemo(() => {
    void revision;
    return index.advance(events);
  }, [index, events, revision]);

  const fit = useCallback(() => {
    if (stage.tidyUp(events, view, expanded)) setLayoutTurn((turn) => turn + 1);
    canvas.current?.fit();
  }, [stage, events, view, expanded]);

  const onFocused = useCallback((id: number | null) => {
    setFocused(id);
    if (id !== null) canvas.current?.reveal(id);
  }, []);

  // On the tree plain arrows go from node to node; with Shift they move the picture.
  const onGraphKey = useStable((event: KeyboardEvent): boolean => {
    if (shape !== 'graph') return false;
    if (event.key === 'f' || event.key === 'F') {
      fit();
      return true;
    }
    const move = cameraKey(event.key);
    if (move === null || (move.pan !== undefined && !event.shiftKey)) return false;
    setFollow(false);
    if (move.pan !== undefined) canvas.current?.pan(...move.pan);
    if (move.zoom !== undefined) canvas.current?.zoomBy(move.zoom);
    return true;
  });
  const onTwinSelect = useStable(onSelect);
  // The list may lag a few frames behind the picture; both parts of the pair lag together.
  const listed = useDeferredValue(useMemo(() => ({ view, revision }), [view, revision]));

  const isEmpty = view.nodes.length === 0;
  const selectedNode = selected !== null && selected < view.nodes.length ? selected : null;
  return (
    <section className="tree-panel" aria-label="Search tree view">
      <div className="tree-toolbar">
        <div className="tree-segments" role="group" aria-label="Show the tree as">
          <button type="button" aria-pressed={shape === 'graph'} onClick={() => setShape('graph')}>
            Graph
          </button>
          <button type="button" aria-pressed={shape === 'list'} onClick={() => setShape('list')}>
            List
          </button>
        </div>
        {shape === 'graph' && (
          <CameraButtons follow={follow} onFollow={setFollow} onFit={fit} canvas={canvas} />
        )}
        <Legend
          truthKnown={truthKnown}
          hasGreedy={view.baseline !== null}
          hasRollouts={view.nodes.some((node) => node.role === 'rollout')}
          hasRevisions={view.nodes.some((node) => node.role === 'revision')}
          hasGiven={(view.start?.from ?? []).length > 0}
        />
      </div>
      {/* F fits wherever the focus is inside the picture; the canvas has the other keys. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div
        className="tree-stage"
        ref={frame}
        onKeyDown={(event) => {
          if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
          if (shape === 'graph' && (event.key === 'f' || event.key === 'F')) fit();
        }}
      >
        <TreeTwin
          view={listed.view}
          revision={listed.revision}
          selected={selectedNode}
          onSelect={onTwinSelect}
          onFocused={onFocused}
          hidden={shape === 'graph'}
          onOtherKey={onGraphKey}
        />
        {shape === 'graph' && (
          <TreeCanvas
            ref={canvas}
            view={view}
            revision={revision + layoutTurn}
            placement={placement}
            direction={direction}
            selected={selectedNode}
            focused={focused}
            follow={follow}
            onFollow={setFollow}
            onSelect={onSelect}
            onOpenFold={(parent) => setExpanded((now) => new Set([...now, parent]))}
          />
        )}
        {isEmpty && (
          <p className="tree-empty">
            Every step the model writes becomes a node here, coloured by the verifier’s score; press
            Run to watch the search grow.
          </p>
        )}
      </div>
      {selectedNode !== null && (
        <NodeDetail
          view={view}
          revision={revision}
          id={selectedNode}
          aggregation={props.aggregation}
          prior={placement.prior[selectedNode] ?? -1}
          checkStep={props.checkStep}
          onSelect={onSelect}
          onExpandFrom={props.onExpandFrom}
          expansion={props.expansion}
        />
      )}
      <Scrubber
        events={events}
        length={events.length}
        cursor={cursor}
        onCursor={props.onCursor}
        live={live}
        onLive={props.onLive}
        rounds={rounds}
        autoPlay={props.autoPlay}
      />
      <RoundStatus view={view} rounds={rounds} cursor={cursor} isComplete={isComplete(events)} />
    </section>
  );
}

interface CameraButtonsProps {
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
  readonly onFit: () => void;
  readonly canvas: { readonly current: TreeCanvasHandle | null };
}

function CameraButtons({ follow, onFollow, onFit, canvas }: CameraButtonsProps) {
  const zoom = (factor: number) => {
    onFollow(false);
    canvas.current?.zoomBy(factor);
  };
  return (
    <div className="tree-camera" role="group" aria-label="View">
      <button
        type="button"
        className="tree-quiet"
        aria-pressed={follow}
        onClick={() => onFollow(!follow)}
      >
        Follow
      </button>
      <button type="button" className="tree-quiet" onClick={onFit} aria-keyshortcuts="F">
        Fit
      </button>
      <button type="button" className="tree-icon" aria-label="Zoom in" onClick={() => zoom(1.5)}>
        +
      </button>
      <button
        type="button"
        className="tree-icon"
        aria-label="Zoom out"
        onClick={() => zoom(1 / 1.5)}
      >
        −
      </button>
    </div>
  );
}

/** The reading direction that suits the width of the attached element. */
function useDirection(): [(element: HTMLElement | null) => (() => void) | undefined, Direction] {
  const [direction, setDirection] = useState<Direction>('right');
  const attach = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const { width } = entry.contentRect;
      if (width > 0) setDirection(width < NARROW_PX ? 'down' : 'right');
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [attach, direction];
}
