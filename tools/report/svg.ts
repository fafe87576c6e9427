/** Pieces of SVG text. Pure; equal input gives equal text. */
type Value = string | number;

/** `children` is SVG already; `text` is escaped. */
export function element(
  name: string,
  attributes: Readonly<Record<string, Value>>,
  children = '',
): string {
  const list = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? px(value) : escape(value)}"`)
    .join('');
  return children === '' ? `<${name}${list}/>` : `<${name}${list}>${children}</${name}>`;
}

export function text(
  words: string,
  x: number,
  y: number,
  attributes: Readonly<Record<string, Value>> = {},
): string {
  return element('text', { x, y, ...attributes }, escape(words));
}

/** A tenth of a pixel is as fine as anyone sees. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function escape(words: string): string {
  return words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

export function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${px(x)},${px(y)}`).join('');
}
