/**
 * The models that come with the page, on the CPU engine: what every visitor gets without asking.
 * The reviser and its verifier are loaded after the page is usable, where they are shipped.
 */
import { EnginePolicy } from '../engine/engine-policy.ts';
import { createCpuEngine } from '../engine/load-engine.ts';
import { fetchModelSource } from '../engine/weights/fetch-model-source.ts';
import { loadModel, type LoadedModel } from '../engine/weights/load-model.ts';
import {
  fetchManifest,
  findModel,
  type Manifest,
  type ManifestModel,
} from '../engine/weights/manifest.ts';
import {
  parseComputeOptimalTable,
  type ComputeOptimalTable,
} from '../search/compute-optimal-table.ts';
import { OrmVerifier, revisionTokens } from '../verify/orm.ts';
import { PrmVerifier } from '../verify/prm.ts';
import type { HostModels } from './host.ts';
import { LoadProgress } from './load-progress.ts';
import { measureSpeed } from './measure-speed.ts';
import type { EngineState } from './protocol.ts';

const POLICY = 'policy';
const VERIFIER = 'prm';
const REVISER = 'reviser';
const REVISION_VERIFIER = 'orm';

/** Throws AppError: `network`, `model-missing`, `model-corrupt`, `model-unsupported`… */
export async function loadShippedModels(
  modelsUrl: string,
  onState: (state: EngineState) => void,
): Promise<HostModels> {
  const progress = new LoadProgress(onState, () => performance.now());
  progress.step('downloading');
  const manifest = await fetchManifest(`${modelsUrl}manifest.json`);
  const wanted = [findModel(manifest, POLICY), findModel(manifest, VERIFIER)];
  const [policyModel, verifierModel] = await Promise.all(
    wanted.map((model) => load(modelsUrl, model, progress)),
  );
  progress.step('compiling');
  const policyEngine = await createCpuEngine(policyModel);
  const verifierEngine = await createCpuEngine(verifierModel);
  const policy = new EnginePolicy(policyEngine, policyModel.tokenizer, { label: wanted[0].label });
  const verifier = new PrmVerifier(verifierEngine, verifierModel.tokenizer, {
    label: wanted[1].label,
  });
  progress.step('measuring');
  const speed = await measureSpeed(policy, verifier, () => performance.now());
  const { backend, label } = policyEngine.capabilities;
  const models: HostModels = {
    policy,
    verifier,
    engineLabel: label,
    ready: {
      phase: 'ready',
      backend,
      label,
      policy: wanted[0].label,
      verifier: wanted[1].label,
      modelBytes: progress.totalBytes,
      ...speed,
      extras: [],
    },
  };
  return { ...models, loadMore: () => withExtras(modelsUrl, manifest, models) };
}

/** What `auto` and `revise` need. Each is left out where it cannot be had. */
async function withExtras(
  modelsUrl: string,
  manifest: Manifest,
  models: HostModels,
): Promise<HostModels> {
  const computeOptimal = await fetchChoices(modelsUrl).catch(() => null);
  const chosen: HostModels = {
    ...models,
    computeOptimal,
    ready: { ...models.ready, extras: computeOptimal === null ? [] : ['auto'] },
  };
  const shipsReviser = [REVISER, REVISION_VERIFIER].every((id) =>
    manifest.models.some((model) => model.id === id),
  );
  if (!shipsReviser) return chosen;
  return withReviser(modelsUrl, manifest, chosen).catch(() => chosen);
}

async function fetchChoices(modelsUrl: string): Promise<ComputeOptimalTable> {
  const response = await fetch(new URL('../curves/compute-optimal.json', modelsUrl));
  return parseComputeOptimalTable(await response.json());
}

async function withReviser(
  modelsUrl: string,
  manifest: Manifest,
  models: HostModels,
): Promise<HostModels> {
  const [reviser, orm] = await Promise.all(
    [REVISER, REVISION_VERIFIER].map((id) => {
      const entry = findModel(manifest, id);
      return loadModel(fetchModelSource(modelsUrl, entry)).then((model) => ({ model, entry }));
    }),
  );
  const { tokenizer } = reviser.model;
  const policy = new EnginePolicy(await createCpuEngine(reviser.model), tokenizer, {
    label: reviser.entry.label,
    promptTokens: (prompt) => revisionTokens(tokenizer, prompt),
  });
  const verifier = new OrmVerifier(await createCpuEngine(orm.model), orm.model.tokenizer, {
    label: orm.entry.label,
  });
  const ready = { ...models.ready, extras: [...models.ready.extras, 'revise' as const] };
  return { ...models, reviser: { policy, verifier }, ready };
}

async function load(
  modelsUrl: string,
  model: ManifestModel,
  progress: LoadProgress,
): Promise<LoadedModel> {
  const source = fetchModelSource(modelsUrl, model);
  progress.expect(model.id, source.totalBytes ?? 0);
  return loadModel(source, {
    onProgress: ({ loadedBytes, totalBytes }) => progress.report(model.id, loadedBytes, totalBytes),
  });
}
