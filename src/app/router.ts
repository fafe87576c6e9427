/** Pages by the first part of the hash. A new page is a line here; its code loads when visited. */
import { lazy, useSyncExternalStore, type ComponentType, type LazyExoticComponent } from 'react';
import { decodeHash, HOME_PAGE } from './state/url-state.ts';

export interface Page {
  readonly id: string;
  readonly label: string;
  readonly component: LazyExoticComponent<ComponentType>;
}

export const PAGES: readonly Page[] = [
  {
    id: HOME_PAGE,
    label: 'Playground',
    component: lazy(async () => {
      const { PlaygroundPage } = await import('./playground/playground-page.tsx');
      return { default: PlaygroundPage };
    }),
  },
  {
    id: 'lab',
    label: 'Lab',
    component: lazy(async () => {
      const { LabPage } = await import('./lab/lab-page.tsx');
      return { default: LabPage };
    }),
  },
  {
    id: 'models',
    label: 'Models',
    component: lazy(async () => {
      const { ModelsPage } = await import('./models/models-page.tsx');
      return { default: ModelsPage };
    }),
  },
];

/** The page of the address; null when there is no such page. */
export function usePage(): Page | null {
  const id = useSyncExternalStore(
    (notify) => {
      window.addEventListener('hashchange', notify);
      return () => window.removeEventListener('hashchange', notify);
    },
    () => decodeHash(window.location.hash).page,
  );
  return PAGES.find((page) => page.id === id) ?? null;
}
