/** Media queries as React state. */
import { useSyncExternalStore } from 'react';

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (notify) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', notify);
      return () => list.removeEventListener('change', notify);
    },
    () => window.matchMedia(query).matches,
  );
}

export type Layout = 'tabs' | 'two-columns' | 'panes';

/** Tabs below 640 px, two columns below 1100 px, three resizable panes from there on. */
export function useLayout(): Layout {
  const wide = useMedia('(min-width: 1100px)');
  const medium = useMedia('(min-width: 640px)');
  return wide ? 'panes' : medium ? 'two-columns' : 'tabs';
}
