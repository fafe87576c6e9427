/**
 * A language model as a process verifier: for every step it is asked whether the solution so far is
 * right, and the probability of Yes against No in its next token is the score ("generative
 * verifiers", Zhang et al. 2024, arXiv 2408.15240, with one token). Knows no backend.
 */
import { pathOf, type Branch } from '../shared/branch.ts';
import { AppError, throwIfAborted } from '../shared/errors.ts';
import { addUsage, NO_USAGE, type Usage } from '../shared/policy.ts';
import type { Verdict, Verifier, VerifierCapabilities } from './verifier.ts';

export interface Judgement {
  /** Probability of Yes among Yes and No; null where the model wants to say neither. */
  readonly yes: number | null;
  readonly promptTokens: number;
  /** Of these, read from a prefix cache. */
  readonly cachedTokens: number;
  readonly sampledTokens: number;
  /** In the currency of the visitor's prices. */
  readonly cost?: number;
}

/** Judges one solution so far with one token. */
export interface TokenJudge {
  /** For people: model and place, never a key. */
  readonly label: string;
  /** Parameters of the model for FLOPs; 0 where unknown. */
  readonly parameters: number;
  /** Throws AppError: retryable ones mean that this judgement failed, others that all will. */
  judge(problem: string, steps: readonly string[], signal?: AbortSignal): Promise<Judgement>;
}

/** What a model is worth that says neither Yes nor No: nothing either way. */
const UNDECIDED = 0.5;

export class JudgeVerifier implements Verifier {
  readonly capabilities: VerifierCapabilities;
  private readonly scores = new WeakMap<Branch, number>();

  constructor(private readonly judge: TokenJudge) {
    // Each question is about the whole solution so far, so the last answer covers all steps.
    const label = `${judge.label}, as judge`;
    this.capabilities = { label, perStep: true, aggregation: 'last', overlaps: true };
  }

  async score(branches: readonly Branch[], signal?: AbortSignal): Promise<Verdict[]> {
    throwIfAborted(signal);
    const asked = new Map<Branch, Promise<Judgement | AppError>>();
    const calls = new AbortController();
    const both = signal === undefined ? calls.signal : AbortSignal.any([signal, calls.signal]);
    const charged = branches.map((branch) => {
      const fresh = pathOf(branch).filter((step) => this.needsAsking(step) && !asked.has(step));
      for (const step of fresh) asked.set(step, this.ask(step, both));
      return fresh;
    });
    try {
      const answers = new Map<Branch, Judgement | AppError>();
      for (const [step, answer] of await settle(asked)) answers.set(step, this.note(step, answer));
      throwIfAllFailed(answers);
      return branches.map((branch, i) => this.verdict(branch, charged[i], answers));
    } catch (thrown) {
      calls.abort();
      throwIfAborted(signal);
      throw thrown;
    }
  }

  /** Scores are kept by the branch object itself and go with it. */
  release(): void {}

  private needsAsking(step: Branch): boolean {
    return step.lost === undefined && !this.scores.has(step);
  }

  private async ask(step: Branch, signal: AbortSignal): Promise<Judgement | AppError> {
    const steps = pathOf(step).map((at) => at.text);
    try {
      return await this.judge.judge(step.prompt, steps, signal);
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.retryable) return thrown;
      throw thrown;
    }
  }

  private note(step: Branch, answer: Judgement | AppError): Judgement | AppError {
    if (!(answer instanceof AppError)) this.scores.set(step, answer.yes ?? UNDECIDED);
    return answer;
  }

  private verdict(
    branch: Branch,
    charged: readonly Branch[],
    answers: ReadonlyMap<Branch, Judgement | AppError>,
  ): Verdict {
    const path = pathOf(branch);
    // A step without a judgement cannot be kept for its merit: 0, and it is asked again next time.
    const stepScores = path.map((step) => this.scores.get(step) ?? 0);
    const failed = path.map((step) => answers.get(step)).find((at) => at instanceof AppError);
    const usage = charged
      .map((step) => answers.get(step))
      .filter((at): at is Judgement => at !== undefined && !(at instanceof AppError))
      .map((judgement) => usageOf(judgement, this.judge.parameters))
      .reduce(addUsage, NO_USAGE);
    return { stepScores, usage, ...(failed === undefined ? {} : { lost: failed.toData() }) };
  }
}

async function settle(
  asked: ReadonlyMap<Branch, Promise<Judgement | AppError>>,
): Promise<[Branch, Judgement | AppError][]> {
  return Promise.all(
    [...asked].map(async ([step, answer]): Promise<[Branch, Judgement | AppError]> => [
      step,
      await answer,
    ]),
  );
}

function throwIfAllFailed(answers: ReadonlyMap<Branch, Judgement | AppError>): void {
  const all = [...answers.values()];
  const failures = all.filter((answer) => answer instanceof AppError);
  if (failures.length > 0 && failures.length === all.length) throw failures[0];
}

function usageOf(judgement: Judgement, parameters: number): Usage {
  const { promptTokens, cachedTokens, sampledTokens, cost } = judgement;
  const prefillTokens = promptTokens - cachedTokens;
  return {
    prefillTokens,
    sampledTokens,
    flopsExecuted: 2 * parameters * (prefillTokens + sampledTokens),
    flopsNominal: 2 * parameters * (promptTokens + sampledTokens),
    ...(cachedTokens > 0 ? { cachedTokens } : {}),
    ...(cost === undefined ? {} : { cost }),
  };
}
