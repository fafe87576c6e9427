/** One repaint of the tree, and the marks laid over it for focus and selection. Pure but for `ctx`. */
import { drawEdges } from './draw-edges.ts';
import { drawMarks } from './draw-marks.ts';
import { cellOf, drawStrip } from './draw-strip.ts';
import { drawFolds, drawTexts } from './draw-text.ts';
import { drawWindow } from './draw-window.ts';
import { cardText, nodeX, nodeY, xOf, yOf, type Frame } from './scene.ts';

export function drawTree(ctx: CanvasRenderingContext2D, frame: Frame): void {
  if (frame.scene.view.nodes.length === 0) return;
  if (frame.scene.placement.extent !== null) {
    drawStrip(ctx, frame);
    return;
  }
  drawEdges(ctx, frame);
  drawFolds(ctx, frame);
  drawMarks(ctx, frame);
  drawTexts(ctx, frame);
}

export interface Highlights {
  readonly selected: number | null;
  readonly focused: number | null;
  readonly hovered: number | null;
}

export function drawHighlights(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  marks: Highlights,
): void {
  ctx.save();
  ctx.strokeStyle = frame.theme.accent;
  if (marks.selected !== null) drawWindow(ctx, frame, marks.selected);
  if (marks.hovered !== null) ring(ctx, frame, marks.hovered, 4, 1, []);
  if (marks.selected !== null) ring(ctx, frame, marks.selected, 4, 2, []);
  if (marks.focused !== null) ring(ctx, frame, marks.focused, 7, 1.5, [3, 2]);
  ctx.restore();
}

function ring(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  id: number,
  gap: number,
  width: number,
  dash: readonly number[],
): void {
  const { view, placement, at } = frame.scene;
  if (id >= view.nodes.length || id >= at.row.length) return;
  ctx.lineWidth = width;
  ctx.setLineDash([...dash]);
  ctx.beginPath();
  const fold = placement.foldOf[id];
  if (fold >= 0) {
    const { depth, row } = placement.folds[fold];
    const x = xOf(frame, depth, row) - (frame.viewport.direction === 'right' ? 0 : 16);
    ctx.roundRect(x - gap, yOf(frame, depth, row) - 12 - gap / 2, 32 + 2 * gap, 24 + gap, 4);
  } else if (frame.scene.placement.extent !== null && id !== 0) {
    const cell = cellOf(frame, id);
    ctx.rect(cell.x - 1, cell.y - 1, cell.width + 2, cell.height + 2);
  } else {
    const r = Math.max(frame.radius, 3) + gap;
    ctx.arc(nodeX(frame, id), nodeY(frame, id), r, 0, 2 * Math.PI);
  }
  ctx.stroke();
}

export type Hit = { readonly node: number } | { readonly fold: number };

/** What lies under a point of the viewport; null for paper. */
export function hitTest(frame: Frame, x: number, y: number): Hit | null {
  for (const fold of frame.scene.placement.folds) {
    if (fold.members[0] >= frame.scene.view.nodes.length) continue;
    const left = xOf(frame, fold.depth, fold.row) - (frame.viewport.direction === 'right' ? 2 : 18);
    const dy = Math.abs(y - yOf(frame, fold.depth, fold.row));
    const width = frame.detail === 'dots' ? 36 : 110;
    if (x >= left && x <= left + width && dy <= 12) return { fold: fold.index };
  }
  let best: number | null = null;
  let reach = Math.max(frame.radius + 7, 10);
  for (const id of frame.visible) {
    const distance = distanceTo(frame, id, x, y);
    if (distance <= reach) {
      reach = distance;
      best = id;
    }
  }
  return best === null ? null : { node: best };
}

function distanceTo(frame: Frame, id: number, x: number, y: number): number {
  const dx = x - nodeX(frame, id);
  const dy = y - nodeY(frame, id);
  if (frame.scene.placement.extent !== null && id !== 0) {
    const cell = cellOf(frame, id);
    const inside =
      x >= cell.x && x <= cell.x + cell.width && y >= cell.y && y <= cell.y + cell.height;
    return inside ? 0 : Infinity;
  }
  if (frame.detail === 'cards' && frame.viewport.direction === 'right') {
    const isRollout = frame.scene.view.nodes[id].role === 'rollout';
    if (!isRollout && dx > 0 && dx < cardText(frame, id).end && Math.abs(dy) < 9)
      return Math.abs(dy) / 2;
  }
  return Math.hypot(dx, dy);
}
