/**
 * The camera over a placement. Rows and steps are scaled apart (a tree of 256 rows and 4 steps is
 * no shape for a screen), the two pitches are fixed by the last fit and zoom together from there.
 */
import type { Bounds } from './placement.ts';

export type Direction = 'right' | 'down';

export interface Viewport {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly direction: Direction;
}

export interface Camera {
  /** Zoom since the last fit; 1 is fitted. */
  readonly zoom: number;
  /** Pixels a row and a step take at zoom 1. */
  readonly rowPitch: number;
  readonly stepPitch: number;
  /** Pixel position of row 0 and of step 0. */
  readonly rowOrigin: number;
  readonly stepOrigin: number;
}

interface Limits {
  readonly row: number;
  readonly step: number;
  /** What a fit may reach at most. */
  readonly rowFit: number;
  readonly stepFit: number;
  /** Row pitch from which steps bear text, and how many steps that text is long. */
  readonly rowText: number;
  readonly textSteps: number;
  /** Margins in pixels: before and after, across rows and along steps. */
  readonly rowMargin: readonly [number, number];
  readonly stepMargin: readonly [number, number];
}

const LIMITS: Readonly<Record<Direction, Limits>> = {
  right: {
    row: 40,
    step: 300,
    rowFit: 30,
    stepFit: 220,
    rowText: 16,
    textSteps: 1,
    rowMargin: [28, 28],
    stepMargin: [24, 64],
  },
  down: {
    row: 190,
    step: 120,
    rowFit: 176,
    stepFit: 120,
    rowText: 92,
    textSteps: 0.6,
    rowMargin: [20, 20],
    stepMargin: [28, 44],
  },
};

export const START_CAMERA: Camera = {
  zoom: 1,
  rowPitch: 28,
  stepPitch: 200,
  rowOrigin: 0,
  stepOrigin: 24,
};

export function rowPitchOf(camera: Camera, direction: Direction): number {
  return Math.min(camera.rowPitch * camera.zoom, LIMITS[direction].row);
}

export function stepPitchOf(camera: Camera, direction: Direction): number {
  return Math.min(camera.stepPitch * camera.zoom, LIMITS[direction].step);
}

/** Zooming in further than this changes nothing; out, to a tenth of the fit. */
export function zoomExtent(camera: Camera, direction: Direction): [number, number] {
  const limits = LIMITS[direction];
  return [0.1, Math.max(limits.row / camera.rowPitch, limits.step / camera.stepPitch, 1)];
}

/** The camera that shows the whole placement. */
export function fitCamera(bounds: Bounds, viewport: Viewport): Camera {
  const limits = LIMITS[viewport.direction];
  const [across, along] = axes(viewport);
  const [rowBefore, rowAfter] = limits.rowMargin;
  const [stepBefore, stepAfter] = limits.stepMargin;
  const rows = bounds.highRow - bounds.lowRow;
  const roomAcross = Math.max(across - rowBefore - rowAfter, 40);
  const rowPitch = Math.min(limits.rowFit, roomAcross / Math.max(rows, 1e-6));
  const steps = alongSteps(Math.max(bounds.maxDepth, 1));
  // Where rows leave room for text, the last step gets as much of it as the others.
  const last = Math.max(rowPitch >= limits.rowText ? limits.textSteps : 0, bounds.lastStep);
  const after = last > 0 ? VERDICT_MARGIN : stepAfter;
  const stepPitch = Math.min(limits.stepFit, (along - stepBefore - after) / (steps + last));
  const middle = (bounds.lowRow + bounds.highRow) / 2;
  return {
    zoom: 1,
    rowPitch,
    stepPitch,
    rowOrigin: rowBefore + roomAcross / 2 - middle * rowPitch,
    stepOrigin: stepBefore,
  };
}

/**
 * Steps along the reading direction up to a depth. The prompt bears no text, so the way from it to
 * the first steps is shorter than the others.
 */
export function alongSteps(depth: number): number {
  return depth <= 0 ? depth : depth - ROOT_SAVING;
}

const ROOT_SAVING = 0.42;
/** Pixels behind the text of the last step: a tick or a cross may stand there. */
const VERDICT_MARGIN = 20;

/** [across rows, along steps] in pixels. */
export function axes(viewport: Viewport): [number, number] {
  return viewport.direction === 'right'
    ? [viewport.height, viewport.width]
    : [viewport.width, viewport.height];
}

/** Changes the zoom so that what lies under the screen point (x, y) stays there. */
export function zoomAt(
  camera: Camera,
  viewport: Viewport,
  zoom: number,
  x: number,
  y: number,
): Camera {
  const { direction } = viewport;
  const across = direction === 'right' ? y : x;
  const along = direction === 'right' ? x : y;
  const next = { ...camera, zoom };
  const rows = (across - camera.rowOrigin) / rowPitchOf(camera, direction);
  const steps = (along - camera.stepOrigin) / stepPitchOf(camera, direction);
  return {
    ...next,
    rowOrigin: across - rows * rowPitchOf(next, direction),
    stepOrigin: along - steps * stepPitchOf(next, direction),
  };
}

export function panBy(camera: Camera, direction: Direction, dx: number, dy: number): Camera {
  const [across, along] = direction === 'right' ? [dy, dx] : [dx, dy];
  return {
    ...camera,
    rowOrigin: camera.rowOrigin + across,
    stepOrigin: camera.stepOrigin + along,
  };
}

/** Keeps at least a corner of the tree on screen; the same camera back where nothing changes. */
export function holdInView(camera: Camera, viewport: Viewport, bounds: Bounds): Camera {
  const [across, along] = axes(viewport);
  const row = rowPitchOf(camera, viewport.direction);
  const step = stepPitchOf(camera, viewport.direction);
  const keep = 48;
  const rowOrigin = clamp(
    camera.rowOrigin,
    keep - bounds.highRow * row,
    across - keep - bounds.lowRow * row,
  );
  const stepOrigin = clamp(camera.stepOrigin, keep - bounds.maxDepth * step - step, along - keep);
  if (rowOrigin === camera.rowOrigin && stepOrigin === camera.stepOrigin) return camera;
  return { ...camera, rowOrigin, stepOrigin };
}

/** Part `t` (0 … 1) of the way between two cameras, evenly in the logarithm of the scale. */
export function mixCameras(a: Camera, b: Camera, t: number): Camera {
  const linear = (from: number, to: number) => from + (to - from) * t;
  const scale = (from: number, to: number) => from * (to / from) ** t;
  return {
    zoom: scale(a.zoom, b.zoom),
    rowPitch: scale(a.rowPitch, b.rowPitch),
    stepPitch: scale(a.stepPitch, b.stepPitch),
    rowOrigin: linear(a.rowOrigin, b.rowOrigin),
    stepOrigin: linear(a.stepOrigin, b.stepOrigin),
  };
}

/** The least move that brings a place well into view; the same camera back if it is. */
export function reveal(camera: Camera, viewport: Viewport, depth: number, row: number): Camera {
  const [across, along] = axes(viewport);
  const atRow = camera.rowOrigin + row * rowPitchOf(camera, viewport.direction);
  const atStep = camera.stepOrigin + alongSteps(depth) * stepPitchOf(camera, viewport.direction);
  const tail = viewport.direction === 'right' ? 120 : 40;
  const dRow = clamp(atRow, Math.min(32, across / 3), Math.max(across - 32, across / 2)) - atRow;
  const dStep = clamp(atStep, Math.min(24, along / 3), Math.max(along - tail, along / 2)) - atStep;
  if (dRow === 0 && dStep === 0) return camera;
  return {
    ...camera,
    rowOrigin: camera.rowOrigin + dRow,
    stepOrigin: camera.stepOrigin + dStep,
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
