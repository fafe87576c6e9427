/** The canvas of the tree: a thin shell that hands props to the painter and gestures back. */
import { useEffect, useImperativeHandle, useRef, type KeyboardEvent, type Ref } from 'react';
import type { RunView } from '../../shared/run-view.ts';
import type { Direction } from './camera.ts';
import { cameraKey } from './camera-keys.ts';
import { attachGestures, type Gestures } from './gestures.ts';
import { TreePainter } from './painter.ts';
import type { Bounds, Placement } from './placement.ts';
import { watchTheme } from './theme.ts';

export interface TreeCanvasHandle {
  fit(): void;
  zoomBy(factor: number): void;
  pan(dx: number, dy: number): void;
  reveal(id: number): void;
}

export interface TreeCanvasProps {
  readonly view: RunView;
  /** Changes whenever the view or the placement does. */
  readonly revision: number;
  readonly placement: Placement;
  readonly direction: Direction;
  readonly selected: number | null;
  readonly focused: number | null;
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
  readonly onSelect: (id: number | null) => void;
  /** A fold was clicked; its parent. */
  readonly onOpenFold: (parent: number) => void;
  readonly ref?: Ref<TreeCanvasHandle>;
}

export function TreeCanvas(props: TreeCanvasProps) {
  const { view, revision, placement, direction, selected, focused, follow, ref } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<TreePainter | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const made = new TreePainter(element);
    painter.current = made;
    const gestures: Gestures = attachGestures(element, made, () => {
      if (latest.current.follow) latest.current.onFollow(false);
    });
    made.onCameraSet = (zoom) => gestures.reset(zoom);
    const measure = () => {
      const { width, height } = element.getBoundingClientRect();
      if (width > 0 && height > 0) {
        made.resize({ width, height, direction: latest.current.direction });
        if (latest.current.follow) made.fit(false);
      }
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    const unwatch = watchTheme(() => made.refreshTheme());
    return () => {
      observer.disconnect();
      unwatch();
      gestures.dispose();
      made.dispose();
      painter.current = null;
    };
  }, []);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const { width, height } = element.getBoundingClientRect();
    if (width > 0 && height > 0) painter.current?.resize({ width, height, direction });
  }, [direction]);

  useEffect(() => {
    painter.current?.setRun(view, placement);
  }, [view, revision, placement]);

  const start = view.start;
  const { lowRow, highRow, maxDepth } = placement.bounds;
  const hasRun = placement.row.length > 0;
  useFit(painter, { start, hasRun, follow, lowRow, highRow, maxDepth });

  useEffect(() => {
    painter.current?.highlight({ selected, focused, hovered: null });
  }, [selected, focused]);

  useImperativeHandle(
    ref,
    () => ({
      fit: () => painter.current?.fit(true),
      zoomBy: (factor) => painter.current?.zoomBy(factor),
      pan: (dx, dy) => painter.current?.pan(dx, dy),
      reveal: (id) => painter.current?.reveal(id),
    }),
    [],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    const made = painter.current;
    if (made === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = cameraKey(event.key);
    if (move === null) return;
    if (move.pan !== undefined) made.pan(...move.pan);
    if (move.zoom !== undefined) made.zoomBy(move.zoom);
    if (latest.current.follow) latest.current.onFollow(false);
    event.preventDefault();
  };

  return (
    <canvas
      ref={canvas}
      className="tree-canvas"
      // The tree itself is the ARIA twin beside it; this is a viewport that keys can move.
      // eslint-disable-next-line jsx-a11y/no-interactive-element-to-noninteractive-role
      role="application"
      aria-label="Picture of the search tree. Arrow keys move it, plus and minus zoom, F fits."
      tabIndex={0}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        const hit = painter.current?.hit(event.nativeEvent.offsetX, event.nativeEvent.offsetY);
        if (hit === undefined || hit === null) latest.current.onSelect(null);
        else if ('node' in hit) latest.current.onSelect(hit.node);
        else latest.current.onOpenFold(placement.folds[hit.fold].parent);
      }}
      onPointerMove={(event) => {
        if (event.buttons !== 0 || event.pointerType === 'touch') return;
        const hit = painter.current?.hit(event.nativeEvent.offsetX, event.nativeEvent.offsetY);
        const hovered = hit !== undefined && hit !== null && 'node' in hit ? hit.node : null;
        event.currentTarget.style.cursor = hit === null ? '' : 'pointer';
        painter.current?.highlight({ selected, focused, hovered });
      }}
      onPointerLeave={() => painter.current?.highlight({ selected, focused, hovered: null })}
    />
  );
}

interface FitWatch extends Omit<Bounds, 'lastStep'> {
  readonly start: RunView['start'];
  readonly hasRun: boolean;
  readonly follow: boolean;
}

/** Fits at once when another run appears, and along with the tree while following. */
function useFit(painter: { readonly current: TreePainter | null }, watch: FitWatch): void {
  const { start, hasRun, follow, lowRow, highRow, maxDepth } = watch;
  const fitted = useRef<RunView['start']>(null);
  useEffect(() => {
    if (!hasRun || start === null) return;
    const isNew = fitted.current !== start;
    fitted.current = start;
    if (isNew) painter.current?.fit(false);
    else if (follow) painter.current?.fit(true);
  }, [painter, start, hasRun, follow, lowRow, highRow, maxDepth]);
}
