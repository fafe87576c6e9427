/** Edges, batched by line style: a path per style, cut where long paths become slow to stroke. */
import type { NodeView } from '../../shared/run-view.ts';
import { cardText, nodeX, nodeY, xOf, yOf, type Frame } from './scene.ts';

type EdgeStyle = 'open' | 'kept' | 'pruned' | 'ghost' | 'greedy' | 'best';

interface Look {
  readonly width: number;
  readonly alpha: number;
  readonly dash: readonly number[];
}

const LOOKS: Readonly<Record<EdgeStyle, Look>> = {
  pruned: { width: 1, alpha: 0.22, dash: [3, 3] },
  open: { width: 1, alpha: 0.34, dash: [] },
  kept: { width: 1.25, alpha: 0.55, dash: [] },
  ghost: { width: 1, alpha: 0.34, dash: [1, 3] },
  greedy: { width: 1.5, alpha: 0.7, dash: [0.1, 4] },
  best: { width: 3, alpha: 0.92, dash: [] },
};
const ORDER: readonly EdgeStyle[] = ['pruned', 'open', 'kept', 'ghost', 'greedy', 'best'];

/** Skia strokes many short paths faster than one of thousands of segments. */
const SEGMENTS_PER_PATH = 400;
/** More edges than this are straight and undashed: nobody sees the curve, everybody the delay. */
const PLAIN_ABOVE = 1500;

function styleOf(node: NodeView): EdgeStyle {
  if (node.best) return 'best';
  if (node.role === 'rollout') return 'ghost';
  if (node.role === 'greedy') return 'greedy';
  if (node.state === 'pruned') return 'pruned';
  return node.state === 'open' ? 'open' : 'kept';
}

/** [x0, y0, x1, y1] of one edge. */
type Ends = readonly [number, number, number, number];

export function drawEdges(ctx: CanvasRenderingContext2D, frame: Frame): void {
  const byStyle = gather(frame);
  const total = ORDER.reduce((sum, style) => sum + byStyle[style].length, 0);
  const plain = total > PLAIN_ABOVE || frame.rowPitch < 3;
  ctx.save();
  ctx.strokeStyle = frame.theme.ink;
  ctx.lineCap = 'round';
  for (const style of ORDER) {
    const look = LOOKS[style];
    const thin = plain && style !== 'best' ? Math.min(1, Math.max(0.2, frame.rowPitch / 6)) : 1;
    ctx.globalAlpha = look.alpha * thin;
    ctx.lineWidth = style === 'best' && frame.detail === 'dots' ? 2 : look.width;
    ctx.setLineDash(plain ? [] : [...look.dash]);
    strokeAll(ctx, frame, byStyle[style], plain);
  }
  ctx.restore();
}

function strokeAll(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  edges: readonly Ends[],
  plain: boolean,
): void {
  const right = frame.viewport.direction === 'right';
  for (let from = 0; from < edges.length; from += SEGMENTS_PER_PATH) {
    ctx.beginPath();
    const to = Math.min(from + SEGMENTS_PER_PATH, edges.length);
    for (let i = from; i < to; i++) {
      const [x0, y0, x1, y1] = edges[i];
      ctx.moveTo(x0, y0);
      if (plain || x0 === x1 || y0 === y1) ctx.lineTo(x1, y1);
      else if (right) {
        const bend = Math.max((x1 - x0) / 2, 8);
        ctx.bezierCurveTo(x0 + bend, y0, x1 - bend, y1, x1, y1);
      } else {
        const bend = Math.max((y1 - y0) / 2, 8);
        ctx.bezierCurveTo(x0, y0 + bend, x1, y1 - bend, x1, y1);
      }
    }
    ctx.stroke();
  }
}

function gather(frame: Frame): Record<EdgeStyle, Ends[]> {
  const edges: Record<EdgeStyle, Ends[]> = {
    pruned: [],
    open: [],
    kept: [],
    ghost: [],
    greedy: [],
    best: [],
  };
  const { nodes } = frame.scene.view;
  const { placement } = frame.scene;
  const starts = new Map<number, readonly [number, number]>();
  const add = (parent: number, style: EdgeStyle, x: number, y: number, stacked: boolean) => {
    let start = stacked
      ? ([nodeX(frame, parent), nodeY(frame, parent)] as const)
      : starts.get(parent);
    if (start === undefined) starts.set(parent, (start = edgeStart(frame, parent)));
    const ends: Ends = [start[0], start[1], x, y];
    if (isInside(frame, ends)) edges[style].push(ends);
  };
  const count = Math.min(nodes.length, frame.scene.at.row.length);
  for (let id = 1; id < count; id++) {
    if (placement.foldOf[id] >= 0) continue;
    const origin = placement.origin[id];
    const stacked = frame.scene.at.depth[origin] === frame.scene.at.depth[id];
    add(origin, styleOf(nodes[id]), nodeX(frame, id), nodeY(frame, id), stacked);
  }
  for (const fold of placement.folds) {
    if (fold.members[0] >= count) continue;
    const x = xOf(frame, fold.depth, fold.row);
    add(fold.parent, 'pruned', x, yOf(frame, fold.depth, fold.row), false);
  }
  return edges;
}

/** Edges leave behind a card's text, so that no line runs through letters. */
function edgeStart(frame: Frame, parent: number): readonly [number, number] {
  const x = nodeX(frame, parent);
  const y = nodeY(frame, parent);
  if (parent === 0 || frame.scene.view.nodes[parent].role === 'rollout') return [x, y];
  if (frame.viewport.direction === 'down') {
    if (frame.detail === 'dots') return [x, y];
    return [x, y + (frame.detail === 'cards' ? 34 : 20)];
  }
  if (frame.detail === 'cards') return [x + cardText(frame, parent).end + 4, y];
  return [x + (frame.detail === 'labels' ? 32 : 0), y];
}

function isInside(frame: Frame, [x0, y0, x1, y1]: Ends): boolean {
  const { width, height } = frame.viewport;
  const pad = frame.overscan;
  return (
    Math.max(x0, x1) >= -pad &&
    Math.min(x0, x1) <= width + pad &&
    Math.max(y0, y1) >= -pad &&
    Math.min(y0, y1) <= height + pad
  );
}
