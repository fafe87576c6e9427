/** The weights of one model in GPU memory, packed as the kernels read them. Never changes. */
import { AppError } from '../../shared/errors.ts';
import type { ModelConfig } from '../weights/model-config.ts';
import type { LayerTensors, ModelTensors } from '../weights/model-tensors.ts';
import type { GpuMemory } from './gpu-memory.ts';
import { attentionWorkgroupBytes } from './kernels/attention.ts';
import { rotaryAngles } from './kernels/rotary.ts';
import { shapeWords } from './shape.ts';
import {
  losslessFormat,
  packInt8Rows,
  packMatrix,
  type PackedMatrix,
  type WeightFormat,
} from './weight-format.ts';

/** One matrix: words, scales and its `Shape` uniform. */
export interface MatrixMemory {
  readonly format: WeightFormat;
  readonly inner: number;
  readonly outer: number;
  readonly words: GPUBuffer;
  readonly scales: GPUBuffer;
  readonly shape: GPUBuffer;
}

export interface LayerMemory {
  readonly attentionNorm: GPUBuffer;
  /** q, k and v one below the other. */
  readonly qkv: MatrixMemory;
  readonly qkvBias: GPUBuffer | null;
  readonly o: MatrixMemory;
  readonly mlpNorm: GPUBuffer;
  /** Gate, then up. */
  readonly gateUp: MatrixMemory;
  readonly down: MatrixMemory;
}

export interface ModelMemory {
  readonly embedding: MatrixMemory;
  readonly layers: readonly LayerMemory[];
  readonly norm: GPUBuffer;
  /** The embedding itself where the two are tied. A value head is always f32. */
  readonly head: MatrixMemory;
  readonly headBias: GPUBuffer;
  /** `Heads` uniform of the rotary kernel, and its table of angles. */
  readonly heads: GPUBuffer;
  readonly angles: GPUBuffer;
  /** `vocab` uniform of the sampler. */
  readonly vocab: GPUBuffer;
  /** Bound where a kernel reads nothing. */
  readonly nothing: GPUBuffer;
}

/** Weights as they lie on the GPU. */
export interface WeightsOnGpu {
  readonly bytes: number;
  /** Without doubles; one each for most models. */
  readonly formats: readonly WeightFormat[];
}

/** All matrices but the embedding, of which a step reads a few rows, unless it is the head as well. */
export function weightsRead({ layers, head }: ModelMemory): WeightsOnGpu {
  return account([...layers.flatMap(({ qkv, o, gateUp, down }) => [qkv, o, gateUp, down]), head]);
}

/** All matrices. */
export function weightsHeld(model: ModelMemory): WeightsOnGpu {
  const { embedding, head } = model;
  const read = weightsRead(model);
  const rows = account(embedding === head ? [] : [embedding]);
  return {
    bytes: read.bytes + rows.bytes,
    formats: [...new Set([...read.formats, ...rows.formats])],
  };
}

function account(matrices: readonly MatrixMemory[]): WeightsOnGpu {
  return {
    bytes: matrices.reduce((sum, { words, scales, format }) => {
      const scaled = format === 'int8' || format === 'q4';
      return sum + words.size + (scaled ? scales.size : 0);
    }, 0),
    formats: [...new Set(matrices.map(({ format }) => format))],
  };
}

export interface ModelMemoryOptions {
  readonly config: ModelConfig;
  readonly tensors: ModelTensors;
  /** null: what loses nothing, the smallest of int8 (as in the file), f16 and f32. */
  readonly format: WeightFormat | null;
  /** Positions a sequence may reach. */
  readonly positions: number;
  /** Of the device: workgroup memory in bytes. */
  readonly workgroupBytes: number;
}

/** Throws AppError `out-of-memory`, or `model-unsupported` where the heads do not fit a workgroup. */
export function uploadModel(memory: GpuMemory, options: ModelMemoryOptions): ModelMemory {
  const { config, tensors } = options;
  const needed = attentionWorkgroupBytes(config);
  if (needed > options.workgroupBytes) {
    throw new AppError('model-unsupported', 'The attention heads are too large for this GPU.', {
      advice: 'Use the CPU for this model.',
      cause: `${needed} bytes of workgroup memory are needed, ${options.workgroupBytes} are there`,
    });
  }
  const uploader = new Uploader(memory, config.normEps, options.format, tensors.rowScales);
  const { heads, kvHeads, headDim, vocab } = config;
  const embedding = uploader.matrix('embedding', [tensors.embedding], config.dim);
  const value = config.head === 'value';
  return {
    embedding,
    layers: tensors.layers.map((layer, i) => uploader.layer(`layer ${i}`, layer, config)),
    norm: uploader.vector('norm', tensors.norm),
    head:
      tensors.head === tensors.embedding
        ? embedding
        : uploader.matrix('head', [tensors.head], config.dim, value ? 'f32' : options.format),
    headBias: uploader.vector('head bias', tensors.headBias ?? new Float32Array(1)),
    heads: uploader.uniform('heads', Uint32Array.of(heads, kvHeads, headDim, 0)),
    angles: uploader.vector(
      'angles',
      rotaryAngles(options.positions, config.headDim, config.ropeTheta),
    ),
    vocab: uploader.uniform('vocab', Uint32Array.of(vocab, 0, 0, 0)),
    nothing: uploader.vector('nothing', new Float32Array(4)),
  };
}

class Uploader {
  constructor(
    private readonly memory: GpuMemory,
    private readonly eps: number,
    private readonly format: WeightFormat | null,
    private readonly rowScales: ModelTensors['rowScales'],
  ) {}

  vector(label: string, values: Float32Array): GPUBuffer {
    return this.memory.upload(label, new Float32Array(values), GPUBufferUsage.STORAGE);
  }

  uniform(label: string, words: Uint32Array<ArrayBuffer>): GPUBuffer {
    return this.memory.upload(label, words, GPUBufferUsage.UNIFORM);
  }

  matrix(
    label: string,
    parts: readonly Float32Array[],
    inner: number,
    format = this.format,
  ): MatrixMemory {
    const packed = this.pack(parts, inner, format);
    return {
      format: packed.format,
      inner,
      outer: packed.outer,
      words: this.memory.upload(label, packed.words, GPUBufferUsage.STORAGE),
      scales: this.memory.upload(`${label} scales`, packed.scales, GPUBufferUsage.STORAGE),
      shape: this.uniform(`${label} shape`, shapeWords(packed, this.eps)),
    };
  }

  private pack(
    parts: readonly Float32Array[],
    inner: number,
    format: WeightFormat | null,
  ): PackedMatrix {
    const scales = parts.flatMap((part) => this.rowScales.get(part) ?? []);
    const inFile = scales.length === parts.length;
    if (inFile && (format ?? 'int8') === 'int8') return packInt8Rows(parts, scales, inner);
    return packMatrix(parts, inner, format ?? losslessFormat(parts));
  }

  layer(label: string, layer: LayerTensors, config: ModelConfig): LayerMemory {
    const { qBias, kBias, vBias } = layer;
    const biases = qBias && kBias && vBias ? [qBias, kBias, vBias] : null;
    const attentionDim = config.heads * config.headDim;
    return {
      attentionNorm: this.vector(`${label} attention norm`, layer.attentionNorm),
      qkv: this.matrix(`${label} qkv`, [layer.q, layer.k, layer.v], config.dim),
      qkvBias: biases && this.vector(`${label} qkv bias`, concat(biases)),
      o: this.matrix(`${label} o`, [layer.o], attentionDim),
      mlpNorm: this.vector(`${label} mlp norm`, layer.mlpNorm),
      gateUp: this.matrix(`${label} gate up`, [layer.gate, layer.up], config.dim),
      down: this.matrix(`${label} down`, [layer.down], config.ffDim),
    };
  }
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
