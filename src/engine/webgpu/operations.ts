/** The list of dispatches of one pass: which kernel, over which buffers, in which order. */
import type { ModelConfig } from '../weights/model-config.ts';
import type { GpuContext } from './gpu-context.ts';
import type { Call, Grid, Kernel, Variant } from './kernel.ts';
import { attentionGrid, attentionVariant, largestTile } from './kernels/attention.ts';
import { embedGrid, embedVariant } from './kernels/embed.ts';
import {
  matmulGrid,
  matmulSize,
  matmulSizes,
  matmulVariant,
  matmulKernel,
  type MatmulOptions,
} from './kernels/matmul.ts';
import type { Subgroups } from './kernels/reduction.ts';
import { rotaryGrid, rotaryVariant } from './kernels/rotary.ts';
import { sampleGrid, sampleVariant } from './kernels/sample.ts';
import { valueHeadGrid, valueHeadVariant } from './kernels/value-head.ts';
import type { LayerMemory, MatrixMemory, ModelMemory } from './model-memory.ts';
import { CALL_STRIDE, type WorkMemory } from './work-memory.ts';

/** One dispatch; the variant and the grid follow from the sizes of the call. */
export interface Operation {
  /** What it does, equal for all layers, such as `attention`. */
  readonly label: string;
  readonly bindGroup: GPUBindGroup;
  choose(call: Call): { readonly variant: Variant; readonly grid: Grid };
}

export interface Operations {
  /** Embedding and all layers. */
  readonly trunk: readonly Operation[];
  /** Head outputs of picked rows, and of every row. */
  readonly pickedHead: Operation;
  readonly fullHead: Operation;
  /** Empty for a value head. */
  readonly sampling: readonly Operation[];
}

/** All pipelines that the operations of a model may choose with up to `maxRows` rows. */
export function variantsOf(
  model: ModelMemory,
  config: ModelConfig,
  { maxRows, subgroups }: { readonly maxRows: number; readonly subgroups: Subgroups },
): Variant[] {
  const value = config.head === 'value';
  const products = [
    ...model.layers.flatMap(layerProducts),
    ...(value ? [] : [headProduct(model.head)]),
  ];
  return [
    embedVariant(model.embedding.format),
    rotaryVariant,
    ...attentionSizes(config).map((tileRows) => attentionVariant(config, { tileRows, subgroups })),
    ...products.flatMap(({ matrix, options }) =>
      matmulVariants({ ...options, subgroups }, matrix.outer, maxRows),
    ),
    value ? valueHeadVariant(subgroups) : sampleVariant(subgroups),
  ];
}

interface Factor {
  readonly matrix: MatrixMemory;
  readonly options: ProductOptions;
}

type ProductOptions = Omit<MatmulOptions, 'subgroups'>;

/** Rows by themselves, and tiles where the heads leave room for them. */
function attentionSizes(config: ModelConfig): number[] {
  return [...new Set([1, largestTile(config)])];
}

/** All that `choose` may pick for 1 … `maxRows` rows. */
function matmulVariants(options: MatmulOptions, outer: number, maxRows: number): Variant[] {
  return matmulSizes(maxRows, outer, options).map((size) => matmulVariant(size, options));
}

function layerProducts(layer: LayerMemory): Factor[] {
  return [qkvProduct(layer), sumProduct(layer.o), gateUpProduct(layer), sumProduct(layer.down)];
}

const plain = { epilogue: 'store', normed: false, biased: false, gathered: false } as const;

function qkvProduct({ qkv, qkvBias }: LayerMemory): Factor {
  const biased = qkvBias !== null;
  return { matrix: qkv, options: { ...plain, format: qkv.format, normed: true, biased } };
}

function gateUpProduct({ gateUp }: LayerMemory): Factor {
  const options = { ...plain, format: gateUp.format, normed: true, epilogue: 'swiglu' } as const;
  return { matrix: gateUp, options };
}

/** o and down projections, which add to the residual stream. */
function sumProduct(matrix: MatrixMemory): Factor {
  return { matrix, options: { ...plain, format: matrix.format, epilogue: 'add' } };
}

function headProduct(matrix: MatrixMemory): Factor {
  return { matrix, options: { ...plain, format: matrix.format, normed: true, gathered: true } };
}

/** Must be made anew when `work` has replaced buffers. */
export function buildOperations(
  context: GpuContext,
  config: ModelConfig,
  model: ModelMemory,
  work: WorkMemory,
): Operations {
  const builder = new Builder(context, config, model, work);
  return {
    trunk: [builder.embed(), ...model.layers.flatMap((layer, i) => builder.layer(layer, i))],
    pickedHead: builder.head(work.picks),
    fullHead: builder.head(work.everyRow),
    sampling: config.head === 'value' ? [] : [builder.sample()],
  };
}

interface Product extends Factor {
  readonly x: GPUBuffer;
  readonly y: GPUBuffer;
  readonly gamma?: GPUBuffer;
  readonly bias?: GPUBuffer | null;
  readonly picks?: GPUBuffer;
}

class Builder {
  constructor(
    private readonly context: GpuContext,
    private readonly config: ModelConfig,
    private readonly model: ModelMemory,
    private readonly work: WorkMemory,
  ) {}

  embed(): Operation {
    const { rows, x } = this.work;
    const { embedding } = this.model;
    const { shape, words, scales, format } = embedding;
    const variant = embedVariant(format);
    return this.fixed('embed', variant, [shape, rows, words, scales, x], (call) =>
      embedGrid(call.rows, this.config.dim),
    );
  }

  layer(layer: LayerMemory, index: number): Operation[] {
    const { x, qkv, attention, hidden, rows, slotLists, kv } = this.work;
    const { heads, angles } = this.model;
    return [
      this.product('qkv', {
        ...qkvProduct(layer),
        x,
        y: qkv,
        gamma: layer.attentionNorm,
        bias: layer.qkvBias,
      }),
      this.fixed(
        'rotary',
        rotaryVariant,
        [heads, rows, slotLists, angles, qkv, kv[index]],
        (call) => rotaryGrid(call.rows, this.config),
      ),
      this.attend(kv[index]),
      this.product('o', { ...sumProduct(layer.o), x: attention, y: x }),
      this.product('gate up', {
        ...gateUpProduct(layer),
        x,
        y: hidden,
        gamma: layer.mlpNorm,
      }),
      this.product('down', { ...sumProduct(layer.down), x: hidden, y: x }),
    ];
  }

  private attend(kv: GPUBuffer): Operation {
    const { config, context } = this;
    const { rows, slotLists, tiles, qkv, attention } = this.work;
    const { subgroups } = context;
    const alone = attentionVariant(config, { tileRows: 1, subgroups });
    const together = attentionVariant(config, { tileRows: largestTile(config), subgroups });
    const buffers = [rows, slotLists, tiles, qkv, kv, attention];
    return {
      label: 'attention',
      bindGroup: this.bind('attention', alone.kernel, buffers),
      choose: (call) =>
        call.tiles === 0
          ? { variant: alone, grid: attentionGrid(call.rows, config) }
          : { variant: together, grid: attentionGrid(call.tiles, config) },
    };
  }

  head(picks: GPUBuffer): Operation {
    const { head, headBias, norm } = this.model;
    const { x, outputs } = this.work;
    if (this.config.head === 'value') {
      const buffers = [head.shape, x, head.words, headBias, norm, picks, outputs];
      return this.fixed('value head', valueHeadVariant(this.context.subgroups), buffers, (call) =>
        valueHeadGrid(call.outputs),
      );
    }
    return this.product('logits', { ...headProduct(head), x, y: outputs, gamma: norm, picks });
  }

  sample(): Operation {
    const { outputs, ends, lanes, rows, results } = this.work;
    const buffers = [this.model.vocab, outputs, ends, lanes, rows, results];
    const variant = sampleVariant(this.context.subgroups);
    return this.fixed('sample', variant, buffers, (call) => sampleGrid(call.lanes));
  }

  private product(label: string, product: Product): Operation {
    const { matrix, x, y } = product;
    const options = { ...product.options, subgroups: this.context.subgroups };
    const { nothing } = this.model;
    const bindGroup = this.bind(label, matmulKernel, [
      matrix.shape,
      x,
      matrix.words,
      matrix.scales,
      product.bias ?? nothing,
      product.gamma ?? nothing,
      product.picks ?? nothing,
      y,
    ]);
    return {
      label,
      bindGroup,
      choose: (call) => {
        const rows = options.gathered ? call.outputs : call.rows;
        const size = matmulSize(rows, matrix.outer, options);
        return {
          variant: matmulVariant(size, options),
          grid: matmulGrid(size, rows, matrix.outer, options),
        };
      },
    };
  }

  private fixed(
    label: string,
    variant: Variant,
    buffers: readonly GPUBuffer[],
    grid: (call: Call) => Grid,
  ): Operation {
    const bindGroup = this.bind(label, variant.kernel, buffers);
    return { label, bindGroup, choose: (call) => ({ variant, grid: grid(call) }) };
  }

  private bind(label: string, kernel: Kernel, buffers: readonly GPUBuffer[]): GPUBindGroup {
    const call = { buffer: this.work.call, size: CALL_STRIDE };
    return this.context.device.createBindGroup({
      label,
      layout: this.context.pipelines.layout(kernel),
      entries: [call, ...buffers.map((buffer) => ({ buffer }))].map((resource, binding) => ({
        binding,
        resource,
      })),
    });
  }
}
