/**
 * The part of Hugging Face's `tokenizer.json` that the shipped models use: a BPE vocabulary without
 * merges (one token a character), special tokens, and a template that puts tokens in front and
 * behind. Anything beyond is refused by name rather than read wrongly.
 */
import * as z from 'zod/mini';
import { AppError } from '../../shared/errors.ts';

const tokenId = z.int().check(z.nonnegative());

const addedTokenSchema = z.object({ id: tokenId, content: z.string().check(z.minLength(1)) });

const pieceSchema = z.union([
  z.object({ SpecialToken: z.object({ id: z.string() }) }),
  z.object({ Sequence: z.object({ id: z.string() }) }),
]);

const templateSchema = z.object({
  type: z.literal('TemplateProcessing'),
  single: z.array(pieceSchema),
  special_tokens: z.record(z.string(), z.object({ ids: z.array(tokenId) })),
});

const tokenizerFileSchema = z.object({
  added_tokens: z.array(addedTokenSchema),
  normalizer: z.nullish(z.null()),
  pre_tokenizer: z.nullish(z.null()),
  post_processor: z.nullish(templateSchema),
  model: z.object({
    type: z.literal('BPE'),
    unk_token: z.nullish(z.string()),
    fuse_unk: z.nullish(z.literal(false)),
    byte_fallback: z.nullish(z.literal(false)),
    vocab: z.record(z.string(), tokenId),
    merges: z.array(z.unknown()).check(z.maxLength(0)),
  }),
});

export type TokenizerFile = z.infer<typeof tokenizerFileSchema>;

/** Throws AppError `model-unsupported`, with the path of what it cannot read. */
export function parseTokenizerFile(json: unknown): TokenizerFile {
  const parsed = z.safeParse(tokenizerFileSchema, json);
  if (parsed.success) return parsed.data;
  throw new AppError(
    'model-unsupported',
    `tokenizer.json is not one this engine reads: ${z.prettifyError(parsed.error)}`,
    { advice: 'Choose a model with a character-level tokenizer, or download it again.' },
  );
}
