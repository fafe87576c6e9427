/** Drag, wheel, pinch and double click, by d3-zoom, as plain pans and zooms. */
import { select } from 'd3-selection';
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomTransform } from 'd3-zoom';

export interface GestureTarget {
  readonly zoomLimits: [number, number];
  pan(dx: number, dy: number): boolean;
  zoomTo(zoom: number, x: number, y: number): void;
}

export interface Gestures {
  /** The camera was moved by other means: gestures go on from this zoom. */
  reset(zoom: number): void;
  dispose(): void;
}

/** `onGesture` is called whenever the reader, not the program, moves the camera. */
export function attachGestures(
  element: HTMLCanvasElement,
  target: GestureTarget,
  onGesture: () => void,
): Gestures {
  let last: ZoomTransform = zoomIdentity;
  let isSetting = false;
  const behavior = zoom<HTMLCanvasElement, unknown>()
    .filter((event: Event) => {
      if (event instanceof WheelEvent) return event.ctrlKey || event.metaKey;
      return !(event instanceof MouseEvent) || event.button === 0;
    })
    .clickDistance(4)
    .on('zoom', ({ transform }: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
      const before = last;
      last = transform;
      if (isSetting) return;
      onGesture();
      applyTransform(target, before, transform);
    });
  const selection = select(element).call(behavior).on('dblclick.zoom', null);

  const onWheel = (event: WheelEvent) => {
    if (event.ctrlKey || event.metaKey) return;
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const [dx, dy] =
      event.shiftKey && event.deltaX === 0 ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
    // At the edge of the tree the page may scroll on.
    if (!target.pan(-dx * unit, -dy * unit)) return;
    event.preventDefault();
    onGesture();
  };
  element.addEventListener('wheel', onWheel, { passive: false });

  return {
    reset(scale) {
      isSetting = true;
      behavior.scaleExtent(target.zoomLimits);
      selection.call(behavior.transform, zoomIdentity.scale(scale));
      isSetting = false;
    },
    dispose() {
      selection.on('.zoom', null);
      element.removeEventListener('wheel', onWheel);
    },
  };
}

/** d3's transform scales both axes alike; the fixed point of its change is all that is taken. */
function applyTransform(target: GestureTarget, before: ZoomTransform, after: ZoomTransform): void {
  const ratio = after.k / before.k;
  if (Math.abs(ratio - 1) < 1e-4) {
    target.pan(after.x - before.x, after.y - before.y);
    return;
  }
  const x = (after.x - ratio * before.x) / (1 - ratio);
  const y = (after.y - ratio * before.y) / (1 - ratio);
  target.zoomTo(after.k, x, y);
}
