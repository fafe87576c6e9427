/**
 * Writes solutions with a transformer engine: one sequence per open branch, children forked from it
 * without copying. Text format: training/FORMAT.md.
 */
import { AppError, invariant } from '../shared/errors.ts';
import { cutStep, type Branch } from '../shared/branch.ts';
import {
  addUsage,
  type Extension,
  type ExtendRequest,
  type Policy,
  type PolicyCapabilities,
  type Usage,
} from '../shared/policy.ts';
import type { Stream } from '../shared/random.ts';
import { BranchCache } from './branch-cache.ts';
import { CallQueue } from './call-queue.ts';
import { hasOwnDevice, type Engine, type Sequence, type StepResult } from './engine.ts';
import { flopsOfRange } from './flops.ts';
import { splitSteps } from './split-steps.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';

export interface EnginePolicyOptions {
  readonly label: string;
  /** Tokens that stand before the first step; by default `<bos>`, the prompt and a line feed. */
  readonly promptTokens?: (prompt: string) => number[];
  /** Tokens of the longest text the model was trained on, where that is less than it has positions. */
  readonly trainedLength?: number;
}

/** One continuation to sample. */
interface Lane {
  readonly request: ExtendRequest;
  readonly stream: Stream;
  readonly from: Sequence;
}

/** A sampled continuation. `sequence` is null where nothing can follow. */
interface Continuation {
  readonly leaf: Branch;
  readonly sequence: Sequence | null;
  readonly tokens: number;
}

/** An open prefix of a request, and what reading it cost. */
interface Prefix {
  readonly sequence: Sequence;
  readonly readTokens: number;
}

export class EnginePolicy implements Policy {
  private readonly label: string;
  private readonly cache: BranchCache;
  private readonly queue: CallQueue<ExtendRequest, Extension>;
  private readonly promptTokens: (prompt: string) => number[];
  private readonly newline: number;
  private readonly eos: number;
  private readonly longest: number;

  /** Throws AppError `model-unsupported` where the vocabulary lacks `<eos>` or a line feed. */
  constructor(
    private readonly engine: Engine,
    private readonly tokenizer: Tokenizer,
    options: EnginePolicyOptions,
  ) {
    this.label = options.label;
    this.cache = new BranchCache(engine);
    this.longest = Math.min(engine.config.maxPositions, options.trainedLength ?? Infinity);
    this.newline = tokenizer.requireId('\n');
    this.eos = tokenizer.requireId('<eos>');
    this.promptTokens = options.promptTokens ?? ((prompt) => tokenizer.encode(`${prompt}\n`));
    this.queue = new CallQueue(
      (requests, signal) => this.extendBatch(requests, signal),
      (extensions) => this.release(extensions.flatMap((extension) => extension.leaves)),
    );
  }

  get capabilities(): PolicyCapabilities {
    const ownDevice = hasOwnDevice(this.engine);
    return {
      label: this.label,
      forks: true,
      batches: true,
      reproducible: true,
      ownDevice,
      fits: (prompt, answer) => this.fits(prompt, answer),
    };
  }

  extend(requests: readonly ExtendRequest[], signal?: AbortSignal): Promise<Extension[]> {
    return this.queue.submit(requests, signal);
  }

  release(branches: Iterable<Branch>): void {
    for (const branch of branches) this.cache.delete(branch);
  }

  private fits(prompt: string, answer: string): boolean {
    const tokens = this.promptTokens(prompt).length + this.tokenizer.encodeBare(answer).length;
    // One more for the end of the answer.
    return tokens + 1 <= this.longest;
  }

  private async extendBatch(
    requests: readonly ExtendRequest[],
    signal: AbortSignal,
  ): Promise<Extension[]> {
    const prefixes = await this.makingRoom(() => this.openPrefixes(requests, signal));
    try {
      const lanes = requests.flatMap((request, r) =>
        request.streams.map((stream) => ({ request, stream, from: prefixes[r].sequence })),
      );
      const done = await this.sampleWithin(lanes, signal);
      for (const { leaf, sequence } of done) if (sequence) this.cache.set(leaf, sequence);
      let at = 0;
      return requests.map((request, r) => {
        const own = done.slice(at, (at += request.streams.length));
        return { leaves: own.map(({ leaf }) => leaf), ...this.costs(prefixes[r], own) };
      });
    } catch (error) {
      prefixes.forEach(({ readTokens }, r) => {
        if (readTokens > 0) this.cache.delete(requests[r].branch);
      });
      throw error;
    } finally {
      for (const { sequence } of prefixes) this.engine.free(sequence);
    }
  }

  /** A private fork of every request's sequence: what the caller releases meanwhile stays usable. */
  private async openPrefixes(
    requests: readonly ExtendRequest[],
    signal: AbortSignal,
  ): Promise<Prefix[]> {
    const missing = new Set<Branch>();
    for (const { branch } of requests) {
      invariant(branch.end === 'step', 'only an unfinished branch is extended');
      if (!this.cache.get(branch)) missing.add(branch);
    }
    const branches = [...missing];
    const prompts = branches.map((branch) => this.tokensOf(branch));
    const sequences = await this.engine.prefill(prompts, { signal });
    branches.forEach((branch, i) => this.cache.set(branch, sequences[i]));
    return requests.map(({ branch }) => {
      const cached = this.cache.get(branch);
      invariant(cached, 'the prefix has just been read');
      // The first request that needs a prefix pays for it.
      const readTokens = missing.delete(branch) ? cached.length : 0;
      return { sequence: this.engine.fork(cached, 1)[0], readTokens };
    });
  }

  private tokensOf(branch: Branch): number[] {
    if (branch.parent === null) return this.promptTokens(branch.prompt);
    const own =
      branch.tokens.length > 0
        ? branch.tokens
        : [...this.tokenizer.encodeBare(branch.text), this.newline];
    return [...this.tokensOf(branch.parent), ...own];
  }

  /** Lanes that already fill the model's positions end at once, with an empty cut step. */
  private async sampleWithin(lanes: readonly Lane[], signal: AbortSignal): Promise<Continuation[]> {
    const limit = this.engine.config.maxPositions;
    const sampled = await this.sample(
      lanes.filter(({ from }) => from.length < limit),
      signal,
    );
    let at = 0;
    return lanes.map((lane) =>
      lane.from.length < limit
        ? sampled[at++]
        : { leaf: cutStep(lane.request.branch, lane.stream), sequence: null, tokens: 0 },
    );
  }

  /** Samples all lanes in one call, or in halves where the slots do not suffice. */
  private async sample(lanes: readonly Lane[], signal: AbortSignal): Promise<Continuation[]> {
    if (lanes.length === 0) return [];
    try {
      const results = await this.engine.step(
        lanes.map((lane) => this.stepRequest(lane)),
        {
          signal,
        },
      );
      return results.map(([result], i) => this.finish(lanes[i], result));
    } catch (error) {
      if (!isOutOfSlots(error)) throw error;
      if (lanes.length === 1) {
        if (!this.cache.clear()) throw error;
        return this.sample(lanes, signal);
      }
    }
    const half = Math.ceil(lanes.length / 2);
    const first = await this.sample(lanes.slice(0, half), signal);
    try {
      return [...first, ...(await this.sample(lanes.slice(half), signal))];
    } catch (error) {
      for (const { sequence } of first) if (sequence) this.engine.free(sequence);
      throw error;
    }
  }

  private stepRequest({ request, stream, from }: Lane) {
    const whole = request.until === 'solution';
    return {
      sequence: from,
      streams: [stream],
      temperature: request.temperature,
      maxTokens: request.maxTokens,
      stopTokens: [this.newline],
      finalTokens: [this.eos],
      stopCount: whole ? (request.maxSteps ?? request.maxTokens) : 1,
    };
  }

  private finish({ request, stream }: Lane, result: StepResult): Continuation {
    const leaf = splitSteps(request, stream, result, {
      newline: this.newline,
      eos: this.eos,
      spell: (tokens) => this.tokenizer.spell(tokens),
    });
    const tokens = result.tokens.length;
    if (leaf.end === 'step') return { leaf, sequence: result.sequence, tokens };
    this.engine.free(result.sequence);
    return { leaf, sequence: null, tokens };
  }

  private costs(
    { sequence, readTokens }: Prefix,
    done: readonly Continuation[],
  ): Pick<Extension, 'usage' | 'leafUsage'> {
    const { config } = this.engine;
    const { length } = sequence;
    const leafUsage = done.map(({ tokens }): Usage => {
      // The last token is sampled, not run.
      const end = length + tokens - 1;
      return {
        prefillTokens: 0,
        sampledTokens: tokens,
        flopsExecuted: flopsOfRange(config, length, end),
        flopsNominal: tokens === 0 ? 0 : flopsOfRange(config, 0, end),
      };
    });
    const shared: Usage = {
      prefillTokens: readTokens,
      sampledTokens: 0,
      flopsExecuted: flopsOfRange(config, readTokens > 0 ? 0 : length - 1, length),
      flopsNominal: 0,
    };
    return { usage: leafUsage.reduce(addUsage, shared), leafUsage };
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

function isOutOfSlots(error: unknown): boolean {
  return error instanceof AppError && error.code === 'out-of-slots';
}
