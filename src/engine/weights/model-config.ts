/** Shapes of a Llama-family checkpoint, read from a Hugging Face `config.json`. */
import * as z from 'zod/mini';
import { AppError } from '../../shared/errors.ts';
import { confidenceSchema, type ConfidenceWeights } from './confidence.ts';
import { parseQuantisation, type Int8Rows } from './quantisation.ts';

const positive = z.int().check(z.positive());

const configFileSchema = z.object({
  architectures: z.array(z.string()),
  hidden_size: positive,
  intermediate_size: positive,
  num_hidden_layers: positive,
  num_attention_heads: positive,
  num_key_value_heads: z.optional(positive),
  head_dim: z.optional(z.nullable(positive)),
  vocab_size: positive,
  max_position_embeddings: positive,
  rms_norm_eps: z.number(),
  rope_theta: z.optional(z.number()),
  rope_parameters: z.optional(
    z.nullable(z.object({ rope_theta: z.optional(z.number()), rope_type: z.optional(z.string()) })),
  ),
  rope_scaling: z.optional(
    z.nullable(z.object({ rope_type: z.optional(z.string()), type: z.optional(z.string()) })),
  ),
  hidden_act: z.optional(z.string()),
  mlp_bias: z.optional(z.boolean()),
  tie_word_embeddings: z.optional(z.boolean()),
  attention_bias: z.optional(z.boolean()),
  bos_token_id: z.optional(z.nullable(z.int())),
  eos_token_id: z.optional(z.nullable(z.int())),
  quantization_config: z.optional(z.unknown()),
  policy_confidence: z.optional(confidenceSchema),
});

export type Head = 'causal' | 'value';

export interface ModelConfig {
  readonly head: Head;
  readonly dim: number;
  readonly ffDim: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly vocab: number;
  readonly maxPositions: number;
  readonly normEps: number;
  readonly ropeTheta: number;
  readonly tiedEmbeddings: boolean;
  /** q, k and v projections carry a bias (Qwen2). */
  readonly attentionBias: boolean;
  /** Which matrices the file holds as int8; null: none. Loaded models are plain floats either way. */
  readonly int8Rows: Int8Rows | null;
  /** A PRM that is to be read together with the policy's log-probabilities. */
  readonly confidence?: ConfidenceWeights;
  readonly bosToken: number | null;
  readonly eosToken: number | null;
}

const CAUSAL = ['LlamaForCausalLM', 'Qwen2ForCausalLM', 'MistralForCausalLM'];
const VALUE = ['LlamaForTokenClassification', 'LlamaForSequenceClassification'];

/** Throws AppError `model-corrupt` (not such a file) or `model-unsupported` (another family). */
export function parseModelConfig(json: unknown): ModelConfig {
  const parsed = z.safeParse(configFileSchema, json);
  if (!parsed.success) {
    throw new AppError(
      'model-corrupt',
      `config.json is not usable: ${z.prettifyError(parsed.error)}`,
      {
        advice: 'Download the model again, or choose another one.',
      },
    );
  }
  const file = parsed.data;
  const architecture = file.architectures[0] ?? 'none';
  const head = CAUSAL.includes(architecture)
    ? 'causal'
    : VALUE.includes(architecture)
      ? 'value'
      : null;
  if (head === null) {
    throw new AppError('model-unsupported', `The architecture ${architecture} is not supported.`, {
      advice: `Supported: ${[...CAUSAL, ...VALUE].join(', ')}.`,
    });
  }
  refuseVariants(file, architecture);
  const headDim = file.head_dim ?? file.hidden_size / file.num_attention_heads;
  const kvHeads = file.num_key_value_heads ?? file.num_attention_heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0 || file.num_attention_heads % kvHeads !== 0) {
    throw new AppError(
      'model-unsupported',
      'The attention heads of config.json do not fit together.',
      {
        advice: 'Check num_attention_heads, num_key_value_heads and head_dim.',
      },
    );
  }
  return {
    head,
    dim: file.hidden_size,
    ffDim: file.intermediate_size,
    layers: file.num_hidden_layers,
    heads: file.num_attention_heads,
    kvHeads,
    headDim,
    vocab: file.vocab_size,
    maxPositions: file.max_position_embeddings,
    normEps: file.rms_norm_eps,
    ropeTheta: file.rope_theta ?? file.rope_parameters?.rope_theta ?? 10000,
    tiedEmbeddings: file.tie_word_embeddings ?? false,
    attentionBias: file.attention_bias ?? architecture.startsWith('Qwen2'),
    int8Rows: parseQuantisation(file.quantization_config),
    ...(file.policy_confidence === undefined ? {} : { confidence: file.policy_confidence }),
    bosToken: file.bos_token_id ?? null,
    eosToken: file.eos_token_id ?? null,
  };
}

/** Refuses what would load and then compute something else than the model. */
function refuseVariants(file: z.infer<typeof configFileSchema>, architecture: string): void {
  const scaling = file.rope_scaling;
  const rope = file.rope_parameters?.rope_type ?? scaling?.rope_type ?? scaling?.type ?? 'default';
  const activation = file.hidden_act ?? 'silu';
  // Llama's switch also gives the output projection a bias; Qwen2 has them on q, k and v only.
  const outputBias = file.attention_bias === true && !architecture.startsWith('Qwen2');
  const variant =
    rope !== 'default'
      ? `the rotary embedding "${rope}"`
      : activation !== 'silu'
        ? `the activation "${activation}"`
        : outputBias
          ? 'attention_bias'
          : file.mlp_bias === true
            ? 'mlp_bias'
            : null;
  if (variant === null) return;
  throw new AppError('model-unsupported', `${architecture} with ${variant} is not supported.`, {
    advice: 'Choose a plain Llama, Mistral or Qwen2 checkpoint.',
  });
}
