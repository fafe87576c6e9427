/**
 * Language models for the page: a server, or web-llm in workers of its own. They take any problem
 * in words, and revise by prompt. Loaded as a chunk of its own, with the general grader.
 */
import type { ReadyProblem } from '../eval/sweep.ts';
import { openOpenAi } from '../engine/openai/open.ts';
import type { LoadState } from '../engine/webllm/load-state.ts';
import { openWebLlm } from '../engine/webllm/open.ts';
import { generalGrader } from '../grading/general/general.ts';
import { familyOf } from '../problems/families.ts';
import { understand } from '../problems/understand.ts';
import { rootBranch } from '../shared/branch.ts';
import type { Policy } from '../shared/policy.ts';
import { childStream, rootStream } from '../shared/random.ts';
import type { Verifier } from '../verify/verifier.ts';
import type { HostModels } from './host.ts';
import type { ModelChoice } from './model-choice.ts';
import type { EngineReady, EngineState, LOADING_STEPS } from './protocol.ts';

/** Room for the steps of a language model, in tokens. */
const LIMITS = { step: 400, solution: 2048 };

type LanguageChoice = Exclude<ModelChoice, { kind: 'shipped' }>;
type OnState = (state: EngineState) => void;

/** Throws AppError of the engines. */
export async function loadLanguageModels(
  choice: LanguageChoice,
  onState: OnState,
): Promise<HostModels> {
  return choice.kind === 'server' ? loadServer(choice, onState) : loadTab(choice, onState);
}

async function loadServer(
  choice: Extract<LanguageChoice, { kind: 'server' }>,
  onState: OnState,
): Promise<HostModels> {
  const nothing = { loadedBytes: 0, totalBytes: 0 };
  onState({ phase: 'loading', step: 'connecting', ...nothing });
  const backend = await openOpenAi(choice);
  onState({ phase: 'loading', step: 'measuring', ...nothing });
  return withModels({ ...backend, backend: 'openai', samples: 4 });
}

async function loadTab(
  choice: Extract<LanguageChoice, { kind: 'web-llm' }>,
  onState: OnState,
): Promise<HostModels> {
  const tell = (_: 'policy' | 'verifier', state: LoadState): void => {
    if (state.phase === 'failed' || state.phase === 'ready') return;
    const { loadedBytes, totalBytes } = state;
    onState({ phase: 'loading', step: STEP_OF[state.phase], loadedBytes, totalBytes });
  };
  const backend = await openWebLlm({ ...choice, onState: tell });
  onState({ phase: 'loading', step: 'measuring', loadedBytes: 0, totalBytes: 0 });
  const models = await withModels({ ...backend, backend: 'web-llm', samples: 1 });
  return { ...models, dispose: () => backend.dispose() };
}

const STEP_OF: Record<
  Exclude<LoadState['phase'], 'failed' | 'ready'>,
  (typeof LOADING_STEPS)[number]
> = {
  checking: 'connecting',
  downloading: 'downloading',
  verifying: 'verifying',
  'from-disk': 'from-disk',
  'to-gpu': 'to-gpu',
  compiling: 'compiling',
  'warming-up': 'compiling',
};

interface Opened {
  readonly policy: Policy;
  readonly verifier: Verifier | null;
  readonly engineLabel: string;
  readonly backend: string;
  /** How many samples to measure the speed with. */
  readonly samples: number;
}

async function withModels(opened: Opened): Promise<HostModels> {
  const { policy, verifier, engineLabel, backend } = opened;
  const speed = await measureWriting(policy, opened.samples);
  const ready: EngineReady = {
    phase: 'ready',
    backend,
    label: engineLabel,
    policy: policy.capabilities.label,
    verifier: verifier?.capabilities.label ?? null,
    modelBytes: 0,
    policyTokensPerSecond: speed,
    // Reading is faster than writing; nothing better is known without paying for it.
    verifierTokensPerSecond: speed,
    extras: ['revise'],
    general: true,
  };
  const reviser = { policy, verifier };
  return { policy, verifier, reviser, engineLabel, limits: LIMITS, ready, prepare };
}

/** Tokens a second over one short step. */
async function measureWriting(policy: Policy, samples: number): Promise<number> {
  const prompt = 'What is 3 + 4?';
  const root = rootBranch(prompt, rootStream(1, prompt));
  const streams = Array.from({ length: samples }, (_, i) => childStream(root.stream, i));
  const begun = performance.now();
  const [{ usage }] = await policy.extend([
    { branch: root, streams, temperature: 1, until: 'step', maxTokens: 32 },
  ]);
  return (usage.sampledTokens / Math.max(1, performance.now() - begun)) * 1000;
}

/** Any text is a problem; what the shipped families understand has a known truth all the same. */
export function prepare(problem: { prompt: string; answer?: string | undefined }): ReadyProblem {
  const text = problem.prompt.trim();
  const reading = understand(text);
  const known =
    problem.answer ??
    (reading.kind === 'problem'
      ? (familyOf(reading.prompt)?.family.truth(reading.prompt).answer ?? null)
      : null);
  const grader = generalGrader(known);
  return {
    prompt: text,
    family: reading.kind === 'problem' ? reading.family : 'other',
    level: reading.kind === 'problem' ? reading.level : null,
    truthKnown: known !== null,
    grade: (steps) => grader.grade(steps.join('\n')),
  };
}
