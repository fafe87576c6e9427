/**
 * A server's model as a `Completer`. Sampling is plain: everything a server might add by itself
 * (nucleus, top-k, min-p, penalties from the model's own config) is switched off, so that a
 * temperature means the same everywhere.
 */
import { AppError, isAbort } from '../../shared/errors.ts';
import { costOf, type Price } from '../../shared/price.ts';
import type {
  Completer,
  CompleterCapabilities,
  Completion,
  CompletionRequest,
  Finish,
} from '../text/completer.ts';
import type { CompletionBody, OpenAiClient } from './client.ts';
import type { Choice, RawCompletion } from './collect.ts';
import { garbled } from './faults.ts';
import { PLAIN_SAMPLING, type ServerFeatures } from './probe.ts';

export interface OpenAiModel {
  readonly client: OpenAiClient;
  readonly model: string;
  readonly features: ServerFeatures;
  /** For FLOPs; 0 where unknown. */
  readonly parameters: number;
  readonly price?: Price | undefined;
}

/** What the old completions interface grants; vLLM allows 20, others 5 or 10. Where the server does
 * not say why it stopped, the last token is looked for among these. */
export const TOP_TOKENS = 5;

interface ModelBody {
  readonly model: string;
  readonly [setting: string]: unknown;
}

/** What every request of this model carries. */
export function baseBody({ model, features }: OpenAiModel): ModelBody {
  return {
    model,
    top_p: 1,
    frequency_penalty: 0,
    presence_penalty: 0,
    ...(features.extensions ? PLAIN_SAMPLING : {}),
  };
}

export class OpenAiCompleter implements Completer {
  readonly capabilities: CompleterCapabilities;

  constructor(private readonly served: OpenAiModel) {
    const { client, model, features } = served;
    this.capabilities = {
      label: `${model} on ${client.endpoint.host}`,
      parameters: served.parameters,
      reproducible: features.seed,
      batches: true,
      addsBos: true,
    };
  }

  async complete(
    request: CompletionRequest,
    signal?: AbortSignal,
  ): Promise<(Completion | AppError)[]> {
    const { features } = this.served;
    // One request for all saves reading the prefix, but then a stream has no seed of its own. The
    // server's prefix cache saves the same where seeds work.
    if (features.n && !features.seed && request.seeds.length > 1) {
      return this.together(request, signal);
    }
    const each = request.seeds.map((seed) => this.one(request, [seed], signal));
    return (await Promise.all(each)).flat();
  }

  private async together(
    request: CompletionRequest,
    signal: AbortSignal | undefined,
  ): Promise<(Completion | AppError)[]> {
    const { seeds } = request;
    try {
      const results = await this.one(request, seeds, signal);
      return seeds.map((_, i) => results[i] ?? results[0]);
    } catch (thrown) {
      // Servers limit `n`: llama.cpp to its slots, others to some number that they do not tell.
      if (!(thrown instanceof AppError) || thrown.code !== 'server' || seeds.length < 2)
        throw thrown;
      const half = seeds.length >> 1;
      const [first, second] = [seeds.slice(0, half), seeds.slice(half)];
      const done = await this.together({ ...request, seeds: first }, signal);
      return [...done, ...(await this.together({ ...request, seeds: second }, signal))];
    }
  }

  /** As many results as seeds, or one AppError for all of them. */
  private async one(
    request: CompletionRequest,
    seeds: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<(Completion | AppError)[]> {
    const { client, features } = this.served;
    const body: CompletionBody = {
      ...baseBody(this.served),
      prompt: request.prompt,
      max_tokens: request.maxTokens,
      temperature: request.temperature,
      seed: seeds[0],
      ...(seeds.length > 1 ? { n: seeds.length } : {}),
      ...(request.stop.length + request.ends.length > 0
        ? { stop: [...request.stop, ...request.ends] }
        : {}),
      ...(features.logProbs ? { logprobs: features.stopReason ? 1 : TOP_TOKENS } : {}),
    };
    try {
      const raw = await client.complete(body, { stream: features.stream, signal });
      if (raw.choices.length !== seeds.length) {
        const { host } = client.endpoint;
        throw garbled(host, `${raw.choices.length} completions instead of ${seeds.length}`);
      }
      return raw.choices.map((choice, i) => this.toCompletion(choice, i, raw, request));
    } catch (thrown) {
      // What will not get better by waiting dooms every other branch as well.
      if (isAbort(thrown) || !(thrown instanceof AppError) || !thrown.retryable) throw thrown;
      return [thrown];
    }
  }

  private toCompletion(
    choice: Choice,
    index: number,
    raw: RawCompletion,
    request: CompletionRequest,
  ): Completion {
    const { text, finish } = stopOf(choice, request);
    const count = raw.choices.length;
    const share = choice.logProbs?.length ?? evenShare(raw.sampledTokens, count, index);
    const sampledTokens = count === 1 ? raw.sampledTokens : share;
    // The first choice reads the prompt and pays for it, the others share it.
    const first = index === 0;
    const cost = costOf(this.served.price, first ? raw.promptTokens : 0, sampledTokens);
    return {
      text,
      finish,
      promptTokens: raw.promptTokens,
      cachedTokens: first ? raw.cachedTokens : raw.promptTokens,
      sampledTokens,
      ...(cost === null ? {} : { cost }),
      pieces: choice.logProbs,
    };
  }
}

function evenShare(total: number, count: number, index: number): number {
  return Math.floor(total / count) + (index < total % count ? 1 : 0);
}

/** Why it stopped, and the text before that. A stop string that the server let through is cut off
 * here, so a server without `stop` costs tokens and not correctness. */
function stopOf(choice: Choice, request: CompletionRequest): { text: string; finish: Finish } {
  const { stop, ends } = request;
  const found = firstOf(choice.text, [...stop, ...ends]);
  if (found !== null) {
    const finish = ends.includes(found.mark) ? 'end' : 'stop-string';
    return { text: choice.text.slice(0, found.at), finish };
  }
  return { text: choice.text, finish: finishOf(choice, request) };
}

function finishOf(choice: Choice, { stop, ends }: CompletionRequest): Finish {
  if (choice.finishReason === 'length') return 'length';
  const { stoppedBy } = choice;
  if (stoppedBy === undefined) return stop.length === 0 ? 'end' : finishOfLastToken(choice);
  // A number is a token that ends the turn; so is nothing.
  if (typeof stoppedBy === 'string' && !ends.includes(stoppedBy)) return 'stop-string';
  return 'end';
}

/** llama.cpp does not say what stopped it, but its last token does: one without a text of its own
 * ends a turn, one whose text was taken away was part of a stop string. */
function finishOfLastToken({ logProbs }: Choice): Finish {
  const last = logProbs?.at(-1);
  if (last === undefined || last.text !== '' || last.whole === null) return 'stop';
  return last.whole === '' ? 'end' : 'stop-string';
}

function firstOf(text: string, marks: readonly string[]): { at: number; mark: string } | null {
  let first: { at: number; mark: string } | null = null;
  for (const mark of marks) {
    const at = text.indexOf(mark);
    if (at !== -1 && (first === null || at < first.at)) first = { at, mark };
  }
  return first;
}
