/**
 * A served language model as a judge. The score is read from the most probable next tokens rather
 * than forced by `logit_bias`: servers report log-probabilities from before the bias, and token ids
 * are not known here.
 */
import { AppError } from '../../shared/errors.ts';
import { costOf } from '../../shared/price.ts';
import { parseRevisionPrompt } from '../../shared/revision-prompt.ts';
import type { Judgement, TokenJudge } from '../../verify/judge.ts';
import { yesProbability } from '../../verify/judge-words.ts';
import type { PromptTemplate } from '../text/templates.ts';
import { baseBody, TOP_TOKENS, type OpenAiModel } from './openai-completer.ts';

export class OpenAiJudge implements TokenJudge {
  readonly label: string;
  readonly parameters: number;

  /** Throws AppError `bad-input` where the server gives no probabilities. */
  constructor(
    private readonly served: OpenAiModel,
    private readonly template: PromptTemplate,
  ) {
    const { client, model, features } = served;
    if (!features.logProbs) throw cannotJudge(model);
    this.label = `${model} on ${client.endpoint.host}`;
    this.parameters = served.parameters;
  }

  async judge(problem: string, steps: readonly string[], signal?: AbortSignal): Promise<Judgement> {
    const raw = await this.served.client.complete(
      {
        ...baseBody(this.served),
        // An attempt is judged on its own; earlier ones would only tempt.
        prompt: this.template.judge(parseRevisionPrompt(problem)?.problem ?? problem, steps),
        max_tokens: 1,
        temperature: 1,
        logprobs: TOP_TOKENS,
        // The draw does not matter; a fixed seed keeps the request cacheable.
        seed: 1,
      },
      { stream: false, signal },
    );
    const { promptTokens, cachedTokens, sampledTokens } = raw;
    // No token at all is the end of the turn: neither Yes nor No.
    const token = raw.choices[0].logProbs?.[0];
    const yes = token === undefined ? null : yesProbability(token.top);
    const cost = costOf(this.served.price, promptTokens, sampledTokens);
    return {
      yes,
      promptTokens,
      cachedTokens,
      sampledTokens,
      ...(cost === null ? {} : { cost }),
    };
  }
}

function cannotJudge(model: string): AppError {
  return new AppError('bad-input', `${model} cannot judge: its server gives no probabilities.`, {
    advice: 'Start the server with log-probabilities (llama-cpp-python: --logits_all true).',
  });
}
