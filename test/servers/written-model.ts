/**
 * The files of the hand-made model beside its library: what web-llm reads of a model. Its weights are
 * the tokens of a text (model-library/), which it continues. Node only.
 */
import { createHash } from 'node:crypto';
import { tokensOf, VOCABULARY, type Passage } from './written-words.ts';

/** BPE without merges: what is not in the vocabulary is left out. */
export const TOKENIZER = JSON.stringify({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: { type: 'Fuse' },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    vocab: Object.fromEntries(VOCABULARY.map((token, i) => [token, i])),
    merges: [],
  },
});

const CHAT_CONFIG = JSON.stringify({
  tokenizer_files: ['tokenizer.json'],
  vocab_size: VOCABULARY.length,
  context_window_size: 4096,
  sliding_window_size: -1,
  attention_sink_size: -1,
  prefill_chunk_size: 1024,
  conv_template: {
    name: 'plain',
    system_template: '{system_message}',
    system_message: '',
    roles: { user: 'user', assistant: 'assistant', tool: 'tool' },
    role_templates: {
      user: '{user_message}',
      assistant: '{assistant_message}',
      tool: '{tool_message}',
    },
    seps: ['.'],
    role_content_sep: '',
    role_empty_sep: '',
    stop_str: [],
    stop_token_ids: [0],
  },
});

/** By name: everything but the library. */
export function writtenModel(passages: readonly Passage[]): Map<string, string | Uint8Array> {
  const shard = new Uint8Array(Int32Array.from(passages.flatMap(tokensOf)).buffer);
  return new Map<string, string | Uint8Array>([
    ['mlc-chat-config.json', CHAT_CONFIG],
    ['tokenizer.json', TOKENIZER],
    ['tensor-cache.json', tensorCache(shard, shard.length)],
    ['params_shard_0.bin', shard],
  ]);
}

/** An index of one shard with one record, which claims `bytes` bytes of it. */
export function tensorCache(shard: Uint8Array, bytes: number): string {
  const record = { name: 'text', shape: [bytes >> 2], dtype: 'int32', format: 'raw' };
  return JSON.stringify({
    metadata: {},
    records: [
      {
        dataPath: 'params_shard_0.bin',
        nbytes: shard.length,
        md5sum: createHash('md5').update(shard).digest('hex'),
        records: [{ ...record, nbytes: bytes, byteOffset: 0 }],
      },
    ],
  });
}
