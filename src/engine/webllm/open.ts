/** From two catalogue entries to a policy and a verifier, each in a worker of its own. */
import { AppError } from '../../shared/errors.ts';
import type { Policy } from '../../shared/policy.ts';
import { JudgeVerifier } from '../../verify/judge.ts';
import { LikelihoodVerifier } from '../../verify/likelihood.ts';
import type { Verifier } from '../../verify/verifier.ts';
import { parametersFromName } from '../text/model-size.ts';
import { TextPolicy } from '../text/text-policy.ts';
import { assertUsable, readDeviceFacts } from './device-facts.ts';
import type { LoadState } from './load-state.ts';
import { modelFolder } from './model-files.ts';
import { WebLlmModel, type ModelChoice, type WorkerPort } from './webllm-model.ts';

export interface WebLlmSetup {
  readonly policy: ModelChoice;
  /** A judge, also where it is the same model as the policy, which is then loaded a second time;
   * `likelihood` scores by the policy's own confidence; null: answers are chosen by vote. */
  readonly verifier: ModelChoice | 'likelihood' | null;
  readonly onState?: (role: 'policy' | 'verifier', state: LoadState) => void;
  /** For tests. */
  readonly createWorker?: () => WorkerPort;
}

export interface WebLlmBackend {
  readonly policy: Policy;
  readonly verifier: Verifier | null;
  readonly engineLabel: string;
  /** Ends both workers. */
  dispose(): void;
}

/** Throws AppError; nothing stays loaded then. WebGPU is looked for before anything is downloaded. */
export async function openWebLlm(setup: WebLlmSetup, signal?: AbortSignal): Promise<WebLlmBackend> {
  const create = setup.createWorker ?? createWorker;
  const likelihood = setup.verifier === 'likelihood';
  const judging = setup.verifier === 'likelihood' ? null : setup.verifier;
  if (setup.createWorker === undefined) {
    const facts = await readDeviceFacts(globalThis.navigator.gpu);
    for (const entry of [setup.policy, judging]) if (entry) assertUsable(entry, facts);
  }
  const model = (role: 'policy' | 'verifier', entry: ModelChoice): WebLlmModel =>
    new WebLlmModel(create(), entry, (state) => setup.onState?.(role, state));
  const policy = model('policy', { ...setup.policy, confidence: likelihood });
  const judge = judging === null ? null : model('verifier', judging);
  const dispose = (): void => {
    policy.dispose();
    judge?.dispose();
  };
  try {
    // One after the other: two downloads of the same files would race for the same cache entries.
    await policy.load(signal);
    await judge?.load(signal);
  } catch (thrown) {
    dispose();
    throw thrown;
  }
  return {
    policy: new TextPolicy(policy, policy.template),
    verifier: likelihood ? new LikelihoodVerifier() : judge && new JudgeVerifier(judge.asJudge()),
    engineLabel: 'web-llm (WebGPU)',
    dispose,
  };
}

function createWorker(): WorkerPort {
  return new Worker(new URL('./webllm-worker.ts', import.meta.url), {
    type: 'module',
    name: 'web-llm',
  });
}

/** A model that is not in the catalogue. Throws AppError `bad-input`. */
export function customModel(modelUrl: string, libUrl: string): ModelChoice {
  const folder = modelFolder(modelUrl.trim());
  const lib = libUrl.trim();
  if (!/^https?:\/\//i.test(lib) || !URL.canParse(lib)) {
    throw new AppError('bad-input', 'The address of the library is not a full URL.', {
      advice: 'Write it with https:// and the whole path; it ends in .wasm.',
    });
  }
  const id = folder.replace(/\/resolve\/.*$/, '').replace(/^.*\//, '');
  return { id, modelUrl: folder, libUrl: lib, vramMb: 0, parameters: parametersFromName(id) };
}
