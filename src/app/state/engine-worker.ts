/** How an engine worker with the shipped models is made: the one of the visit, and the Lab's more. */
import type { ClientOptions } from '../../worker/client.ts';
import { shippedUrl } from './shipped.ts';

export const ENGINE_WORKER: Pick<ClientOptions, 'spawn' | 'modelsUrl'> = {
  spawn: () =>
    new Worker(new URL('../../worker/main.ts', import.meta.url), {
      type: 'module',
      name: 'overthink-engine',
    }),
  get modelsUrl() {
    return shippedUrl('models/');
  },
};
