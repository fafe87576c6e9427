/** Node marks, batched by look: one fill per score step and state instead of one per node. */
import type { NodeView } from '../../shared/run-view.ts';
import { RAMP_STEPS, rampColor, rampStep } from './ramp.ts';
import { isEnd, nodeX, nodeY, verdictOf, type Frame } from './scene.ts';

const HOLLOW = RAMP_STEPS;
const PRUNED_ALPHA = 0.4;
/** Below this radius a mark is a tick across the rows, long enough to show its colour. */
const SHAPED_FROM = 2;

/** Length of such a tick in pixels. */
const TICK = 6;

interface Batch {
  readonly step: number;
  readonly ids: number[];
}

export function drawMarks(ctx: CanvasRenderingContext2D, frame: Frame): void {
  const { nodes } = frame.scene.view;
  const live: number[] = [];
  const pruned: number[] = [];
  const ghosts: number[] = [];
  for (const id of frame.visible) {
    const node = nodes[id];
    if (node.role === 'rollout') ghosts.push(id);
    else if (node.state === 'pruned') pruned.push(id);
    else live.push(id);
  }
  ctx.save();
  drawGhosts(ctx, frame, ghosts);
  drawGroup(ctx, frame, pruned, true);
  drawGroup(ctx, frame, live, false);
  ctx.restore();
}

function drawGroup(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  ids: readonly number[],
  pruned: boolean,
): void {
  const { nodes } = frame.scene.view;
  const shaped = frame.radius >= SHAPED_FROM;
  for (const batch of byStep(nodes, ids)) {
    const hollow = batch.step === HOLLOW;
    ctx.globalAlpha = pruned ? PRUNED_ALPHA : 1;
    if (!shaped) {
      ctx.fillStyle = hollow ? frame.theme.muted : rampColor(batch.step);
      for (const id of batch.ids) fillPixel(ctx, frame, id);
      continue;
    }
    // Hollow marks are filled with paper so that edges do not shine through.
    ctx.fillStyle = hollow ? frame.theme.paper : rampColor(batch.step);
    if (hollow || pruned) paperUnder(ctx, frame, batch.ids);
    ctx.globalAlpha = pruned && !hollow ? PRUNED_ALPHA : 1;
    if (!hollow) {
      ctx.fillStyle = rampColor(batch.step);
      ctx.beginPath();
      for (const id of batch.ids) trace(ctx, frame, id, nodes[id]);
      ctx.fill();
    }
  }
  if (shaped) outline(ctx, frame, ids, pruned);
}

function paperUnder(ctx: CanvasRenderingContext2D, frame: Frame, ids: readonly number[]): void {
  ctx.globalAlpha = 1;
  ctx.fillStyle = frame.theme.paper;
  ctx.beginPath();
  for (const id of ids) trace(ctx, frame, id, frame.scene.view.nodes[id]);
  ctx.fill();
}

/** Kept: a firm line. Open: a thin one. Pruned: dashed. So states differ without any colour. */
function outline(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  ids: readonly number[],
  pruned: boolean,
): void {
  const { nodes } = frame.scene.view;
  const firm: number[] = [];
  const thin: number[] = [];
  for (const id of ids) (nodes[id].state === 'open' || pruned ? thin : firm).push(id);
  ctx.strokeStyle = frame.theme.ink;
  for (const [group, width, alpha] of [
    [thin, 1, pruned ? 0.42 : 0.6],
    [firm, 1.5, 0.85],
  ] as const) {
    if (group.length === 0) continue;
    ctx.globalAlpha = alpha;
    ctx.lineWidth = frame.radius < 3.5 ? Math.min(width, 0.75) : width;
    ctx.setLineDash(pruned && frame.radius >= 3.5 && group.length < 1500 ? [2, 2] : []);
    ctx.beginPath();
    for (const id of group) trace(ctx, frame, id, nodes[id]);
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

function drawGhosts(ctx: CanvasRenderingContext2D, frame: Frame, ids: readonly number[]): void {
  if (ids.length === 0 || frame.radius < SHAPED_FROM) return;
  ctx.globalAlpha = 0.55;
  ctx.lineWidth = 1;
  ctx.strokeStyle = frame.theme.ink;
  ctx.fillStyle = frame.theme.paper;
  ctx.setLineDash([1, 2]);
  ctx.beginPath();
  for (const id of ids) {
    const x = nodeX(frame, id);
    const y = nodeY(frame, id);
    const r = Math.min(frame.radius * 0.6, 3);
    ctx.moveTo(x + r, y);
    ctx.arc(x, y, r, 0, 2 * Math.PI);
  }
  ctx.fill();
  ctx.stroke();
  ctx.setLineDash([]);
}

function byStep(nodes: readonly NodeView[], ids: readonly number[]): Batch[] {
  const batches: (Batch | undefined)[] = new Array<Batch | undefined>(RAMP_STEPS + 1);
  for (const id of ids) {
    const { score } = nodes[id];
    const step = score === null ? HOLLOW : rampStep(score);
    (batches[step] ??= { step, ids: [] }).ids.push(id);
  }
  return batches.filter((batch) => batch !== undefined);
}

/** Adds a node's shape to the current path: square where a solution ends, else a circle. */
export function trace(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  id: number,
  node: NodeView,
  grow = 0,
): void {
  const x = nodeX(frame, id);
  const y = nodeY(frame, id);
  const r = frame.radius * frame.scene.grown(id) + grow;
  if (id === 0) {
    ctx.moveTo(x + r * 0.7, y);
    ctx.arc(x, y, r * 0.7, 0, 2 * Math.PI);
  } else if (isEnd(node)) {
    ctx.rect(x - r, y - r, 2 * r, 2 * r);
  } else {
    ctx.moveTo(x + r, y);
    ctx.arc(x, y, r, 0, 2 * Math.PI);
  }
}

function fillPixel(ctx: CanvasRenderingContext2D, frame: Frame, id: number): void {
  const across = Math.max(2 * frame.radius, 1);
  const x = nodeX(frame, id);
  const y = nodeY(frame, id);
  if (frame.viewport.direction === 'right') ctx.fillRect(x - 3, y - across / 2, TICK, across);
  else ctx.fillRect(x - across / 2, y - 3, across, TICK);
}

/** A tick or a cross, for where the truth is known. */
export function drawVerdict(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  correct: boolean,
  color: string,
  scale = 1,
): void {
  const s = scale * 3.5;
  ctx.strokeStyle = color;
  ctx.lineWidth = 0.75 + scale;
  ctx.beginPath();
  if (correct) {
    ctx.moveTo(x - s * 1.1, y);
    ctx.lineTo(x - s * 0.3, y + s);
    ctx.lineTo(x + s * 1.3, y - s * 1.1);
  } else {
    ctx.moveTo(x - s, y - s);
    ctx.lineTo(x + s, y + s);
    ctx.moveTo(x + s, y - s);
    ctx.lineTo(x - s, y + s);
  }
  ctx.stroke();
}

export function knownVerdict(frame: Frame, id: number): boolean | null {
  return verdictOf(frame.scene.view.nodes[id]);
}
