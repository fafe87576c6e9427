/**
 * The picture of the tree while it stands still, kept apart from the screen and somewhat larger than
 * it: panning and highlighting copy pixels. A zoom or a change of the tree is drawn straight away.
 */
import type { Camera, Viewport } from './camera.ts';

/** CSS pixels beyond each side that are painted along while panning. */
const OVERSCAN = 192;

interface Paint {
  readonly camera: Camera;
  readonly viewport: Viewport;
  readonly ratio: number;
  readonly isDirty: boolean;
  /** Draws the tree with everything in the region that is `overscan` larger on each side. */
  readonly draw: (target: CanvasRenderingContext2D, overscan: number) => void;
}

interface Kept {
  readonly camera: Camera;
  readonly overscan: number;
}

export class Raster {
  private readonly canvas = document.createElement('canvas');
  private kept: Kept | null = null;
  private last: Camera | null = null;

  paint(screen: CanvasRenderingContext2D, paint: Paint): void {
    const { camera, viewport, ratio } = paint;
    const isScaled = this.last === null || !sameScale(this.last, camera);
    this.last = camera;
    screen.setTransform(1, 0, 0, 1, 0, 0);
    screen.clearRect(0, 0, viewport.width * ratio + 1, viewport.height * ratio + 1);
    if (paint.isDirty || isScaled) {
      // What will look different in the next frame is not worth keeping.
      this.kept = null;
      screen.setTransform(ratio, 0, 0, ratio, 0, 0);
      paint.draw(screen, 0);
      return;
    }
    let offset = this.offset(paint);
    if (offset === null) {
      this.redraw(paint, OVERSCAN);
      offset = [-OVERSCAN, -OVERSCAN];
    }
    screen.drawImage(this.canvas, Math.round(offset[0] * ratio), Math.round(offset[1] * ratio));
  }

  /** Where the kept picture goes on the screen; null if it does not cover it. */
  private offset({ camera, viewport }: Paint): [number, number] | null {
    if (this.kept === null || !sameScale(this.kept.camera, camera)) return null;
    const { overscan } = this.kept;
    const along = camera.stepOrigin - this.kept.camera.stepOrigin;
    const across = camera.rowOrigin - this.kept.camera.rowOrigin;
    if (Math.abs(along) > overscan || Math.abs(across) > overscan) return null;
    const [dx, dy] = viewport.direction === 'right' ? [along, across] : [across, along];
    return [dx - overscan, dy - overscan];
  }

  private redraw({ camera, viewport, ratio, draw }: Paint, overscan: number): void {
    const width = Math.round((viewport.width + 2 * overscan) * ratio);
    const height = Math.round((viewport.height + 2 * overscan) * ratio);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const target = this.canvas.getContext('2d');
    if (target === null) return;
    target.setTransform(1, 0, 0, 1, 0, 0);
    target.clearRect(0, 0, width, height);
    target.setTransform(ratio, 0, 0, ratio, overscan * ratio, overscan * ratio);
    draw(target, overscan);
    this.kept = { camera, overscan };
  }
}

function sameScale(a: Camera, b: Camera): boolean {
  return a.zoom === b.zoom && a.rowPitch === b.rowPitch && a.stepPitch === b.stepPitch;
}
