/** A served reward model as a verifier; reward-forms.ts has what servers want and answer. */
import { stepTexts, type Branch } from '../../shared/branch.ts';
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import { parseRevisionPrompt } from '../../shared/revision-prompt.ts';
import { costOf, type Price } from '../../shared/price.ts';
import type { Usage } from '../../shared/policy.ts';
import type { Verdict, Verifier, VerifierCapabilities } from '../../verify/verifier.ts';
import { parametersFromName } from '../text/model-size.ts';
import type { OpenAiClient } from './client.ts';
import { garbled } from './faults.ts';
import {
  areLogits,
  promptTokensOf,
  rewardBody,
  rewardOf,
  rewardReply,
  rewardRows,
  scoresSteps,
  type RewardForm,
} from './reward-forms.ts';

export interface RewardModel {
  readonly client: OpenAiClient;
  readonly model: string;
  readonly form: RewardForm;
  /** It answers with logits rather than probabilities. */
  readonly logits: boolean;
  readonly price?: Price | undefined;
}

interface Scored {
  readonly scores: readonly number[];
  readonly promptTokens: number;
}

export class RewardVerifier implements Verifier {
  readonly capabilities: VerifierCapabilities;
  private readonly verdicts = new WeakMap<Branch, readonly number[]>();
  private readonly perStep: boolean;
  private readonly parameters: number;
  private logits: boolean;

  constructor(private readonly served: RewardModel) {
    const { client, model, form, logits } = served;
    this.perStep = scoresSteps(form);
    this.parameters = parametersFromName(model);
    this.logits = logits;
    this.capabilities = {
      label: `${model} on ${client.endpoint.host}`,
      perStep: this.perStep,
      // Lightman et al. 2023 multiply, Qwen2.5-Math-PRM takes the product or the last; hard labels
      // at every step make the weakest one the safest to read.
      aggregation: this.perStep ? 'min' : 'last',
      overlaps: true,
    };
  }

  async score(branches: readonly Branch[], signal?: AbortSignal): Promise<Verdict[]> {
    throwIfAborted(signal);
    const asked = new Map<Branch, Promise<Scored | AppError>>();
    const charged = branches.map((branch) => {
      const fresh = branch.lost === undefined && !this.verdicts.has(branch) && !asked.has(branch);
      if (fresh) asked.set(branch, this.ask(branch, signal));
      return fresh;
    });
    const answers = new Map<Branch, Scored | AppError>();
    const settled = await Promise.all(
      [...asked].map(async ([branch, answer]) => [branch, await answer] as const),
    );
    for (const [branch, answer] of settled) {
      answers.set(branch, answer);
      if (!(answer instanceof AppError)) this.verdicts.set(branch, answer.scores);
    }
    const all = [...answers.values()];
    const failures = all.filter((answer) => answer instanceof AppError);
    if (failures.length > 0 && failures.length === all.length) throw failures[0];
    return branches.map((branch, i) => this.verdict(branch, charged[i], answers.get(branch)));
  }

  release(): void {}

  private async ask(branch: Branch, signal: AbortSignal | undefined): Promise<Scored | AppError> {
    const { client, model, form } = this.served;
    const steps = stepTexts(branch);
    const problem = parseRevisionPrompt(branch.prompt)?.problem ?? branch.prompt;
    try {
      const body = rewardBody(form, model, problem, steps);
      const reply = await client.json(form.endpoint, body, rewardReply, signal);
      const rows = rewardRows(reply, form, model, steps.length);
      if (rows === null) throw garbled(client.endpoint.host, 'a reward of another shape');
      this.logits ||= areLogits(rows);
      const scores = rows.map((row) => rewardOf(row, this.logits));
      return { scores, promptTokens: promptTokensOf(reply) };
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.retryable) return thrown;
      throw thrown;
    }
  }

  private verdict(
    branch: Branch,
    charged: boolean,
    answer: Scored | AppError | undefined,
  ): Verdict {
    const count = this.perStep ? branch.depth : 1;
    const stepScores = this.verdicts.get(branch) ?? Array.from({ length: count }, () => 0);
    const tokens = charged && answer !== undefined && 'scores' in answer ? answer.promptTokens : 0;
    const lost = answer instanceof AppError ? { lost: answer.toData() } : {};
    return { stepScores, usage: this.usageOf(tokens), ...lost };
  }

  private usageOf(tokens: number): Usage {
    const flops = 2 * this.parameters * tokens;
    const cost = costOf(this.served.price, tokens, 0);
    return {
      prefillTokens: tokens,
      sampledTokens: 0,
      flopsExecuted: flops,
      flopsNominal: flops,
      ...(cost === null ? {} : { cost }),
    };
  }
}
