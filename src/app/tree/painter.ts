/**
 * Owns one canvas: keeps camera, raster and animations, and repaints at most once a frame and only
 * when something changed. All drawing is in `draw*.ts`; all arithmetic in `camera.ts`.
 */
import {
  fitCamera,
  holdInView,
  mixCameras,
  panBy,
  reveal,
  START_CAMERA,
  zoomAt,
  zoomExtent,
  type Camera,
  type Viewport,
} from './camera.ts';
import { drawHighlights, drawTree, hitTest, type Highlights, type Hit } from './draw.ts';
import { EMPTY_PLACEMENT, type Placement } from './placement.ts';
import { Raster } from './raster.ts';
import { makeFrame, STEP_FONT_PX, type Frame } from './scene.ts';
import { prefersReducedMotion, readTheme, type TreeTheme } from './theme.ts';
import { Transition } from './transition.ts';
import { emptyView, type RunView } from '../../shared/run-view.ts';

const CAMERA_MS = 320;
const GROW_MS = 180;
/** Beyond this many new nodes at once nobody sees one grow. */
const MOST_GROWING = 300;

export class TreePainter {
  private readonly context: CanvasRenderingContext2D | null;
  private readonly raster = new Raster();
  private readonly transition = new Transition();
  private readonly born = new Map<number, number>();
  private view: RunView = emptyView();
  private placement: Placement = EMPTY_PLACEMENT;
  private shown = 0;
  private theme: TreeTheme;
  private charWidth = 7;
  private viewport: Viewport = { width: 0, height: 0, direction: 'right' };
  private camera: Camera = START_CAMERA;
  private flight: { from: Camera; to: Camera; since: number } | null = null;
  private marks: Highlights = { selected: null, focused: null, hovered: null };
  private request = 0;
  private isDirty = true;
  /** Called after the camera was moved by anything but a gesture. */
  onCameraSet: (zoom: number) => void = () => undefined;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext('2d');
    this.theme = readTheme(canvas);
    this.measureType();
  }

  dispose(): void {
    cancelAnimationFrame(this.request);
    this.request = -1;
  }

  get zoom(): number {
    return this.camera.zoom;
  }

  get zoomLimits(): [number, number] {
    return zoomExtent(this.camera, this.viewport.direction);
  }

  resize(viewport: Viewport): void {
    const isFirst = this.viewport.width === 0;
    const turned = viewport.direction !== this.viewport.direction;
    this.viewport = viewport;
    const ratio = devicePixelRatio;
    this.canvas.width = Math.round(viewport.width * ratio);
    this.canvas.height = Math.round(viewport.height * ratio);
    if (isFirst || turned) this.fit(false);
    this.touch();
  }

  refreshTheme(): void {
    this.theme = readTheme(this.canvas);
    this.measureType();
    this.touch();
  }

  /** Another state of the run, or another layout of it. */
  setRun(view: RunView, placement: Placement): void {
    const now = performance.now();
    const isCalm = prefersReducedMotion();
    if (placement !== this.placement) {
      const isSameRun = view.start !== null && view.start === this.view.start;
      this.transition.begin(isSameRun && !isCalm ? this.placement : null, placement, now);
      this.placement = placement;
    }
    const added = view.nodes.length - this.shown;
    if (!isCalm && added > 0 && added <= MOST_GROWING) {
      for (let id = this.shown; id < view.nodes.length; id++) this.born.set(id, now);
    }
    this.shown = view.nodes.length;
    this.view = view;
    this.touch();
  }

  highlight(marks: Highlights): void {
    this.marks = marks;
    this.invalidate();
  }

  fit(animated: boolean): void {
    this.flyTo(fitCamera(this.placement.bounds, this.viewport), animated);
  }

  reveal(id: number): void {
    if (id >= this.placement.row.length) return;
    const { depth, row } = this.placement;
    const goal = this.flight?.to ?? this.camera;
    const next = reveal(goal, this.viewport, depth[id], row[id]);
    if (next !== goal) this.flyTo(next, true);
  }

  pan(dx: number, dy: number): boolean {
    this.land();
    const moved = panBy(this.camera, this.viewport.direction, dx, dy);
    const held = holdInView(moved, this.viewport, this.placement.bounds);
    const changed =
      held.rowOrigin !== this.camera.rowOrigin || held.stepOrigin !== this.camera.stepOrigin;
    this.camera = held;
    this.invalidate();
    return changed;
  }

  zoomTo(zoom: number, x: number, y: number): void {
    this.land();
    const next = zoomAt(this.camera, this.viewport, zoom, x, y);
    this.camera = holdInView(next, this.viewport, this.placement.bounds);
    this.invalidate();
  }

  /** Zooms around the middle, for keys and buttons. */
  zoomBy(factor: number): void {
    const [low, high] = this.zoomLimits;
    const zoom = Math.min(Math.max(this.camera.zoom * factor, low), high);
    this.zoomTo(zoom, this.viewport.width / 2, this.viewport.height / 2);
    this.onCameraSet(zoom);
  }

  hit(x: number, y: number): Hit | null {
    return hitTest(this.frame(0), x, y);
  }

  /** Paints now, without waiting for a frame (benchmarks and exports). */
  paint(now = performance.now()): void {
    this.step(now);
    const { context } = this;
    if (context === null || this.viewport.width === 0) return;
    const ratio = devicePixelRatio;
    this.raster.paint(context, {
      camera: this.camera,
      viewport: this.viewport,
      ratio,
      isDirty: this.isDirty,
      draw: (target, overscan) => drawTree(target, this.frame(overscan)),
    });
    this.isDirty = this.transition.isActive || this.born.size > 0;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawHighlights(context, this.frame(0), this.marks);
  }

  private flyTo(to: Camera, animated: boolean): void {
    if (!animated || prefersReducedMotion() || this.viewport.width === 0) {
      this.flight = null;
      this.camera = to;
    } else this.flight = { from: this.camera, to, since: performance.now() };
    this.onCameraSet(to.zoom);
    this.invalidate();
  }

  /** A gesture takes over from wherever a flight has got to. */
  private land(): void {
    this.flight = null;
  }

  private step(now: number): void {
    if (this.flight !== null) {
      const t = Math.min((now - this.flight.since) / CAMERA_MS, 1);
      this.camera = mixCameras(this.flight.from, this.flight.to, Math.max(0, t * (2 - t)));
      if (t >= 1) this.flight = null;
    }
    if (this.transition.isActive) this.isDirty = true;
    this.transition.advance(now);
    for (const [id, since] of this.born) if (now - since > GROW_MS) this.born.delete(id);
  }

  private frame(overscan: number): Frame {
    const now = performance.now();
    const { born, view, placement, transition } = this;
    const scene = {
      view,
      placement,
      at: transition.positions ?? placement,
      grown: (id: number) => {
        const since = born.get(id);
        return since === undefined ? 1 : Math.min(0.3 + (0.7 * (now - since)) / GROW_MS, 1);
      },
    };
    return makeFrame(scene, this.camera, this.viewport, this.theme, this.charWidth, overscan);
  }

  private touch(): void {
    this.isDirty = true;
    this.invalidate();
  }

  private invalidate(): void {
    if (this.request !== 0) return;
    this.request = requestAnimationFrame((now) => {
      this.request = 0;
      this.paint(now);
      if (this.flight !== null || this.isDirty) this.invalidate();
    });
  }

  private measureType(): void {
    if (this.context === null) return;
    this.context.font = `${STEP_FONT_PX}px ${this.theme.mono}`;
    this.charWidth = this.context.measureText('0').width;
  }
}
