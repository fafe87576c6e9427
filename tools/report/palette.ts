/** The page's colours for a picture that stands alone: the custom properties of theme.css, both for
 * light and for dark, as a style sheet inside the SVG. */
import { AppError } from '../../src/shared/errors.ts';

const WANTED = ['panel', 'ink', 'muted', 'line', 'accent'];

/** `theme` is the text of theme.css. Only colours that the picture may use are kept. */
export function svgStyle(theme: string): string {
  const [light, dark] = [
    /^:root \{([^}]*)\}/m,
    /prefers-color-scheme: dark\)\s*\{\s*:root \{([^}]*)\}/,
  ]
    .map((pattern) => pattern.exec(theme)?.[1])
    .map((block) => (block === undefined ? null : colours(block)));
  if (!light || !dark) {
    throw new AppError('internal', 'theme.css has no colours for light and dark.', {
      advice: 'Keep :root and @media (prefers-color-scheme: dark) in theme.css.',
    });
  }
  return `:root{${light}}@media (prefers-color-scheme: dark){:root{${dark}}}`;
}

function colours(block: string): string {
  return [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{3,8});/g)]
    .filter(([, name]) => WANTED.includes(name) || name.startsWith('strategy-'))
    .map(([, name, value]) => `--${name}:${value};`)
    .join('');
}
