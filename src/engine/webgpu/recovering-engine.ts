/**
 * An engine that survives the loss of its device: it remembers the tokens of every open sequence,
 * builds the next engine, reads the prefixes that are used again, and repeats the call that failed.
 * As draws depend on streams and positions only, the results are those of an engine never lost.
 */
import { AppError, invariant } from '../../shared/errors.ts';
import type {
  CallOptions,
  Engine,
  EngineCapabilities,
  PoolStatus,
  ScoreRequest,
  Sequence,
  StepRequest,
  StepResult,
} from '../engine.ts';
import type { ModelConfig } from '../weights/model-config.ts';

class Handle implements Sequence {
  freed = false;
  constructor(
    readonly owner: RecoveringEngine,
    public tokens: readonly number[],
    /** null: lost with its engine and not read again yet. */
    public inner: Sequence | null,
  ) {}

  get length(): number {
    return this.tokens.length;
  }
}

export interface RecoveryNotice {
  readonly lost: AppError;
  /** What goes on in its place. */
  readonly capabilities: EngineCapabilities;
}

export interface RecoveryOptions {
  /** Tried in order, each at most once, as devices are lost. One that fails is passed over. */
  readonly successors: readonly (() => Promise<Engine>)[];
  readonly onRecovery?: (notice: RecoveryNotice) => void;
}

export class RecoveringEngine implements Engine {
  readonly config: ModelConfig;
  private readonly open = new Set<Handle>();
  private readonly successors: (() => Promise<Engine>)[];
  /** Read again for a call although they are freed. */
  private readonly strays: Handle[] = [];
  private tail: Promise<unknown> = Promise.resolve();
  private disposed = false;

  constructor(
    private engine: Engine,
    private readonly options: RecoveryOptions,
  ) {
    this.config = engine.config;
    this.successors = [...options.successors];
  }

  /** Those of the engine at work: label and slots may change after a loss. */
  get capabilities(): EngineCapabilities {
    return this.engine.capabilities;
  }

  get pool(): PoolStatus {
    const { pool } = this.engine;
    let lost = 0;
    for (const handle of this.open) if (handle.inner === null) lost++;
    return { ...pool, sequences: pool.sequences + lost };
  }

  prefill(prompts: readonly (readonly number[])[], options?: CallOptions): Promise<Sequence[]> {
    return this.enqueue(async (engine) => {
      const inners = await engine.prefill(prompts, options);
      return inners.map((inner, p) => this.admit([...prompts[p]], inner));
    });
  }

  fork(sequence: Sequence, count: number): Sequence[] {
    const parent = this.own(sequence);
    if (parent.inner === null) {
      return Array.from({ length: count }, () => this.admit(parent.tokens, null));
    }
    return this.engine.fork(parent.inner, count).map((inner) => this.admit(parent.tokens, inner));
  }

  async step(requests: readonly StepRequest[], options?: CallOptions): Promise<StepResult[][]> {
    const parents = requests.map((request) => this.own(request.sequence));
    return this.enqueue(async (engine) => {
      await this.restore(engine, parents, options);
      const inner = requests.map((request, r) => ({ ...request, sequence: innerOf(parents[r]) }));
      const results = await engine.step(inner, options);
      return results.map((row, r) =>
        row.map(({ sequence, tokens, logProbs }) => ({
          sequence: this.admit([...parents[r].tokens, ...tokens], sequence),
          tokens,
          logProbs,
        })),
      );
    });
  }

  async score(requests: readonly ScoreRequest[], options?: CallOptions): Promise<Float32Array[]> {
    const handles = requests.map((request) => this.own(request.sequence));
    return this.enqueue(async (engine) => {
      await this.restore(engine, handles, options);
      const inner = requests.map((request, r) => ({ ...request, sequence: innerOf(handles[r]) }));
      const outputs = await engine.score(inner, options);
      handles.forEach((handle, r) => {
        handle.tokens = [...handle.tokens, ...requests[r].tokens];
      });
      return outputs;
    });
  }

  truncate(sequence: Sequence, length: number): void {
    const handle = this.own(sequence);
    invariant(length >= 0 && length <= handle.length, 'truncate to 0 … length tokens');
    if (handle.inner !== null) this.engine.truncate(handle.inner, length);
    handle.tokens = handle.tokens.slice(0, length);
  }

  free(sequence: Sequence): void {
    if (this.disposed) return;
    const handle = this.own(sequence);
    if (handle.inner !== null) this.engine.free(handle.inner);
    handle.inner = null;
    handle.freed = true;
    this.open.delete(handle);
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.tail;
    this.open.clear();
    await this.engine.dispose();
  }

  /** Runs calls one after another, and again on the next engine while devices are lost. */
  private enqueue<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    const turn = this.tail.then(async () => {
      invariant(!this.disposed, 'the engine is in use after dispose');
      for (;;) {
        try {
          return await work(this.engine);
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== 'device-lost') throw error;
          await this.succeed(error);
        } finally {
          this.freeStrays();
        }
      }
    });
    this.tail = turn.catch(() => undefined);
    return turn;
  }

  private freeStrays(): void {
    for (const stray of this.strays.splice(0)) {
      if (stray.inner !== null) this.engine.free(stray.inner);
      stray.inner = null;
    }
  }

  /** Puts the next engine to work. Throws `lost` when none is left. */
  private async succeed(lost: AppError): Promise<void> {
    for (;;) {
      const successor = this.successors.shift();
      if (!successor) throw lost;
      const next = await successor().catch(() => null);
      if (next === null) continue;
      const before = this.engine;
      this.engine = next;
      for (const handle of [...this.open, ...this.strays]) handle.inner = null;
      await before.dispose().catch(() => undefined);
      this.options.onRecovery?.({ lost, capabilities: next.capabilities });
      return;
    }
  }

  /** Reads the sequences that were lost, each from the longest prefix that is already there. */
  private async restore(
    engine: Engine,
    handles: readonly Handle[],
    options: CallOptions | undefined,
  ): Promise<void> {
    for (const handle of handles) {
      if (handle.inner !== null) continue;
      handle.inner = await this.read(engine, handle.tokens, options);
      // Let go by its owner while the call was in flight: needed to repeat the call, no longer.
      if (handle.freed) this.strays.push(handle);
    }
  }

  private async read(
    engine: Engine,
    tokens: readonly number[],
    options: CallOptions | undefined,
  ): Promise<Sequence> {
    const donor = this.nearest(tokens);
    const shared = donor === null ? 0 : sharedLength(donor.tokens, tokens);
    if (donor === null || shared === 0) {
      // A prompt has at least one token; an emptied sequence has none.
      const [whole] = await engine.prefill([tokens.length > 0 ? tokens : [0]], options);
      engine.truncate(whole, tokens.length);
      return whole;
    }
    const [fork] = engine.fork(innerOf(donor), 1);
    try {
      engine.truncate(fork, shared);
      const rest = tokens.slice(shared);
      if (rest.length > 0) await engine.score([{ sequence: fork, tokens: rest }], options);
      return fork;
    } catch (error) {
      engine.free(fork);
      throw error;
    }
  }

  private nearest(tokens: readonly number[]): Handle | null {
    let best: Handle | null = null;
    let bestShared = 0;
    for (const handle of this.open) {
      if (handle.inner === null) continue;
      const shared = sharedLength(handle.tokens, tokens);
      if (shared > bestShared) [best, bestShared] = [handle, shared];
    }
    return best;
  }

  private admit(tokens: readonly number[], inner: Sequence | null): Handle {
    const handle = new Handle(this, tokens, inner);
    this.open.add(handle);
    return handle;
  }

  private own(sequence: Sequence): Handle {
    invariant(
      sequence instanceof Handle && sequence.owner === this && !sequence.freed,
      'a sequence of this engine that is open',
    );
    return sequence;
  }
}

function innerOf(handle: Handle): Sequence {
  invariant(handle.inner !== null, 'a sequence is restored before use');
  return handle.inner;
}

function sharedLength(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a[at] === b[at]) at++;
  return at;
}
