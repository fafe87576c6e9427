/**
 * Reads a value head along branches: one value after the prompt and one at each step's terminator.
 * The engine side of PRM and ORM. Text format: training/FORMAT.md.
 */
import { pathOf, type Branch } from '../shared/branch.ts';
import { AppError, invariant } from '../shared/errors.ts';
import { BranchCache } from './branch-cache.ts';
import { CallQueue } from './call-queue.ts';
import type { Engine, ScoreRequest, Sequence } from './engine.ts';
import { flopsOfRange } from './flops.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';
import type { Usage } from '../shared/policy.ts';

export interface ValuesOptions {
  /** Tokens that stand before the first step; by default `<bos>`, the prompt and a line feed. */
  readonly promptTokens?: (prompt: string) => number[];
}

export interface BranchReading {
  /** Sigmoid of the value after the prompt: the predicted ease of the problem. */
  readonly prompt: number;
  /** Sigmoid of the value at the terminator of each step, first to last. A step that was cut by the
   * length limit has no terminator and scores 0. */
  readonly steps: readonly number[];
  readonly usage: Usage;
}

/** One branch to read: `path` are the steps behind `from`. */
interface Reading {
  readonly leaf: Branch;
  readonly from: Sequence;
  readonly path: readonly Branch[];
}

export class BranchValues {
  private readonly cache: BranchCache;
  private readonly values = new WeakMap<Branch, number>();
  private readonly queue: CallQueue<Branch, BranchReading>;
  private readonly promptTokens: (prompt: string) => number[];
  private readonly newline: number;
  private readonly eos: number;

  /** Throws AppError `model-unsupported` unless the model has a value head and the right tokens. */
  constructor(
    private readonly engine: Engine,
    private readonly tokenizer: Tokenizer,
    options: ValuesOptions = {},
  ) {
    if (engine.config.head !== 'value') {
      throw new AppError('model-unsupported', 'A verifier needs a model with a value head.', {
        advice: 'Choose a PRM or ORM checkpoint as the verifier.',
      });
    }
    this.cache = new BranchCache(engine);
    this.newline = tokenizer.requireId('\n');
    this.eos = tokenizer.requireId('<eos>');
    this.promptTokens = options.promptTokens ?? ((prompt) => tokenizer.encode(`${prompt}\n`));
    this.queue = new CallQueue(
      (branches, signal) => this.readBatch(branches, signal),
      () => undefined,
    );
  }

  /** Ancestors that were read before are not run again. */
  read(branches: readonly Branch[], signal?: AbortSignal): Promise<BranchReading[]> {
    return this.queue.submit(branches, signal);
  }

  /** Frees the sequences of these branches; their values stay known. */
  release(branches: Iterable<Branch>): void {
    for (const branch of branches) this.cache.delete(branch);
  }

  private async readBatch(
    branches: readonly Branch[],
    signal: AbortSignal,
  ): Promise<BranchReading[]> {
    const spent = new Map<Branch, number>();
    await this.makingRoom(() => this.readRoots(branches, spent, signal));
    const unread = [...new Set(branches)].filter((branch) => !this.values.has(branch));
    const readings = unread.map((leaf) => this.plan(leaf));
    try {
      await this.readPaths(readings, spent, signal);
    } finally {
      for (const { from } of readings) this.engine.free(from);
    }
    const charged = new Set<Branch>();
    return branches.map((branch) => {
      const first = !charged.has(branch);
      charged.add(branch);
      return this.readingOf(branch, first ? spent : new Map());
    });
  }

  /** Opens every root that is needed and not open. */
  private async readRoots(
    branches: readonly Branch[],
    spent: Map<Branch, number>,
    signal: AbortSignal,
  ): Promise<void> {
    const firstUser = new Map<Branch, Branch>();
    for (const branch of branches) {
      if (this.values.has(branch) || this.nearestOpen(branch)) continue;
      const root = rootOf(branch);
      if (!firstUser.has(root)) firstUser.set(root, branch);
    }
    const roots = [...firstUser.keys()];
    if (roots.length === 0) return;
    const prompts = roots.map((root) => this.promptTokens(root.prompt));
    const opened = await this.engine.prefill(
      prompts.map((tokens) => tokens.slice(0, -1)),
      { signal },
    );
    try {
      const requests = opened.map((sequence, i) => ({ sequence, tokens: prompts[i].slice(-1) }));
      const outputs = await this.engine.score(requests, { signal });
      roots.forEach((root, i) => this.values.set(root, sigmoid(outputs[i][0])));
    } catch (error) {
      for (const sequence of opened) this.engine.free(sequence);
      throw error;
    }
    roots.forEach((root, i) => {
      this.cache.set(root, opened[i]);
      const user = firstUser.get(root) ?? root;
      spent.set(user, (spent.get(user) ?? 0) + prompts[i].length);
    });
  }

  private plan(leaf: Branch): Reading {
    const open = this.nearestOpen(leaf);
    invariant(open, 'the root has just been opened');
    const sequence = this.cache.get(open);
    invariant(sequence, 'an open branch has a sequence');
    const path = pathOf(leaf).slice(open.depth);
    return { leaf, from: this.engine.fork(sequence, 1)[0], path };
  }

  /** Reads all paths in one call, or in halves where the slots do not suffice. */
  private async readPaths(
    readings: readonly Reading[],
    spent: Map<Branch, number>,
    signal: AbortSignal,
  ): Promise<void> {
    if (readings.length === 0) return;
    const forks = readings.map(({ from }) => this.engine.fork(from, 1)[0]);
    const requests = readings.map((reading, i) => ({
      sequence: forks[i],
      tokens: reading.path.flatMap((step) => this.tokensOf(step)),
    }));
    try {
      const outputs = await this.engine.score(requests, { signal });
      readings.forEach((reading, i) => this.keep(reading, requests[i], outputs[i], spent));
      return;
    } catch (error) {
      for (const fork of forks) this.engine.free(fork);
      if (!isOutOfSlots(error)) throw error;
      if (readings.length === 1) {
        if (!this.cache.clear()) throw error;
        return this.readPaths(readings, spent, signal);
      }
    }
    const half = Math.ceil(readings.length / 2);
    await this.readPaths(readings.slice(0, half), spent, signal);
    await this.readPaths(readings.slice(half), spent, signal);
  }

  private keep(
    { leaf, path }: Reading,
    { sequence, tokens }: ScoreRequest,
    outputs: Float32Array,
    spent: Map<Branch, number>,
  ): void {
    let end = 0;
    for (const step of path) {
      end += this.tokensOf(step).length;
      this.values.set(
        step,
        step.end === 'length' && !this.terminated(step) ? 0 : sigmoid(outputs[end - 1]),
      );
    }
    spent.set(leaf, (spent.get(leaf) ?? 0) + tokens.length);
    // Nothing follows a finished solution.
    if (leaf.end === 'step') this.cache.set(leaf, sequence);
    else this.engine.free(sequence);
  }

  private readingOf(branch: Branch, spent: ReadonlyMap<Branch, number>): BranchReading {
    const valueOf = (step: Branch): number => {
      const value = this.values.get(step);
      invariant(value !== undefined, 'a branch that has been read');
      return value;
    };
    const path = pathOf(branch);
    const length =
      this.promptTokens(branch.prompt).length +
      path.reduce((sum, step) => sum + this.tokensOf(step).length, 0);
    const read = spent.get(branch) ?? 0;
    const usage = {
      prefillTokens: read,
      sampledTokens: 0,
      flopsExecuted: flopsOfRange(this.engine.config, length - read, length),
      flopsNominal: flopsOfRange(this.engine.config, 0, length),
    };
    return { prompt: valueOf(rootOf(branch)), steps: path.map(valueOf), usage };
  }

  private nearestOpen(branch: Branch): Branch | null {
    for (let at: Branch | null = branch; at !== null; at = at.parent) {
      if (this.cache.get(at)) return at;
    }
    return null;
  }

  /** By text, so that a policy with another tokenizer can be verified. */
  private tokensOf(step: Branch): number[] {
    const tokens = this.tokenizer.encodeBare(step.text);
    if (step.end === 'solution') return [...tokens, this.eos];
    return this.terminated(step) ? [...tokens, this.newline] : tokens;
  }

  /** A continuation may be cut between two steps, behind a whole one. */
  private terminated(step: Branch): boolean {
    return step.end !== 'length' || step.tokens.at(-1) === this.newline;
  }

  /** Runs out of slots once: lets go of all cached sequences and tries again. */
  private async makingRoom<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isOutOfSlots(error) || !this.cache.clear()) throw error;
      return work();
    }
  }
}

function rootOf(branch: Branch): Branch {
  let at = branch;
  while (at.parent !== null) at = at.parent;
  return at;
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function isOutOfSlots(error: unknown): boolean {
  return error instanceof AppError && error.code === 'out-of-slots';
}
