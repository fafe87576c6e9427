import '../shared/no-eval.ts';
import { WorkerHost } from './host.ts';
import { loadShippedModels } from './shipped-models.ts';

const host = new WorkerHost({
  port: { postMessage: (message) => self.postMessage(message) },
  load: loadShippedModels,
  clock: () => performance.now(),
});

self.onmessage = (event: MessageEvent<unknown>) => host.receive(event.data);
