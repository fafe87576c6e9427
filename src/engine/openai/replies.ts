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

const contentLogProbs = z.object({
  content: z.nullable(
    z.array(
      z.object({
        token: z.string(),
        logprob: z.number(),
        top_logprobs: z.nullish(z.array(z.object({ token: z.string(), logprob: z.number() }))),
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

export const modelsReply = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      /** vLLM: the context window in tokens. */
      max_model_len: z.nullish(count),
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
    }));
  }
  if (logprobs.content === null) return null;
  return logprobs.content.map(({ token, logprob, top_logprobs: top }) => ({
    text: token,
    logProb: logprob,
    top: new Map((top ?? []).map((entry) => [entry.token, entry.logprob])),
  }));
}
