/**
 * The engine over any transformer device: sequences, slots, passes, aborts and the queue that runs
 * overlapping calls one after another. Holds no numbers of its own.
 *
 * The last token of a sequence is usually pending: its key, value and head outputs are computed
 * when they are needed. `computed` counts the tokens whose keys and values are in their slots.
 */
import { AppError, invariant, toAppError, throwIfAborted } from '../shared/errors.ts';
import { createBreather } from './breather.ts';
import { decodeLanes, type Lane } from './decode-lanes.ts';
import type { TransformerDevice } from './device.ts';
import type {
  CallOptions,
  Engine,
  EngineCapabilities,
  PoolStatus,
  ScoreRequest,
  Sequence,
  StepRequest,
  StepResult,
} from './engine.ts';
import { KvPool, type SlotList } from './kv-pool.ts';
import { runRows } from './run-rows.ts';
import type { ModelConfig } from './weights/model-config.ts';

class OpenSequence implements Sequence {
  freed = false;
  constructor(
    readonly owner: TransformerEngine,
    public tokens: readonly number[],
    readonly list: SlotList,
    public computed: number,
  ) {}

  get length(): number {
    return this.tokens.length;
  }
}

export class TransformerEngine implements Engine {
  readonly capabilities: EngineCapabilities;
  readonly config: ModelConfig;
  private readonly slots: KvPool;
  private readonly open = new Set<OpenSequence>();
  private tail: Promise<unknown> = Promise.resolve();
  private disposed = false;

  constructor(private readonly device: TransformerDevice) {
    const { backend, label, slots, maxRows, config } = device;
    this.capabilities = { backend, label, slots, maxRows };
    this.config = config;
    this.slots = new KvPool(slots);
  }

  get pool(): PoolStatus {
    return {
      slotsUsed: this.slots.used,
      slotsTotal: this.slots.total,
      sequences: this.open.size,
      copiedBytes: 0,
    };
  }

  prefill(prompts: readonly (readonly number[])[], options?: CallOptions): Promise<Sequence[]> {
    return this.enqueue(options, async (between) => {
      for (const prompt of prompts) this.checkTokens(prompt, 0, 'A prompt');
      this.slots.require(prompts.reduce((sum, prompt) => sum + prompt.length, 0));
      const made = prompts.map((prompt) => {
        const list = this.slots.open();
        this.slots.grow(list, prompt.length);
        return this.admit(new OpenSequence(this, [...prompt], list, 0));
      });
      try {
        await this.readPending(made, between);
      } catch (error) {
        for (const sequence of made) this.free(sequence);
        throw error;
      }
      return made;
    });
  }

  fork(sequence: Sequence, count: number): Sequence[] {
    const parent = this.own(sequence);
    return Array.from({ length: count }, () => this.forkOne(parent));
  }

  step(requests: readonly StepRequest[], options?: CallOptions): Promise<StepResult[][]> {
    return this.enqueue(options, async (between) => {
      const parents = requests.map((request) => this.own(request.sequence));
      const limits = requests.map((request, r) => this.tokenLimit(request, parents[r]));
      this.slots.require(
        requests.reduce((sum, request, r) => sum + request.streams.length * limits[r], 0),
      );
      const children: OpenSequence[][] = requests.map((request, r) =>
        request.streams.map(() => this.forkOne(parents[r])),
      );
      try {
        children.forEach((siblings, r) =>
          siblings.forEach((child) => this.slots.grow(child.list, limits[r])),
        );
        // A child stands for its parent, which the caller may change meanwhile.
        const readers = new Map(parents.map((parent, r) => [parent, children[r].slice(0, 1)]));
        await this.readPending([...readers.values()].flat(), between);
        const lanes = requests.map((request, r) =>
          children[r].map((child, s) => laneOf(request, s, child, parents[r], limits[r])),
        );
        for (const group of groupByStops(lanes.flat())) {
          await decodeLanes(this.device, group, between);
        }
        parents.forEach((parent, r) => {
          if (children[r].length > 0) {
            parent.computed = Math.max(
              parent.computed,
              Math.min(parent.length, children[r][0].length),
            );
          }
        });
        return lanes.map((row, r) => row.map((lane, s) => this.settle(children[r][s], lane)));
      } catch (error) {
        for (const child of children.flat()) this.free(child);
        throw error;
      }
    });
  }

  score(requests: readonly ScoreRequest[], options?: CallOptions): Promise<Float32Array[]> {
    return this.enqueue(options, async (between) => {
      const sequences = requests.map((request) => this.own(request.sequence));
      invariant(new Set(sequences).size === sequences.length, 'a sequence is scored once a call');
      requests.forEach((request, r) =>
        this.checkTokens(request.tokens, sequences[r].length, 'A scored text'),
      );
      this.slots.require(requests.reduce((sum, request) => sum + request.tokens.length, 0));
      // Work on forks, so that a call that fails or is aborted leaves the originals as they were.
      const work = sequences.map((sequence) => this.forkOne(sequence));
      try {
        const jobs = work.map((sequence, r) => {
          const { tokens } = requests[r];
          const before = sequence.length;
          this.slots.grow(sequence.list, tokens.length);
          sequence.tokens = [...sequence.tokens, ...tokens];
          const from = tokens.length === 0 ? before : Math.min(sequence.computed, before);
          return {
            tokens: sequence.tokens,
            list: sequence.list,
            from,
            to: sequence.length,
            outputsFrom: before,
          };
        });
        const outputs = await runRows(this.device, jobs, between);
        sequences.forEach((sequence, r) => this.adopt(sequence, work[r]));
        return outputs;
      } finally {
        for (const sequence of work) this.free(sequence);
      }
    });
  }

  truncate(sequence: Sequence, length: number): void {
    const own = this.own(sequence);
    invariant(length >= 0 && length <= own.length, 'truncate to 0 … length tokens');
    this.slots.truncate(own.list, length);
    own.tokens = own.tokens.slice(0, length);
    own.computed = Math.min(own.computed, length);
  }

  free(sequence: Sequence): void {
    if (this.disposed) return;
    const own = this.own(sequence);
    this.slots.free(own.list);
    own.freed = true;
    this.open.delete(own);
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.tail;
    for (const sequence of this.open) this.slots.free(sequence.list);
    this.open.clear();
    await this.device.dispose();
  }

  /** Runs calls one after another; an abort while waiting ends a call before it begins. */
  private enqueue<T>(
    options: CallOptions | undefined,
    work: (between: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const turn = this.tail.then(async () => {
      invariant(!this.disposed, 'the engine is in use after dispose');
      throwIfAborted(options?.signal);
      try {
        return await work(createBreather(options?.signal));
      } catch (error) {
        // Bugs keep their own stack; everything foreseen is an AppError already.
        throw error instanceof Error && error.message.startsWith('invariant:')
          ? error
          : toAppError(error);
      }
    });
    this.tail = turn.catch(() => undefined);
    return turn;
  }

  /** Reads all tokens but the last of each sequence that are not in their slots yet. */
  private async readPending(
    sequences: readonly OpenSequence[],
    between: () => Promise<void>,
  ): Promise<void> {
    const jobs = sequences
      .filter((sequence) => sequence.computed < sequence.length - 1)
      .map(({ tokens, list, computed, length }) => ({
        tokens,
        list,
        from: computed,
        to: length - 1,
        outputsFrom: length,
      }));
    await runRows(this.device, jobs, between);
    for (const sequence of sequences) {
      sequence.computed = Math.max(sequence.computed, sequence.length - 1);
    }
  }

  private forkOne(parent: OpenSequence): OpenSequence {
    const list = this.slots.fork(parent.list);
    return this.admit(new OpenSequence(this, parent.tokens, list, parent.computed));
  }

  private admit(sequence: OpenSequence): OpenSequence {
    this.open.add(sequence);
    return sequence;
  }

  private own(sequence: Sequence): OpenSequence {
    invariant(
      sequence instanceof OpenSequence && sequence.owner === this && !sequence.freed,
      'a sequence of this engine that is open',
    );
    return sequence;
  }

  /** Gives a lane's tokens to its sequence and lets go of the slots it did not need. */
  private settle(child: OpenSequence, lane: Lane): StepResult {
    child.tokens = [...child.tokens, ...lane.tokens];
    child.computed = child.length - 1;
    this.slots.truncate(child.list, child.length);
    return { sequence: child, tokens: lane.tokens, logProbs: lane.logProbs };
  }

  /** Moves the grown list of a working fork into the caller's sequence. */
  private adopt(sequence: OpenSequence, work: OpenSequence): void {
    invariant(!sequence.freed, 'a sequence stays open while it is scored');
    this.slots.adopt(sequence.list, work.list);
    sequence.tokens = work.tokens;
    sequence.computed = work.length;
  }

  private tokenLimit(request: StepRequest, parent: OpenSequence): number {
    invariant(parent.length >= 1, 'something to continue');
    invariant(request.maxTokens >= 1, 'maxTokens of at least 1');
    invariant((request.stopCount ?? 1) >= 1, 'stopCount of at least 1');
    const room = this.config.maxPositions - parent.length;
    if (room < 1) throw tooLong('A continuation', parent.length + 1, this.config.maxPositions);
    return Math.min(request.maxTokens, room);
  }

  private checkTokens(tokens: readonly number[], before: number, what: string): void {
    invariant(before + tokens.length > 0, 'a sequence has at least one token');
    for (const token of tokens) {
      invariant(token >= 0 && token < this.config.vocab, `token ${token} is in the vocabulary`);
    }
    const length = before + tokens.length;
    if (length > this.config.maxPositions) throw tooLong(what, length, this.config.maxPositions);
  }
}

function laneOf(
  request: StepRequest,
  index: number,
  child: OpenSequence,
  parent: object,
  maxTokens: number,
): Lane {
  return {
    list: child.list,
    parent,
    parentLength: child.length,
    parentLastToken: child.tokens[child.length - 1],
    stream: request.streams[index],
    temperature: request.temperature,
    topK: request.topK ?? 0,
    topP: request.topP ?? 1,
    maxTokens,
    stopCount: request.stopCount ?? 1,
    stopTokens: request.stopTokens,
    finalTokens: request.finalTokens ?? [],
    tokens: [],
    logProbs: [],
  };
}

/** A device plan has one set of stop tokens; requests that differ go into plans of their own. */
function groupByStops(lanes: readonly Lane[]): Lane[][] {
  const groups = new Map<string, Lane[]>();
  for (const lane of lanes) {
    const key = `${lane.stopTokens.join()};${lane.finalTokens.join()}`;
    const group = groups.get(key);
    if (group) group.push(lane);
    else groups.set(key, [lane]);
  }
  return [...groups.values()];
}

function tooLong(what: string, length: number, limit: number): AppError {
  return new AppError('bad-input', `${what} of ${length} tokens is longer than the model reads.`, {
    advice: `Shorten the problem; the limit is ${limit} tokens.`,
  });
}
