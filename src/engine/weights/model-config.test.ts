import { describe, expect, it } from 'vitest';
import { parseModelConfig } from './model-config.ts';

const llama = {
  architectures: ['LlamaForCausalLM'],
  hidden_size: 128,
  intermediate_size: 352,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 80,
  max_position_embeddings: 1024,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  rope_scaling: null,
  hidden_act: 'silu',
};
const failure = (code: string) => expect.objectContaining({ code });

describe('parseModelConfig', () => {
  it('reads shapes and fills in what older files leave out', () => {
    expect(parseModelConfig(llama)).toMatchObject({ head: 'causal', headDim: 32, kvHeads: 2 });
    const older = { ...llama, num_key_value_heads: undefined, rope_theta: undefined };
    expect(parseModelConfig(older)).toMatchObject({ kvHeads: 4, ropeTheta: 10000 });
    const newer = { ...older, rope_parameters: { rope_theta: 5e5, rope_type: 'default' } };
    expect(parseModelConfig(newer).ropeTheta).toBe(5e5);
  });

  it('knows heads and biases by the architecture', () => {
    const value = { ...llama, architectures: ['LlamaForTokenClassification'] };
    expect(parseModelConfig(value).head).toBe('value');
    const qwen = { ...llama, architectures: ['Qwen2ForCausalLM'] };
    expect(parseModelConfig(qwen).attentionBias).toBe(true);
    expect(parseModelConfig(llama).attentionBias).toBe(false);
  });

  it('reads how a PRM is to be joined with the policy, and nothing half right', () => {
    const weights = { scale: 0.8, step: 1, solution: 0.9, bias: -0.1 };
    expect(parseModelConfig({ ...llama, policy_confidence: weights }).confidence).toEqual(weights);
    expect(parseModelConfig(llama).confidence).toBeUndefined();
    for (const wrong of [{ scale: 0 }, { step: -1 }, { bias: undefined }, { more: 1 }]) {
      const spoilt = { ...llama, policy_confidence: { ...weights, ...wrong } };
      expect(() => parseModelConfig(spoilt)).toThrow(failure('model-corrupt'));
    }
  });

  it.each([
    ['another family', { architectures: ['GPT2LMHeadModel'] }],
    ['no architecture', { architectures: [] }],
    ['scaled rotary embedding', { rope_scaling: { rope_type: 'llama3', factor: 8 } }],
    ['scaled rotary embedding, old name', { rope_scaling: { type: 'linear', factor: 2 } }],
    ['another activation', { hidden_act: 'gelu' }],
    ['a bias on all of attention', { attention_bias: true }],
    ['a bias in the MLP', { mlp_bias: true }],
    ['odd heads', { head_dim: 31 }],
    ['heads that do not divide', { num_key_value_heads: 3 }],
  ])('refuses %s', (_, change) => {
    expect(() => parseModelConfig({ ...llama, ...change })).toThrow(failure('model-unsupported'));
  });

  it.each([
    ['nothing', null],
    ['a missing field', { ...llama, hidden_size: undefined }],
    ['a negative size', { ...llama, vocab_size: -1 }],
    ['text for a number', { ...llama, rms_norm_eps: 'small' }],
  ])('calls %s corrupt', (_, json) => {
    expect(() => parseModelConfig(json)).toThrow(failure('model-corrupt'));
  });
});
