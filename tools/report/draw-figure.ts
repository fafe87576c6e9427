/** A figure as an SVG file that needs nothing else: title, panels in rows, one legend. Pure. */
import { drawPanel, line, marker } from './draw-panel.ts';
import type { Figure, Series } from './figure.ts';
import { element, escape, text } from './svg.ts';

const WIDTH = 840;
const PANEL_HEIGHT = { one: 380, many: 250 };
const COLUMNS = 3;
const LEGEND_ROW = 22;
const LEGEND_PAD = 8;
/** Average width of a letter at the legend's size, on the wide side. */
const LETTER = 6.6;
const SAMPLE = 34;

const RULES =
  'text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--muted)}' +
  '.title{font-weight:600;font-size:13px;fill:var(--ink)}.key{fill:var(--ink)}' +
  '.grid{stroke:var(--line);fill:none}.diagonal{stroke:var(--muted);stroke-dasharray:3 4;fill:none}' +
  '.line{fill:none;stroke-width:1.75;stroke-linejoin:round}.marker{stroke-width:1.5}' +
  '.band{fill-opacity:.13}.bar{fill:none;stroke-width:1.25}';

/** `palette` is the style sheet with the custom properties that the series' colours name. */
export function drawFigure(figure: Figure, palette: string): string {
  const { panels } = figure;
  const columns = Math.min(COLUMNS, Math.max(1, panels.length));
  const height = panels.length > 1 ? PANEL_HEIGHT.many : PANEL_HEIGHT.one;
  const width = WIDTH / columns;
  const rows = Math.ceil(panels.length / columns);
  const legend = drawLegend(seriesOf(figure), rows * height + LEGEND_PAD);
  const total = rows * height + LEGEND_PAD + legend.height;
  const body = [
    `<title>${escape(figure.title)}</title><desc>${escape(figure.description)}</desc>`,
    `<style>${palette}${RULES}</style>`,
    element('rect', { width: WIDTH, height: total, fill: 'var(--panel)' }),
    ...panels.map((panel, i) => {
      const [left, top] = [(i % columns) * width, Math.floor(i / columns) * height];
      return drawPanel(figure, panel, { left, top, width, height });
    }),
    legend.svg,
  ];
  const size = `width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">\n${body.join('\n')}\n</svg>\n`;
}

/** Each name once, in order of appearance. */
function seriesOf(figure: Figure): Series[] {
  const byName = new Map<string, Series>();
  for (const series of figure.panels.flatMap((panel) => panel.series)) {
    if (!byName.has(series.name)) byName.set(series.name, series);
  }
  return [...byName.values()];
}

function drawLegend(series: readonly Series[], top: number): { svg: string; height: number } {
  const margin = 16;
  let [x, row] = [margin, 0];
  const items = series.map(({ style }) => {
    const width = SAMPLE + style.label.length * LETTER + 18;
    if (x > margin && x + width > WIDTH) [x, row] = [margin, row + 1];
    const y = top + row * LEGEND_ROW + LEGEND_ROW / 2;
    const left = x;
    x += width;
    return (
      line(`M${left},${y}h26`, style) +
      marker(style, left + 13, y) +
      text(style.label, left + SAMPLE, y + 4, { class: 'key' })
    );
  });
  return { svg: items.join(''), height: (row + 1) * LEGEND_ROW + LEGEND_PAD };
}
