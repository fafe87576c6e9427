/** Best-of-N as a strip: a row of cells per solution, a cell per step, filled by score. */
import { knownVerdict, drawVerdict } from './draw-marks.ts';
import { inkOn, rampColor, rampStep, scoreText } from './ramp.ts';
import { cut, LABEL_FONT_PX, nodeX, nodeY, STEP_FONT_PX, type Frame } from './scene.ts';

interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The rectangle of a step: its whole step long and, but for a hairline, all its rows high. */
export function cellOf(frame: Frame, id: number): Cell {
  const extent = frame.scene.placement.extent;
  const rows = extent === null ? 1 : extent.high[id] - extent.low[id] + 1;
  const along = Math.max(frame.stepPitch - 2, 1);
  const across = Math.max(frame.rowPitch * rows - Math.min(2, frame.rowPitch * 0.2), 0.75);
  const x = nodeX(frame, id);
  const y = nodeY(frame, id);
  return frame.viewport.direction === 'right'
    ? { x: x - 6, y: y - across / 2, width: along, height: across }
    : { x: x - across / 2, y: y - 8, width: across, height: along };
}

export function drawStrip(ctx: CanvasRenderingContext2D, frame: Frame): void {
  const { nodes } = frame.scene.view;
  ctx.save();
  ctx.textBaseline = 'middle';
  ctx.lineCap = 'round';
  for (const id of frame.visible) {
    if (id === 0) continue;
    const node = nodes[id];
    const cell = cellOf(frame, id);
    ctx.globalAlpha = frame.scene.grown(id);
    if (node.score === null) {
      ctx.strokeStyle = frame.theme.muted;
      ctx.lineWidth = 1;
      if (cell.height > 3 && cell.width > 3) {
        ctx.strokeRect(cell.x + 0.5, cell.y + 0.5, cell.width - 1, cell.height - 1);
      } else {
        ctx.fillStyle = frame.theme.line;
        ctx.fillRect(cell.x, cell.y, cell.width, cell.height);
      }
    } else {
      ctx.fillStyle = rampColor(rampStep(node.score));
      ctx.fillRect(cell.x, cell.y, cell.width, cell.height);
    }
    if (frame.detail !== 'dots') cellText(ctx, frame, id, cell);
    finish(ctx, frame, id, cell);
  }
  ctx.restore();
}

function cellText(ctx: CanvasRenderingContext2D, frame: Frame, id: number, cell: Cell): void {
  const node = frame.scene.view.nodes[id];
  const ink = node.score === null ? frame.theme.ink : inkOn(rampStep(node.score));
  const score = node.score === null ? '' : scoreText(node.score);
  const y = cell.y + (frame.viewport.direction === 'right' ? cell.height / 2 : 10);
  ctx.fillStyle = ink;
  if (frame.detail === 'labels') {
    ctx.font = `${LABEL_FONT_PX - 1}px ${frame.theme.mono}`;
    ctx.textAlign = 'center';
    ctx.fillText(score, cell.x + cell.width / 2, y);
    return;
  }
  ctx.font = `${STEP_FONT_PX}px ${frame.theme.mono}`;
  ctx.textAlign = 'left';
  const room = Math.floor((cell.width - 16) / frame.charWidth) - score.length;
  ctx.fillText(cut(node.text, room), cell.x + 5, y + 0.5);
  ctx.font = `${LABEL_FONT_PX}px ${frame.theme.mono}`;
  ctx.textAlign = 'right';
  ctx.fillText(score, cell.x + cell.width - 5, y + 0.5);
}

/** Behind the last cell: the verdict; along the chosen answer's row: a firm line. */
function finish(ctx: CanvasRenderingContext2D, frame: Frame, id: number, cell: Cell): void {
  const node = frame.scene.view.nodes[id];
  const right = frame.viewport.direction === 'right';
  if (node.best) {
    ctx.strokeStyle = frame.theme.ink;
    ctx.lineWidth = Math.min(2.5, Math.max(1.5, cell.height / 3));
    ctx.strokeRect(cell.x, cell.y, cell.width + (node.candidate === null ? 2 : 0), cell.height);
  }
  const verdict = knownVerdict(frame, id);
  if (verdict === null || frame.rowPitch < 7) return;
  const x = right ? cell.x + cell.width + 12 : cell.x + cell.width / 2;
  const y = right ? cell.y + cell.height / 2 : cell.y + cell.height + 10;
  drawVerdict(ctx, x, y, verdict, frame.theme.ink);
}
