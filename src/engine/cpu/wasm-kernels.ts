/** What the compiled kernels export (`wasm/index.ts`), and how they are started. Addresses and strides
 * are bytes into `memory`. */
export interface WasmKernels {
  readonly memory: WebAssembly.Memory;
  /** The first byte that the kernels do not use themselves. */
  heapBase(): number;
  matmul(
    x: number,
    xStride: number,
    w: number,
    out: number,
    outStride: number,
    rows: number,
    inDim: number,
    panels: number,
    accumulate: number,
  ): void;
  rmsNorm(
    x: number,
    xStride: number,
    weight: number,
    out: number,
    outStride: number,
    picks: number,
    rows: number,
    dim: number,
    eps: number,
  ): void;
  rotate(
    x: number,
    stride: number,
    positions: number,
    table: number,
    rows: number,
    heads: number,
    headDim: number,
  ): void;
  storeKeyValue(
    qkv: number,
    stride: number,
    keyOffset: number,
    kvBytes: number,
    keys: number,
    values: number,
    positions: number,
    listStarts: number,
    lists: number,
    rows: number,
  ): void;
  attend(
    queries: number,
    queryStride: number,
    out: number,
    outStride: number,
    keys: number,
    values: number,
    positions: number,
    listStarts: number,
    lists: number,
    scores: number,
    rows: number,
    heads: number,
    kvHeads: number,
    headDim: number,
  ): void;
  addBias(x: number, stride: number, bias: number, rows: number, dim: number): void;
  siluMultiply(
    x: number,
    stride: number,
    upOffset: number,
    out: number,
    outStride: number,
    rows: number,
    dim: number,
  ): void;
  sampleRow(
    logits: number,
    keys: number,
    vocab: number,
    temperature: number,
    stream0: number,
    stream1: number,
    position: number,
    logProb: number,
  ): number;
  peak(rounds: number): number;
}

/** A fresh instance with its own memory: one for each model. */
export async function startKernels(module: WebAssembly.Module): Promise<WasmKernels> {
  const instance = await WebAssembly.instantiate(module, {});
  return instance.exports as unknown as WasmKernels;
}
