/** Step text, scores, verdicts and folds: what is drawn only where there is room for it. */
import { diffText } from './diff.ts';
import { knownVerdict, drawVerdict } from './draw-marks.ts';
import { foldLabel, HISTOGRAM_BINS, summarizeFold, type FoldSummary } from './fold.ts';
import type { Fold } from './placement.ts';
import { rampColor, RAMP_STEPS, scoreText } from './ramp.ts';
import {
  cardSuffix,
  cardText,
  cut,
  LABEL_FONT_PX,
  nodeX,
  nodeY,
  STEP_FONT_PX,
  xOf,
  yOf,
  type Frame,
} from './scene.ts';

export function drawTexts(ctx: CanvasRenderingContext2D, frame: Frame): void {
  ctx.save();
  ctx.textBaseline = 'middle';
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  const draw =
    frame.viewport.direction === 'right'
      ? { cards: cardRight, labels: labelRight, dots: verdictOnly }[frame.detail]
      : { cards: cardDown, labels: labelDown, dots: verdictOnly }[frame.detail];
  for (const id of frame.visible) {
    if (frame.scene.view.nodes[id].role !== 'rollout') draw(ctx, frame, id);
  }
  ctx.restore();
}

function inkAlpha(frame: Frame, id: number): number {
  const node = frame.scene.view.nodes[id];
  return (node.state === 'pruned' ? 0.5 : 1) * frame.scene.grown(id);
}

function stepFont(frame: Frame, id: number): string {
  const weight = frame.scene.view.nodes[id].best || id === 0 ? '600 ' : '';
  return `${weight}${STEP_FONT_PX}px ${frame.theme.mono}`;
}

function cardRight(ctx: CanvasRenderingContext2D, frame: Frame, id: number): void {
  const x = nodeX(frame, id);
  const y = nodeY(frame, id);
  if (id === 0) {
    rootLabel(ctx, frame, x, y);
    return;
  }
  const card = cardText(frame, id);
  ctx.globalAlpha = 1;
  ctx.fillStyle = frame.theme.paper;
  ctx.fillRect(x + card.textStart - 2, y - 8, card.end - card.textStart + 4, 16);
  ctx.globalAlpha = inkAlpha(frame, id);
  tintChanges(ctx, frame, id, x + card.textStart, y, card.text.length);
  ctx.textAlign = 'left';
  ctx.font = stepFont(frame, id);
  ctx.fillStyle = frame.theme.ink;
  ctx.fillText(card.text, x + card.textStart, y + 0.5);
  if (card.suffix !== '') {
    ctx.font = `${LABEL_FONT_PX}px ${frame.theme.mono}`;
    ctx.fillStyle = frame.theme.muted;
    ctx.fillText(card.suffix, x + card.suffixStart, y + 0.5);
  }
  const verdict = knownVerdict(frame, id);
  if (verdict !== null) drawVerdict(ctx, x + card.end - 5, y, verdict, frame.theme.ink);
  attemptLabel(ctx, frame, id, x, y);
}

/** Above the first line of a revision: its place in the chain. The row above is free. */
function attemptLabel(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  id: number,
  x: number,
  y: number,
): void {
  const node = frame.scene.view.nodes[id];
  if (node.role !== 'revision' || node.parent !== 0) return;
  ctx.font = `${LABEL_FONT_PX}px ${frame.theme.sans}`;
  ctx.fillStyle = frame.theme.muted;
  ctx.textAlign = 'left';
  ctx.fillText(`attempt ${frame.scene.placement.depth[id]}`, x + 8, y - 15);
}

/** What the problem is stands beside the tree anyway; its node only says that it is the problem. */
function rootLabel(ctx: CanvasRenderingContext2D, frame: Frame, x: number, y: number): void {
  ctx.font = `${LABEL_FONT_PX}px ${frame.theme.sans}`;
  ctx.textAlign = 'left';
  ctx.lineWidth = 4;
  ctx.strokeStyle = frame.theme.paper;
  ctx.fillStyle = frame.theme.muted;
  ctx.globalAlpha = 1;
  ctx.strokeText('problem', x - 12, y + 16);
  ctx.fillText('problem', x - 12, y + 16);
}

/** In a revision, the characters that the attempt before did not have stand on a tint. */
function tintChanges(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  id: number,
  x: number,
  y: number,
  shown: number,
): void {
  const { nodes } = frame.scene.view;
  const prior = frame.scene.placement.prior[id];
  if (prior < 0) return;
  const alpha = ctx.globalAlpha;
  ctx.fillStyle = frame.theme.accent;
  let at = 0;
  for (const part of diffText(nodes[prior].text, nodes[id].text)) {
    if (part.kind === 'removed') continue;
    if (part.kind === 'added' && at < shown) {
      const length = Math.min(part.text.length, shown - at);
      ctx.globalAlpha = alpha * 0.2;
      ctx.fillRect(x + at * frame.charWidth, y - 8, length * frame.charWidth, 16);
    }
    at += part.text.length;
  }
  ctx.globalAlpha = alpha;
}

function cardDown(ctx: CanvasRenderingContext2D, frame: Frame, id: number): void {
  const node = frame.scene.view.nodes[id];
  const x = nodeX(frame, id);
  const y = nodeY(frame, id) + frame.radius + 11;
  const text = cut(
    node.text.replaceAll('\n', ' ⏎ '),
    Math.floor(frame.rowPitch / frame.charWidth) - 1,
  );
  ctx.textAlign = 'center';
  ctx.globalAlpha = inkAlpha(frame, id);
  ctx.font = stepFont(frame, id);
  ctx.fillStyle = frame.theme.ink;
  ctx.fillText(text, x, y);
  const suffix = cardSuffix(node);
  ctx.font = `${LABEL_FONT_PX}px ${frame.theme.mono}`;
  ctx.fillStyle = frame.theme.muted;
  if (suffix !== '') ctx.fillText(suffix, x, y + 14);
  verdictBeside(ctx, frame, id);
}

function labelRight(ctx: CanvasRenderingContext2D, frame: Frame, id: number): void {
  if (id === 0) {
    rootLabel(ctx, frame, nodeX(frame, id), nodeY(frame, id));
    return;
  }
  const { score } = frame.scene.view.nodes[id];
  const x = nodeX(frame, id) + frame.radius + 4;
  const y = nodeY(frame, id);
  ctx.textAlign = 'left';
  ctx.font = `${LABEL_FONT_PX - 1}px ${frame.theme.mono}`;
  ctx.globalAlpha = inkAlpha(frame, id);
  ctx.fillStyle = frame.theme.muted;
  if (score !== null) ctx.fillText(scoreText(score), x, y + 0.5);
  const verdict = knownVerdict(frame, id);
  if (verdict !== null) drawVerdict(ctx, x + 32, y, verdict, frame.theme.ink);
}

function labelDown(ctx: CanvasRenderingContext2D, frame: Frame, id: number): void {
  const { score } = frame.scene.view.nodes[id];
  ctx.textAlign = 'center';
  ctx.font = `${LABEL_FONT_PX - 1}px ${frame.theme.mono}`;
  ctx.globalAlpha = inkAlpha(frame, id);
  ctx.fillStyle = frame.theme.muted;
  const x = nodeX(frame, id);
  if (score !== null) ctx.fillText(scoreText(score), x, nodeY(frame, id) + frame.radius + 9);
  verdictBeside(ctx, frame, id);
}

function verdictOnly(ctx: CanvasRenderingContext2D, frame: Frame, id: number): void {
  if (frame.rowPitch >= 6) verdictBeside(ctx, frame, id);
}

function verdictBeside(ctx: CanvasRenderingContext2D, frame: Frame, id: number): void {
  const verdict = knownVerdict(frame, id);
  if (verdict === null) return;
  const down = frame.viewport.direction === 'down' && frame.detail === 'dots';
  const x = nodeX(frame, id) + (down ? 0 : frame.radius + 9);
  const y = nodeY(frame, id) + (down ? frame.radius + 8 : 0);
  ctx.globalAlpha = inkAlpha(frame, id);
  drawVerdict(ctx, x, y, verdict, frame.theme.ink, Math.min(1, frame.rowPitch / 12));
}

const BAR = 4;
/** Below this row pitch a fold is a bar: neighbouring histograms would cover each other. */
const HISTOGRAM_FROM = 5;

export function drawFolds(ctx: CanvasRenderingContext2D, frame: Frame): void {
  const { placement, view } = frame.scene;
  ctx.save();
  for (const fold of placement.folds) {
    const summary = summarizeFold(view.nodes, fold.members);
    if (summary.shown > 0) drawFold(ctx, frame, fold, summary);
  }
  ctx.restore();
}

function drawFold(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  fold: Fold,
  summary: FoldSummary,
): void {
  const right = frame.viewport.direction === 'right';
  const x = xOf(frame, fold.depth, fold.row) - (right ? 0 : (HISTOGRAM_BINS * BAR) / 2);
  const y = yOf(frame, fold.depth, fold.row);
  const tall = Math.min(Math.max(frame.rowPitch * (right ? 1.1 : 0.5), 6), 22);
  const width = HISTOGRAM_BINS * BAR;
  if (frame.rowPitch < HISTOGRAM_FROM) {
    ctx.globalAlpha = 1;
    ctx.fillStyle = frame.theme.line;
    const height = Math.max(frame.rowPitch * 0.8, 0.75);
    if (right) ctx.fillRect(x - 3, y - height / 2, 12, height);
    else ctx.fillRect(x + width / 2 - height / 2, y - 3, height, 12);
    return;
  }
  ctx.globalAlpha = 1;
  ctx.fillStyle = frame.theme.paper;
  ctx.fillRect(x - 2, y - tall / 2 - 1, width + 4, tall + 3);
  const most = Math.max(...summary.bins, 1);
  summary.bins.forEach((count, bin) => {
    if (count === 0) return;
    const height = Math.max((count / most) * tall, 1.5);
    ctx.globalAlpha = summary.pruned > 0 ? 0.6 : 1;
    ctx.fillStyle = rampColor(Math.round(((bin + 0.5) / HISTOGRAM_BINS) * (RAMP_STEPS - 1)));
    ctx.fillRect(x + bin * BAR, y + tall / 2 - height, BAR - 1, height);
  });
  ctx.globalAlpha = 0.5;
  ctx.fillStyle = frame.theme.ink;
  ctx.fillRect(x, y + tall / 2, width - 1, 1);
  if (frame.rowPitch < 7) return;
  ctx.globalAlpha = 1;
  ctx.fillStyle = frame.theme.muted;
  ctx.font = `${LABEL_FONT_PX}px ${frame.theme.sans}`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = right ? 'left' : 'center';
  const text = frame.detail === 'dots' ? `+${summary.shown}` : foldLabel(summary);
  if (right) ctx.fillText(text, x + width + 6, y);
  else ctx.fillText(text, x + width / 2, y + tall / 2 + 10);
}
