/**
 * The models of web-llm's public catalogue that are worth offering here: small, good at mathematics
 * for their size, with a template of our own. Sizes are those of the records of web-llm 0.2.86.
 */

export interface CatalogueEntry {
  readonly id: string;
  /** For people. */
  readonly label: string;
  /** A sentence: what it is good for. */
  readonly note: string;
  readonly parameters: number;
  /** GPU memory with a context of 4096 tokens, in MB (10^6 bytes), as web-llm states it. */
  readonly vramMb: number;
  /** What is downloaded and kept on disk, in MB; from the number of parameters. */
  readonly diskMb: number;
  /** Absolute address of the weights, as web-llm wants it: `/resolve/main/` is appended. */
  readonly modelUrl: string;
  readonly libUrl: string;
}

const WEIGHTS = 'https://huggingface.co/mlc-ai/';
// modelLibURLPrefix + modelVersion of web-llm 0.2.86; a library fits one version only.
const LIBRARIES =
  'https://raw.githubusercontent.com/mlc-ai/binary-mlc-llm-libs/main/web-llm-models/v0_2_86/base/';

/** 4-bit weights with one scale for 32 of them: 16 bits of it in q4f16, 32 in q4f32. */
const BITS = { q4f16_1: 4.5, q4f32_1: 5 } as const;

type Format = keyof typeof BITS;

interface Family {
  readonly name: string;
  readonly label: string;
  readonly note: string;
  readonly parameters: number;
  /** Several models share one compiled library. */
  readonly library?: string;
  readonly vramMb: Readonly<Record<Format, number>>;
}

const FAMILIES: readonly Family[] = [
  {
    name: 'SmolLM2-360M-Instruct',
    label: 'SmolLM2 360M',
    note: 'The smallest; often wrong, so voting and search have much to do.',
    parameters: 3.62e8,
    vramMb: { q4f16_1: 376, q4f32_1: 580 },
  },
  {
    name: 'Llama-3.2-1B-Instruct',
    label: 'Llama 3.2 1B',
    note: 'Follows the step form well; a fair judge of others.',
    parameters: 1.236e9,
    vramMb: { q4f16_1: 879, q4f32_1: 1129 },
  },
  {
    name: 'Qwen2.5-0.5B-Instruct',
    label: 'Qwen2.5 0.5B',
    note: 'Small and good at arithmetic for its size.',
    parameters: 4.94e8,
    library: 'Qwen2-0.5B-Instruct',
    vramMb: { q4f16_1: 945, q4f32_1: 1060 },
  },
  {
    name: 'Qwen3-0.6B',
    label: 'Qwen3 0.6B',
    note: 'Newer and stronger than its size; used without its thinking mode.',
    parameters: 5.96e8,
    vramMb: { q4f16_1: 1403, q4f32_1: 1925 },
  },
  {
    name: 'Qwen2.5-Math-1.5B-Instruct',
    label: 'Qwen2.5-Math 1.5B',
    note: 'Trained for mathematics; the best policy here.',
    parameters: 1.54e9,
    library: 'Qwen2-1.5B-Instruct',
    vramMb: { q4f16_1: 1630, q4f32_1: 1889 },
  },
];

/** Sizes the KV cache; a few-shot prompt and a long solution fit. */
export const DEFAULT_CONTEXT_TOKENS = 4096;

export const CATALOGUE: readonly CatalogueEntry[] = FAMILIES.flatMap((family) =>
  (['q4f16_1', 'q4f32_1'] as const).map((format): CatalogueEntry => ({
    id: `${family.name}-${format}-MLC`,
    label: `${family.label} (${format === 'q4f16_1' ? '16-bit' : '32-bit'} arithmetic)`,
    note: family.note,
    parameters: family.parameters,
    vramMb: family.vramMb[format],
    diskMb: Math.round((family.parameters * BITS[format]) / 8e6),
    modelUrl: `${WEIGHTS}${family.name}-${format}-MLC`,
    libUrl: `${LIBRARIES}${family.library ?? family.name}-${format}_cs1k-webgpu.wasm`,
  })),
);

export function catalogueEntry(id: string): CatalogueEntry | null {
  return CATALOGUE.find((entry) => entry.id === id) ?? null;
}

/** Most q4f16 records do not declare the feature they need: the id tells (webllm.md). */
export function needsShaderF16(id: string): boolean {
  return /q\d+f16/.test(id);
}
