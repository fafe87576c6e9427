/** For GPU tests: the models of test/fixtures, which the test page serves under /fixtures/. */
import { loadModel, type LoadedModel } from '../../weights/load-model.ts';
import type { ModelSource } from '../../weights/model-source.ts';

export async function fixtureModel(name: string): Promise<LoadedModel> {
  return loadModel(servedModel(`/fixtures/${name}`));
}

export interface Golden {
  readonly cases: readonly {
    readonly text: string;
    readonly tokens: readonly number[];
    readonly positions?: readonly number[];
    readonly logits?: readonly (readonly number[])[];
    readonly values?: readonly number[];
  }[];
}

/** What PyTorch computed for the model of that name. */
export async function goldenOf(name: string): Promise<Golden> {
  const response = await fetch(`/fixtures/golden/${name}.json`);
  return (await response.json()) as Golden;
}

/** A folder of model files that is served as it is, without a manifest; for tests and benches. */
export function servedModel(url: string): ModelSource {
  return {
    id: url,
    totalBytes: null,
    async open(file) {
      const response = await fetch(`${url}/${file}`);
      if (!response.ok) throw new Error(`${url}/${file}: HTTP ${response.status}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const chunks = (async function* () {
        yield bytes;
      })();
      return { totalBytes: bytes.length, from: 'network', chunks };
    },
    discard: () => Promise.resolve(false),
  };
}
