/**
 * The models that come with the page, on the GPU or the CPU: what every visitor gets without asking.
 * The reviser and its verifier are loaded when a run first needs them, where they are shipped.
 */
import { EnginePolicy } from '../engine/engine-policy.ts';
import type { EnginePreference } from '../engine/engine-preference.ts';
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
import { hashText } from '../shared/random.ts';
import { OrmVerifier, REVISION_LENGTH, revisionTokens } from '../verify/orm.ts';
import { PrmVerifier } from '../verify/prm.ts';
import { EngineRoom } from './engine-room.ts';
import type { EngineChange, HostModels } from './host.ts';
import type { Fetching, OpenReviser, Reviser } from './late-reviser.ts';
import { LoadProgress } from './load-progress.ts';
import { measureSpeed, type Speed } from './measure-speed.ts';
import type { EngineState } from './protocol.ts';

const POLICY = 'policy';
const VERIFIER = 'prm';
const REVISER = 'reviser';
const REVISION_VERIFIER = 'orm';
const AUTO = ['auto'] as const;
const REVISE = ['revise'] as const;

export interface ShippedOptions {
  readonly preference: EnginePreference;
  /** Default: that of the worker. */
  readonly gpu?: GPU | null;
}

/** Throws AppError: `network`, `model-missing`, `model-corrupt`, `model-unsupported`… */
export async function loadShippedModels(
  modelsUrl: string,
  onState: (state: EngineState) => void,
  options: ShippedOptions,
): Promise<HostModels> {
  const progress = new LoadProgress(onState, () => performance.now());
  progress.step('downloading');
  const manifest = await fetchManifest(`${modelsUrl}manifest.json`);
  const wanted = [findModel(manifest, POLICY), findModel(manifest, VERIFIER)];
  const choices = fetchChoices(modelsUrl).catch(() => null);
  const [policyModel, verifierModel] = await loadAll(modelsUrl, wanted, progress);
  progress.step('compiling');
  const changes = new Changes();
  const room = new EngineRoom({ ...options, onRecovery: () => changes.recovered() });
  const policy = new EnginePolicy(await room.open(policyModel), policyModel.tokenizer, {
    label: wanted[0].label,
  });
  const verifier = new PrmVerifier(await room.open(verifierModel), verifierModel.tokenizer, {
    label: wanted[1].label,
  });
  progress.step('measuring');
  const measure = () => measureSpeed(policy, verifier, () => performance.now());
  const speed = await measure();
  const computeOptimal = await choices;
  const revises = [REVISER, REVISION_VERIFIER].every((role) => ofRole(manifest, role) !== null);
  const open: OpenReviser = (tell) => openReviser({ modelsUrl, manifest, room }, tell);
  return {
    policy,
    verifier,
    computeOptimal,
    engineLabel: room.state.label,
    ready: {
      phase: 'ready',
      ...room.state,
      policy: wanted[0].label,
      verifier: verifier.capabilities.label,
      modelBytes: progress.totalBytes,
      weights: hashText(JSON.stringify([manifest, computeOptimal])).toString(16),
      ...speed,
      extras: [...(computeOptimal === null ? [] : AUTO), ...(revises ? REVISE : [])],
    },
    watch: (tell) => changes.follow(room, measure, tell),
    dispose: () => void room.dispose(),
    ...(revises ? { openReviser: open } : {}),
  };
}

/** What the page is told when an engine is lost: at once what runs now, then how fast. */
class Changes {
  recovered: () => void = () => undefined;

  follow(room: EngineRoom, measure: () => Promise<Speed>, tell: (_: EngineChange) => void): void {
    let { backend } = room.state;
    this.recovered = () => {
      tell(room.state);
      if (room.state.backend === backend) return;
      backend = room.state.backend;
      // It waits its turn behind the run that goes on; without it the old speed stays on show.
      measure().then(tell, () => undefined);
    };
  }
}

/** Where further models come from and run. */
interface Shop {
  readonly modelsUrl: string;
  readonly manifest: Manifest;
  readonly room: EngineRoom;
}

/** What `auto` chooses by. */
async function fetchChoices(modelsUrl: string): Promise<ComputeOptimalTable> {
  const response = await fetch(new URL('../curves/compute-optimal.json', modelsUrl));
  return parseComputeOptimalTable(await response.json());
}

async function openReviser(
  { modelsUrl, manifest, room }: Shop,
  onProgress: (fetching: Fetching) => void,
): Promise<Reviser> {
  const progress = new LoadProgress(
    (state) => state.phase === 'loading' && onProgress(progressOf(state)),
    () => performance.now(),
  );
  progress.step('downloading');
  const wanted = [REVISER, REVISION_VERIFIER].map(
    (role) => ofRole(manifest, role) ?? findModel(manifest, role),
  );
  const [reviser, orm] = await loadAll(modelsUrl, wanted, progress);
  progress.step('compiling');
  const { tokenizer } = reviser;
  const policy = new EnginePolicy(await room.open(reviser), tokenizer, {
    label: wanted[0].label,
    promptTokens: (prompt) => revisionTokens(tokenizer, prompt),
    trainedLength: REVISION_LENGTH,
  });
  const verifier = new OrmVerifier(await room.open(orm), orm.tokenizer, {
    label: wanted[1].label,
  });
  return { policy, verifier };
}

function progressOf({ step, loadedBytes, totalBytes }: Fetching): Fetching {
  return { step, loadedBytes, totalBytes };
}

function ofRole(manifest: Manifest, role: string): ManifestModel | null {
  return manifest.models.find((model) => model.role === role) ?? null;
}

/** All at once; when one cannot be had, the others stop. */
async function loadAll(
  modelsUrl: string,
  models: readonly ManifestModel[],
  progress: LoadProgress,
): Promise<LoadedModel[]> {
  const stop = new AbortController();
  const loads = models.map((model) => load(modelsUrl, model, progress, stop.signal));
  try {
    return await Promise.all(loads);
  } catch (thrown) {
    stop.abort();
    throw thrown;
  }
}

async function load(
  modelsUrl: string,
  model: ManifestModel,
  progress: LoadProgress,
  signal: AbortSignal,
): Promise<LoadedModel> {
  const source = fetchModelSource(modelsUrl, model);
  progress.expect(model.id, source.totalBytes ?? 0);
  return loadModel(source, {
    signal,
    onProgress: ({ loadedBytes, totalBytes }) => progress.report(model.id, loadedBytes, totalBytes),
  });
}
