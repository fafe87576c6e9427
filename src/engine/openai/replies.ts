/**
 * What servers send, checked. vLLM and SGLang write log-probabilities in the form of the old
 * completions interface, llama.cpp and web-llm in the form of chat; both are read into one.
 */
import * as z from 'zod/mini';

const count = z.number().check(z.nonnegative());

const legacyLogProbs = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.nullable(z.number())),
  top_logprobs: z.nullish(z.array(z.nullish(z.record(z.string(), z.number())))),
});

/** llama.cpp adds the token's id. */
const scoredToken = { token: z.string(), logprob: z.number(), id: z.optional(z.int()) };

const contentLogProbs = z.object({
  content: z.nullable(
    z.array(
      z.object({
        ...scoredToken,
        top_logprobs: z.nullish(z.array(z.object(scoredToken))),
      }),
    ),
  ),
});

const choiceSchema = z.object({
  index: z.optional(z.int()),
  text: z.nullish(z.string()),
  finish_reason: z.nullish(z.string()),
  logprobs: z.nullish(z.union([legacyLogProbs, contentLogProbs])),
  /** vLLM: the stop string or token; null for the end of the turn. */
  stop_reason: z.nullish(z.union([z.string(), z.number()])),
  /** SGLang: the same by another name. */
  matched_stop: z.nullish(z.union([z.string(), z.number()])),
});

const usageSchema = z.object({
  prompt_tokens: count,
  completion_tokens: z.nullish(count),
  prompt_tokens_details: z.nullish(z.object({ cached_tokens: z.nullish(count) })),
});

/** A whole reply, or one event of a stream. */
export const completionReply = z.object({
  choices: z.array(choiceSchema),
  usage: z.nullish(usageSchema),
});

export const errorReply = z.object({
  error: z.union([z.string(), z.object({ message: z.string() })]),
});

export function messageOf({ error }: z.infer<typeof errorReply>): string {
  return typeof error === 'string' ? error : error.message;
}

export const modelsReply = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      /** vLLM: the context window in tokens. */
      max_model_len: z.nullish(count),
      /** llama.cpp: the context window of one request, and the size of the model. */
      meta: z.nullish(z.object({ n_ctx: z.nullish(count), n_params: z.nullish(count) })),
    }),
  ),
});

export type RawChoice = z.infer<typeof choiceSchema>;
export type RawUsage = z.infer<typeof usageSchema>;
export type CompletionReply = z.infer<typeof completionReply>;

export interface TokenLogProb {
  readonly text: string;
  readonly logProb: number;
  /** The most probable tokens in its place, with their natural log-probabilities. */
  readonly top: ReadonlyMap<string, number>;
  /** The token's own text where a stop string took it out of `text`; empty for the token that ends
   * a turn; null where the server does not tell. */
  readonly whole: string | null;
}

/** null where there are none. The first token of an echo has no probability: it counts as certain. */
export function tokenLogProbs(choice: RawChoice): TokenLogProb[] | null {
  const { logprobs } = choice;
  if (logprobs === null || logprobs === undefined) return null;
  if ('tokens' in logprobs) {
    return logprobs.tokens.map((text, i) => ({
      text,
      logProb: logprobs.token_logprobs[i] ?? 0,
      top: new Map(Object.entries(logprobs.top_logprobs?.[i] ?? {})),
      whole: null,
    }));
  }
  if (logprobs.content === null) return null;
  return logprobs.content.map(({ token, logprob, id, top_logprobs }) => {
    const top = top_logprobs ?? [];
    const whole = id === undefined ? undefined : top.find((entry) => entry.id === id);
    return { text: token, logProb: logprob, top: byText(top), whole: whole?.token ?? null };
  });
}

/** Tokens that read the same (all that only mark a turn read as nothing) count together. */
function byText(top: readonly { token: string; logprob: number }[]): Map<string, number> {
  const odds = new Map<string, number>();
  for (const { token, logprob } of top) {
    odds.set(token, (odds.get(token) ?? 0) + Math.exp(logprob));
  }
  return new Map([...odds].map(([token, probability]) => [token, Math.log(probability)]));
}
