/** How an engine worker with the shipped models is made: the one of the visit, and the Lab's more; and
 * which engine this visit wants. */
import type { ClientOptions } from '../../worker/client.ts';
import { EngineChoice } from './engine-choice.ts';
import { shippedUrl } from './shipped.ts';

/** The one of this visit. */
export const ENGINE_CHOICE = new EngineChoice({
  storage: () => window.localStorage,
  search: () => window.location.search,
  setSearch: (search) => {
    const { pathname, hash } = window.location;
    window.history.replaceState(null, '', `${pathname}${search}${hash}`);
  },
});

export const ENGINE_WORKER: Pick<ClientOptions, 'spawn' | 'modelsUrl' | 'engine'> = {
  spawn: () =>
    new Worker(new URL('../../worker/main.ts', import.meta.url), {
      type: 'module',
      name: 'overthink-engine',
    }),
  get modelsUrl() {
    return shippedUrl('models/');
  },
  engine: () => ENGINE_CHOICE.preference,
};
