/** Hugging Face's tensor names of a Llama-family checkpoint, and the shapes its config implies. */
import { corruptModel } from './model-errors.ts';
import type { ModelConfig } from './model-config.ts';
import { scaleName } from './quantisation.ts';
import type { LayerTensors, ModelTensors } from './model-tensors.ts';

export interface WantedTensors {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly optional: ReadonlySet<string>;
  /** Those that lie in the file as I8, each beside a tensor with the scales of its rows. */
  readonly int8: ReadonlySet<string>;
}

/** The names of linear modules' weights; the embedding is none of them. */
const LINEAR = /(_proj|^lm_head|^score)\.weight$/;

export function wantedTensors(config: ModelConfig): WantedTensors {
  const { dim, ffDim, heads, kvHeads, headDim, vocab } = config;
  const queryDim = heads * headDim;
  const kvDim = kvHeads * headDim;
  const shapes = new Map<string, readonly number[]>();
  shapes.set('model.embed_tokens.weight', [vocab, dim]);
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `model.layers.${layer}`;
    shapes.set(`${at}.input_layernorm.weight`, [dim]);
    shapes.set(`${at}.self_attn.q_proj.weight`, [queryDim, dim]);
    shapes.set(`${at}.self_attn.k_proj.weight`, [kvDim, dim]);
    shapes.set(`${at}.self_attn.v_proj.weight`, [kvDim, dim]);
    if (config.attentionBias) {
      shapes.set(`${at}.self_attn.q_proj.bias`, [queryDim]);
      shapes.set(`${at}.self_attn.k_proj.bias`, [kvDim]);
      shapes.set(`${at}.self_attn.v_proj.bias`, [kvDim]);
    }
    shapes.set(`${at}.self_attn.o_proj.weight`, [dim, queryDim]);
    shapes.set(`${at}.post_attention_layernorm.weight`, [dim]);
    shapes.set(`${at}.mlp.gate_proj.weight`, [ffDim, dim]);
    shapes.set(`${at}.mlp.up_proj.weight`, [ffDim, dim]);
    shapes.set(`${at}.mlp.down_proj.weight`, [dim, ffDim]);
  }
  shapes.set('model.norm.weight', [dim]);
  if (config.head === 'value') {
    shapes.set('score.weight', [1, dim]);
    shapes.set('score.bias', [1]);
  } else if (!config.tiedEmbeddings) shapes.set('lm_head.weight', [vocab, dim]);
  const int8 = int8Names(config, shapes);
  for (const name of int8) shapes.set(scaleName(name), [shapes.get(name)?.[0] ?? 0, 1]);
  return { shapes, optional: new Set(['score.bias']), int8 };
}

function int8Names(
  { int8Rows }: ModelConfig,
  shapes: ReadonlyMap<string, readonly number[]>,
): ReadonlySet<string> {
  if (int8Rows === null) return new Set();
  const floats = new Set(int8Rows.floatModules.map((module) => `${module}.weight`));
  return new Set([...shapes.keys()].filter((name) => LINEAR.test(name) && !floats.has(name)));
}

/** Sorts the named tensors into place. `tensors` must hold all that `wantedTensors` names, those of
 * `int8` multiplied with their scales. */
export function assembleTensors(
  config: ModelConfig,
  tensors: ReadonlyMap<string, Float32Array>,
  int8: ReadonlySet<string>,
): ModelTensors {
  const take = (name: string): Float32Array => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw corruptModel(`The tensor ${name} is missing.`);
    return tensor;
  };
  const embedding = take('model.embed_tokens.weight');
  return {
    embedding,
    layers: Array.from({ length: config.layers }, (_, layer) =>
      assembleLayer(`model.layers.${layer}`, config.attentionBias, take),
    ),
    norm: take('model.norm.weight'),
    head:
      config.head === 'value'
        ? take('score.weight')
        : config.tiedEmbeddings
          ? embedding
          : take('lm_head.weight'),
    headBias: config.head === 'value' ? (tensors.get('score.bias') ?? null) : null,
    rowScales: new Map([...int8].map((name) => [take(name), take(scaleName(name))])),
  };
}

function assembleLayer(
  at: string,
  attentionBias: boolean,
  take: (name: string) => Float32Array,
): LayerTensors {
  const bias = (name: string) => (attentionBias ? take(`${at}.self_attn.${name}_proj.bias`) : null);
  return {
    attentionNorm: take(`${at}.input_layernorm.weight`),
    q: take(`${at}.self_attn.q_proj.weight`),
    k: take(`${at}.self_attn.k_proj.weight`),
    v: take(`${at}.self_attn.v_proj.weight`),
    qBias: bias('q'),
    kBias: bias('k'),
    vBias: bias('v'),
    o: take(`${at}.self_attn.o_proj.weight`),
    mlpNorm: take(`${at}.post_attention_layernorm.weight`),
    gate: take(`${at}.mlp.gate_proj.weight`),
    up: take(`${at}.mlp.up_proj.weight`),
    down: take(`${at}.mlp.down_proj.weight`),
  };
}
