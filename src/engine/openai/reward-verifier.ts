/**
 * A reward model behind vLLM's pooling endpoints as a verifier. Which endpoint a model answers at
 * depends on how it is served, so the shapes of all three are read:
 * - `/pooling`: `data[0].data` is one number, a list, or rows `[tokens or steps, classes]`;
 * - `/classify`: `data[0].probs`;
 * - `/score`: `data[0].score`.
 * Rows as many as steps are a process reward model (Qwen2.5-Math-PRM: softmax over wrong and right
 * at each step tag); anything else is one score for the whole solution.
 */
import * as z from 'zod/mini';
import { stepTexts, type Branch } from '../../shared/branch.ts';
import { AppError, throwIfAborted } from '../../shared/errors.ts';
import { parseRevisionPrompt } from '../../shared/revision-prompt.ts';
import { costOf, type Price } from '../../shared/price.ts';
import type { Usage } from '../../shared/policy.ts';
import type { Verdict, Verifier, VerifierCapabilities } from '../../verify/verifier.ts';
import { parametersFromName } from '../text/model-size.ts';
import type { OpenAiClient } from './client.ts';
import { garbled } from './faults.ts';
import { rewardPrompt } from './reward-prompt.ts';

export type RewardEndpoint = '/pooling' | '/classify' | '/score';

export interface RewardModel {
  readonly client: OpenAiClient;
  readonly model: string;
  readonly endpoint: RewardEndpoint;
  readonly perStep: boolean;
  readonly parameters?: number;
  readonly price?: Price | undefined;
}

const values = z.union([
  z.number(),
  z.array(z.number()).check(z.minLength(1)),
  z.array(z.array(z.number()).check(z.minLength(1))).check(z.minLength(1)),
]);

const rewardReply = z.object({
  data: z.array(
    z.object({
      data: z.optional(values),
      probs: z.optional(z.array(z.number()).check(z.minLength(1))),
      score: z.optional(z.number()),
    }),
  ),
  usage: z.nullish(z.object({ prompt_tokens: z.nullish(z.number()) })),
});

export type RewardReply = z.infer<typeof rewardReply>;

interface Scored {
  readonly scores: readonly number[];
  readonly promptTokens: number;
}

export class RewardVerifier implements Verifier {
  readonly capabilities: VerifierCapabilities;
  private readonly verdicts = new WeakMap<Branch, readonly number[]>();

  constructor(private readonly served: RewardModel) {
    const { client, model, perStep } = served;
    this.capabilities = {
      label: `${model} on ${client.endpoint.host}`,
      perStep,
      // Lightman et al. 2023 multiply, Qwen2.5-Math-PRM takes the product or the last; hard labels
      // at every step make the weakest one the safest to read.
      aggregation: perStep ? 'min' : 'last',
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
    const { client, model, endpoint, perStep } = this.served;
    const steps = stepTexts(branch);
    const problem = parseRevisionPrompt(branch.prompt)?.problem ?? branch.prompt;
    const body =
      endpoint === '/score'
        ? { model, text_1: problem, text_2: steps.join('\n\n') }
        : { model, input: rewardPrompt(model, problem, steps, perStep) };
    try {
      const reply = await client.json(endpoint, body, rewardReply, signal);
      const scores = readReward(reply, steps.length, perStep);
      if (scores === null) throw garbled(client.endpoint.host, 'a reward of another shape');
      return { scores, promptTokens: reply.usage?.prompt_tokens ?? 0 };
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
    const count = this.served.perStep ? branch.depth : 1;
    const stepScores = this.verdicts.get(branch) ?? Array.from({ length: count }, () => 0);
    const tokens = charged && answer !== undefined && 'scores' in answer ? answer.promptTokens : 0;
    const lost = answer instanceof AppError ? { lost: answer.toData() } : {};
    return { stepScores, usage: this.usageOf(tokens), ...lost };
  }

  private usageOf(tokens: number): Usage {
    const flops = 2 * (this.served.parameters ?? parametersFromName(this.served.model)) * tokens;
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

/** Scores in [0, 1], one for each step or one in all; null for a reply of another shape. */
export function readReward(reply: RewardReply, steps: number, perStep: boolean): number[] | null {
  const [first] = reply.data;
  if (first === undefined) return null;
  if (first.score !== undefined) return perStep ? null : [toUnit(first.score)];
  if (first.probs !== undefined) return perStep ? null : [ofClasses(first.probs)];
  const { data } = first;
  if (data === undefined) return null;
  if (typeof data === 'number') return perStep ? null : [toUnit(data)];
  const rows = data.map((row) => (typeof row === 'number' ? [row] : row));
  if (perStep) {
    // Two numbers for one step are its two classes.
    if (steps === 1 && rows.length === 2 && rows.every((row) => row.length === 1)) {
      return [ofClasses(rows.flat())];
    }
    return rows.length === steps ? rows.map(ofClasses) : null;
  }
  const flat = rows.every((row) => row.length === 1);
  if (flat && rows.length === 2) return [ofClasses(rows.flat())];
  return [ofClasses(rows[rows.length - 1])];
}

/** Wrong and right, or one number. */
function ofClasses(row: readonly number[]): number {
  return toUnit(row.length === 2 ? row[1] : row[0]);
}

/** A logit, where it cannot be a probability. */
function toUnit(value: number): number {
  return value >= 0 && value <= 1 ? value : 1 / (1 + Math.exp(-value));
}

const ENDPOINTS: readonly RewardEndpoint[] = ['/pooling', '/classify', '/score'];

/** Finds out at which endpoint a model answers and whether it scores steps; null where it is no
 * reward model. */
export async function findRewardEndpoint(
  client: OpenAiClient,
  model: string,
  signal?: AbortSignal,
): Promise<RewardModel | null> {
  const problem = 'What is 1 + 1 + 1?';
  const steps = ['1 + 1 = 2.', '2 + 1 = 3.', 'The final answer is $\\boxed{3}$.'];
  for (const endpoint of ENDPOINTS) {
    for (const perStep of [true, false]) {
      const input = rewardPrompt(model, problem, steps, perStep);
      const body =
        endpoint === '/score'
          ? { model, text_1: problem, text_2: steps.join('\n\n') }
          : { model, input };
      const reply = await client.json(endpoint, body, rewardReply, signal).catch((thrown) => {
        if (thrown instanceof AppError && thrown.code === 'server') return null;
        throw thrown;
      });
      if (reply === null) break;
      const read = readReward(reply, steps.length, perStep);
      if (read !== null) return { client, model, endpoint, perStep };
    }
  }
  return null;
}
