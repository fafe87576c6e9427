/** What a kernel's TypeScript twin declares: its code, its bindings, and how it is specialised. */

/**
 * Binding i of group 0 in the order of the list. `call` is the uniform of the current pass, bound
 * with a dynamic offset; `uniform` never changes; `read` and `write` are storage.
 */
export type BindingKind = 'call' | 'uniform' | 'read' | 'write';

export interface Kernel {
  readonly name: string;
  readonly code: string;
  readonly bindings: readonly BindingKind[];
}

/** A kernel with its `override` constants: one compiled pipeline. */
export interface Variant {
  readonly kernel: Kernel;
  readonly constants: Readonly<Record<string, number>>;
}

/** Workgroups along x and y. */
export type Grid = readonly [x: number, y: number];

/** What the `Call` uniform holds, in this order but for `tiles`, which is for the grid only. */
export interface Call {
  readonly rows: number;
  /** Rows whose head outputs are wanted. */
  readonly outputs: number;
  readonly lanes: number;
  /** Room for tokens of one lane in the results. */
  readonly steps: number;
  readonly stops: number;
  readonly finals: number;
  /** Of rows that attend together, and where their table begins, in words. 0: each row by itself. */
  readonly tiles: number;
  readonly tilesAt: number;
}

export function callWords(call: Call): Uint32Array<ArrayBuffer> {
  const { rows, outputs, lanes, steps, stops, finals, tilesAt } = call;
  return Uint32Array.of(rows, outputs, lanes, steps, stops, finals, tilesAt);
}

/** Equal keys are one pipeline. */
export function variantKey({ kernel, constants }: Variant): string {
  const parts = Object.keys(constants)
    .sort()
    .map((name) => `${name}=${constants[name]}`);
  return `${kernel.name}(${parts.join(',')})`;
}

export function ceilDiv(value: number, by: number): number {
  return Math.ceil(value / by);
}
