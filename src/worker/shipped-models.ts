/**
 * The models that come with the page, on the CPU engine: what every visitor gets without asking.
 * The reviser and its verifier are loaded after the page is usable, where they are shipped.
 */
import { EnginePolicy } from '../engine/engine-policy.ts';
import { createCpuEngine } from '../engine/load-engine.ts';
import { fetchModelSource } from '../engine/weights/fetch-model-source.ts';
import { loadModel, type LoadedModel } from '../engine/weights/load-model.ts';
import { fetchManifest, findModel, type ManifestModel } from '../engine/weights/manifest.ts';
import { PrmVerifier } from '../verify/prm.ts';
import type { HostModels } from './host.ts';
import { LoadProgress } from './load-progress.ts';
import { measureSpeed } from './measure-speed.ts';
import type { EngineState } from './protocol.ts';

const POLICY = 'policy';
const VERIFIER = 'prm';

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
  return {
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
