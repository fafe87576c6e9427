/** What one repaint needs to know, and the parts of it that several painters share. */
import type { NodeView, RunView } from '../../shared/run-view.ts';
import { alongSteps, rowPitchOf, stepPitchOf, type Camera, type Viewport } from './camera.ts';
import { chooseDetail, markRadius, type Detail } from './detail.ts';
import { GHOST_FROM, type Placement } from './placement.ts';
import { scoreText } from './ramp.ts';
import type { TreeTheme } from './theme.ts';

export interface Positions {
  readonly depth: ArrayLike<number>;
  readonly row: ArrayLike<number>;
}

export interface Scene {
  readonly view: RunView;
  readonly placement: Placement;
  /** Where nodes are right now: the placement, or on the way to it. */
  readonly at: Positions;
  /** Size of a node that has just appeared, 0 … 1. */
  readonly grown: (id: number) => number;
}

/** A scene projected to pixels: the frame in which everything is drawn. */
export interface Frame {
  readonly scene: Scene;
  readonly camera: Camera;
  readonly viewport: Viewport;
  readonly theme: TreeTheme;
  readonly detail: Detail;
  readonly radius: number;
  readonly rowPitch: number;
  readonly stepPitch: number;
  /** Width of one monospaced character of step text. */
  readonly charWidth: number;
  /** Ids of unfolded nodes inside the painted region, in id order. */
  readonly visible: readonly number[];
  /** Pixels painted beyond each side of the viewport. */
  readonly overscan: number;
}

export const STEP_FONT_PX = 12;
export const LABEL_FONT_PX = 11;
/** Room for a mark and its text around a node's place, for culling. */
const REACH = 40;

export function makeFrame(
  scene: Scene,
  camera: Camera,
  viewport: Viewport,
  theme: TreeTheme,
  charWidth: number,
  overscan: number,
): Frame {
  const rowPitch = rowPitchOf(camera, viewport.direction);
  const stepPitch = stepPitchOf(camera, viewport.direction);
  const visible = collectVisible(scene, camera, viewport, rowPitch, stepPitch, overscan);
  const detail = chooseDetail(viewport.direction, { rowPitch, stepPitch }, visible.length);
  const radius = markRadius(detail, rowPitch);
  return {
    scene,
    camera,
    viewport,
    theme,
    detail,
    radius,
    rowPitch,
    stepPitch,
    charWidth,
    visible,
    overscan,
  };
}

function collectVisible(
  scene: Scene,
  camera: Camera,
  viewport: Viewport,
  rowPitch: number,
  stepPitch: number,
  overscan: number,
): number[] {
  const right = viewport.direction === 'right';
  const [across, along] = right
    ? [viewport.height, viewport.width]
    : [viewport.width, viewport.height];
  const lowRow = (-overscan - REACH - camera.rowOrigin) / rowPitch;
  const highRow = (across + overscan + REACH - camera.rowOrigin) / rowPitch;
  // A card reaches over its whole step, so one step more on the low side.
  const lowStep = (-overscan - REACH - camera.stepOrigin) / stepPitch - 1;
  const highStep = (along + overscan + REACH - camera.stepOrigin) / stepPitch;
  const { depth, row } = scene.at;
  const { foldOf } = scene.placement;
  const count = Math.min(scene.view.nodes.length, row.length);
  const visible: number[] = [];
  for (let id = 0; id < count; id++) {
    const r = row[id];
    if (r < lowRow || r > highRow || foldOf[id] >= 0) continue;
    const d = depth[id];
    if (d >= lowStep && d <= highStep) visible.push(id);
  }
  return visible;
}

/** Pixel x of a place. */
export function xOf(frame: Frame, depth: number, row: number): number {
  return frame.viewport.direction === 'right'
    ? frame.camera.stepOrigin + alongSteps(depth) * frame.stepPitch
    : frame.camera.rowOrigin + row * frame.rowPitch;
}

/** Pixel y of a place. */
export function yOf(frame: Frame, depth: number, row: number): number {
  return frame.viewport.direction === 'right'
    ? frame.camera.rowOrigin + row * frame.rowPitch
    : frame.camera.stepOrigin + alongSteps(depth) * frame.stepPitch;
}

export function nodeX(frame: Frame, id: number): number {
  return xOf(frame, frame.scene.at.depth[id], frame.scene.at.row[id]);
}

export function nodeY(frame: Frame, id: number): number {
  return yOf(frame, frame.scene.at.depth[id], frame.scene.at.row[id]);
}

/** A square mark: a solution ends here. */
export function isEnd(node: NodeView): boolean {
  return node.state === 'finished' || node.candidate !== null || isGreedyEnd(node);
}

function isGreedyEnd(node: NodeView): boolean {
  return node.role === 'greedy' && node.end === 'solution';
}

export function verdictOf(node: NodeView): boolean | null {
  return isEnd(node) ? node.correct : null;
}

/** What follows the step's text on a card: score, copies. */
export function cardSuffix(node: NodeView): string {
  const score = node.score === null ? '' : scoreText(node.score);
  const copies = node.copies > 1 ? `×${node.copies}` : '';
  return [score, copies].filter((part) => part !== '').join(' ');
}

const GAP = 6;
const MIN_EDGE = 22;
const VERDICT = 14;

export interface CardText {
  readonly text: string;
  readonly suffix: string;
  /** Pixel offsets from the mark's centre. */
  readonly textStart: number;
  readonly suffixStart: number;
  readonly end: number;
}

/** One line of a card to the right of a mark, cut to the room before the next step. */
export function cardText(frame: Frame, id: number): CardText {
  const { stepPitch, charWidth, radius, scene } = frame;
  const node = scene.view.nodes[id];
  const suffix = cardSuffix(node);
  const smallWidth = charWidth * (LABEL_FONT_PX / STEP_FONT_PX);
  const tail =
    (suffix === '' ? 0 : GAP + suffix.length * smallWidth) +
    (verdictOf(node) === null ? 0 : VERDICT);
  const isLast = scene.at.depth[id] >= scene.placement.bounds.maxDepth;
  const hasGhosts = node.children.some((child) => scene.view.nodes[child].role === 'rollout');
  const reach = hasGhosts ? stepPitch * GHOST_FROM : stepPitch - (isLast ? 0 : MIN_EDGE);
  const room = reach - radius - GAP - tail;
  const text = id === 0 ? '' : cut(node.text.replaceAll('\n', ' ⏎ '), Math.floor(room / charWidth));
  const textStart = radius + GAP;
  const suffixStart = textStart + text.length * charWidth + (suffix === '' ? 0 : GAP);
  return { text, suffix, textStart, suffixStart, end: textStart + text.length * charWidth + tail };
}

/** At most `room` characters, the last of them an ellipsis where something is missing. */
export function cut(text: string, room: number): string {
  if (text.length <= room) return text;
  return room < 2 ? '' : `${text.slice(0, room - 1)}…`;
}
