/** Pictures of what is on screen: the tree's canvas as it is, the chart's SVG drawn anew. */
import { AppError } from '../../shared/errors.ts';
import { download } from '../ui/download.ts';

/** Twice the size on screen, for print and slides. */
const CHART_SCALE = 2;
/** What a drawn SVG takes from style sheets; a copy outside the page must carry it itself. */
const COPIED_STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-opacity',
  'font-family',
  'font-size',
  'font-weight',
  'opacity',
  'text-anchor',
  'visibility',
];

export async function exportTreeImage(): Promise<void> {
  const canvas = document.querySelector<HTMLCanvasElement>('.tree-pane canvas');
  if (canvas === null) throw notOnScreen('tree');
  download(await toPng(canvas), 'overthink-tree.png', 'image/png');
}

export async function exportChartImage(): Promise<void> {
  const svg = document.querySelector<SVGSVGElement>('.chart-figure svg.recharts-surface');
  if (svg === null) throw notOnScreen('chart');
  const { width, height } = svg.getBoundingClientRect();
  const image = await loadImage(standalone(svg, width, height));
  const canvas = document.createElement('canvas');
  canvas.width = width * CHART_SCALE;
  canvas.height = height * CHART_SCALE;
  const context = canvas.getContext('2d');
  if (context === null) throw notOnScreen('chart');
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  download(await toPng(canvas), 'overthink-chart.png', 'image/png');
}

function standalone(svg: SVGSVGElement, width: number, height: number): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  for (const [i, original] of originals.entries()) {
    const style = getComputedStyle(original);
    const values = COPIED_STYLES.map((name) => `${name}:${style.getPropertyValue(name)}`);
    copies[i]?.setAttribute('style', values.join(';'));
  }
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  return new XMLSerializer().serializeToString(copy);
}

async function loadImage(svg: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  return image;
}

function toPng(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(notOnScreen('picture')) : resolve(blob)));
  });
}

function notOnScreen(what: string): AppError {
  return new AppError('bad-input', `The ${what} is not on screen, so it cannot be exported.`, {
    advice: `Show the ${what} first, then export it.`,
  });
}
