/** The attempts that the selected one was shown, framed where they stand. */
import { pathTo } from '../../shared/run-view.ts';
import { revisionOf } from './revision.ts';
import { xOf, yOf, type Frame } from './scene.ts';

/** Steps that a frame reaches over, of the one that an attempt's column takes. */
const REACH = 0.9;
const MARGIN_PX = 10;

export function drawWindow(ctx: CanvasRenderingContext2D, frame: Frame, selected: number): void {
  const { view, at } = frame.scene;
  if (selected >= view.nodes.length || view.nodes[selected].role !== 'revision') return;
  const revision = revisionOf(view, selected);
  if (revision === null) return;
  ctx.setLineDash([]);
  ctx.lineWidth = 1;
  for (const { id } of revision.window) {
    const path = pathTo(view, id).filter((step) => step < at.row.length);
    if (path.length === 0) continue;
    const rows = path.map((step) => at.row[step]);
    const depth = at.depth[path[0]];
    const low = Math.min(...rows) - 0.5;
    const high = Math.max(...rows) + 0.5;
    const x = xOf(frame, depth, low);
    const y = yOf(frame, depth, low);
    const width = xOf(frame, depth + REACH, high) - x;
    const height = yOf(frame, depth + REACH, high) - y;
    const right = frame.viewport.direction === 'right';
    ctx.beginPath();
    ctx.roundRect(x - (right ? MARGIN_PX : 0), y - (right ? 0 : MARGIN_PX), width, height, 4);
    ctx.stroke();
  }
}
