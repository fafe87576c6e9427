import '../shared/no-eval.ts';
import { WorkerHost } from './host.ts';
import { loadShippedModels } from './shipped-models.ts';

const host = new WorkerHost({
  port: { postMessage: (message) => self.postMessage(message) },
  load: async (modelsUrl, onState, choice, preference) => {
    if (choice.kind === 'shipped') return loadShippedModels(modelsUrl, onState, { preference });
    const { loadLanguageModels } = await import('./language-models.ts');
    return loadLanguageModels(choice, onState);
  },
  clock: () => performance.now(),
});

self.onmessage = (event: MessageEvent<unknown>) => host.receive(event.data);
