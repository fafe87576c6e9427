/**
 * The ways in which a reward model may be served, and what each answers. Read in the sources of
 * vLLM 0.11.2, 0.20.2 and 0.33.0 (entrypoints/pooling, layers/pooler) and SGLang 0.5.23:
 * - vLLM `/pooling`: `data[0].data` is `[tokens or steps, classes]` for models that score tokens
 *   (Qwen2.5-Math-PRM: softmax over wrong and right at each `<extra_0>`; Qwen2.5-Math-RM: one number
 *   at every token), `[classes]` for those that score a text, and a long list for embeddings;
 * - vLLM `/classify`: `data[0].probs` and the label of the largest; text or messages, to which the
 *   server applies the model's own chat template;
 * - vLLM `/score`: `data[0].score` of a pair of texts;
 * - SGLang `/classify`: `{embedding, meta_info}`, logits. (Its `/v1/classify` takes the softmax even of
 *   one class, which is always 1.)
 * vLLM applies sigmoid (one class) or softmax unless the model's config asks for regression or the
 * server was started without; `use_activation` asks for it, and older versions ignore it.
 * An endpoint that a model does not have is 404, 501 (since 0.20) or 400 (0.11).
 */
import * as z from 'zod/mini';
import { isShepherd, taggedSteps, wholeSolution } from './reward-prompt.ts';

export type RewardEndpoint = '/pooling' | '/classify' | '/score';

export interface RewardForm {
  readonly endpoint: RewardEndpoint;
  readonly input: 'tagged steps' | 'messages' | 'text' | 'pair' | 'sglang';
}

/** In the order in which they are tried: steps first, then what leaves least to guess. */
export const REWARD_FORMS: readonly RewardForm[] = [
  { endpoint: '/pooling', input: 'tagged steps' },
  { endpoint: '/classify', input: 'messages' },
  { endpoint: '/classify', input: 'text' },
  { endpoint: '/classify', input: 'sglang' },
  { endpoint: '/pooling', input: 'messages' },
  { endpoint: '/pooling', input: 'text' },
  { endpoint: '/score', input: 'pair' },
];

export function scoresSteps(form: RewardForm): boolean {
  return form.input === 'tagged steps';
}

export function rewardBody(
  { input }: RewardForm,
  model: string,
  problem: string,
  steps: readonly string[],
): object {
  const asked = { model, use_activation: true };
  const content = steps.join('\n\n');
  switch (input) {
    case 'tagged steps':
      return { ...asked, input: taggedSteps(model, problem, steps) };
    case 'messages':
      return {
        ...asked,
        messages: [
          { role: 'user', content: problem },
          { role: 'assistant', content },
        ],
      };
    case 'text':
      return { ...asked, input: wholeSolution(model, problem, steps) };
    case 'sglang':
      return { text: wholeSolution(model, problem, steps) };
    case 'pair':
      return { ...asked, text_1: problem, text_2: content };
  }
}

const numbers = z.array(z.number()).check(z.minLength(1));

const tokenCount = z.nullish(z.number().check(z.nonnegative()));

const vllmReply = z.object({
  data: z
    .array(
      z.object({
        data: z.optional(z.union([z.number(), numbers, z.array(numbers).check(z.minLength(1))])),
        probs: z.optional(numbers),
        label: z.nullish(z.string()),
        score: z.optional(z.number()),
      }),
    )
    .check(z.minLength(1)),
  usage: z.nullish(z.object({ prompt_tokens: tokenCount })),
});

const sglangReply = z.object({
  embedding: numbers,
  meta_info: z.nullish(z.object({ prompt_tokens: tokenCount })),
});

export const rewardReply = z.union([vllmReply, sglangReply]);

export type RewardReply = z.infer<typeof rewardReply>;

export function promptTokensOf(reply: RewardReply): number {
  const usage = 'embedding' in reply ? reply.meta_info : reply.usage;
  return usage?.prompt_tokens ?? 0;
}

/** One place that was scored: the number, or the numbers of wrong and right. */
export type RewardRow = readonly [number] | readonly [wrong: number, right: number];

/** A row for each step or one in all; null for a reply that is no such reward: embeddings, more than
 * two classes, other rows than steps. */
export function rewardRows(
  reply: RewardReply,
  form: RewardForm,
  model: string,
  steps: number,
): RewardRow[] | null {
  const rows = rawRows(reply);
  const perStep = scoresSteps(form);
  if (rows === null || (perStep && rows.length !== steps)) return null;
  const read = rows.map((row) => (isShepherd(model) ? toReversed(row) : row));
  return perStep ? read : read.slice(-1);
}

function rawRows(reply: RewardReply): RewardRow[] | null {
  if ('embedding' in reply) return asRows([reply.embedding]);
  const [{ score, probs, label, data }] = reply.data;
  if (score !== undefined) return [[score]];
  if (probs !== undefined) return asRows([inOrder(probs, label)]);
  if (data === undefined) return null;
  if (typeof data === 'number') return [[data]];
  return asRows(data.some(Array.isArray) ? (data as number[][]) : [data as number[]]);
}

function asRows(rows: readonly (readonly number[])[]): RewardRow[] | null {
  return rows.every((row) => row.length === 1 || row.length === 2) ? (rows as RewardRow[]) : null;
}

const toReversed = (row: RewardRow): RewardRow => [...row].reverse() as unknown as RewardRow;

const GOOD = /^(?:correct|right|good|positive|accept(?:ed)?|chosen|yes|true|\+|✓)$/i;
const BAD = /^(?:incorrect|wrong|bad|negative|reject(?:ed)?|no|false|-|✗)$/i;

/** Two classes as wrong and right, where the label of the larger one tells; the second is right where
 * it does not ("LABEL_1"). */
function inOrder(probs: readonly number[], label: string | null | undefined): readonly number[] {
  if (probs.length !== 2 || label === null || label === undefined) return probs;
  const predicted = probs[1] > probs[0] ? 1 : 0;
  const right = GOOD.test(label) ? predicted : BAD.test(label) ? 1 - predicted : 1;
  return right === 1 ? probs : [probs[1], probs[0]];
}

/** Not every model gives probabilities. */
export function areLogits(rows: readonly RewardRow[]): boolean {
  return rows.some((row) => row.some((value) => value < 0 || value > 1));
}

/** In [0, 1]. `logits` holds for all replies of a model: a single logit may well look like a share. */
export function rewardOf(row: RewardRow, logits: boolean): number {
  if (!logits) return row[row.length - 1];
  const [logit] = row.length === 1 ? row : [row[1] - row[0]];
  return 1 / (1 + Math.exp(-logit));
}
