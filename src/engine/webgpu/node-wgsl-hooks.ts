/** Module hooks for Node: `x.wgsl?raw` is the text of the file, as Vite has it for the page. */
import { readFile } from 'node:fs/promises';

interface Loaded {
  readonly format: string;
  readonly source: string;
  readonly shortCircuit?: boolean;
}

export async function load(
  url: string,
  context: unknown,
  next: (url: string, context: unknown) => Promise<Loaded>,
): Promise<Loaded> {
  if (!url.endsWith('.wgsl?raw')) return next(url, context);
  const text = await readFile(new URL(url), 'utf8');
  const source = `export default ${JSON.stringify(text)};`;
  return { format: 'module', source, shortCircuit: true };
}
