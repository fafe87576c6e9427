/** Colours and type of the canvas, read from the page's custom properties once per theme change. */
export interface TreeTheme {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly accent: string;
  readonly mono: string;
  readonly sans: string;
}

export function readTheme(element: Element): TreeTheme {
  const style = getComputedStyle(element);
  const read = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
  return {
    paper: read('--tree-paper', '#fbfaf7'),
    ink: read('--tree-ink', '#1b1b1a'),
    muted: read('--tree-muted', '#6a6862'),
    line: read('--tree-line', '#d9d6cd'),
    accent: read('--tree-accent', '#b3261e'),
    mono: read('--tree-mono', 'ui-monospace, monospace'),
    sans: style.fontFamily || 'system-ui, sans-serif',
  };
}

/** Calls back when the system or the page switches between light and dark. Returns the undo. */
export function watchTheme(onChange: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', onChange);
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['class', 'style', 'data-theme'],
  });
  return () => {
    dark.removeEventListener('change', onChange);
    observer.disconnect();
  };
}

const reducedMotion =
  typeof matchMedia === 'function' ? matchMedia('(prefers-reduced-motion: reduce)') : null;

export function prefersReducedMotion(): boolean {
  return reducedMotion?.matches ?? false;
}
