/**
 * Lets several runs share batches: the problems of a sweep, or two strategies side by side. Each
 * run gets a lane and sees ordinary policies and verifiers; calls wait until every live lane waits,
 * then go to the device together, one call for each model. Models on devices of their own work side by
 * side: one run's steps are scored while another's are written. Models whose calls overlap anyhow, such as
 * a server's, are called at once: nobody waits for the slowest run of a batch. Results do not depend on
 * what shares a batch, so a run's log is the same as if it ran alone.
 *
 * A lane must be closed when its run is over, or the others wait for it forever.
 */
import type { Branch } from '../shared/branch.ts';
import { isAbort, throwIfAborted, toAppError } from '../shared/errors.ts';
import type { ExtendRequest, Extension, Policy, Usage } from '../shared/policy.ts';
import type { Verdict, Verifier } from '../verify/verifier.ts';
import { SharedClock } from './shared-clock.ts';
import { isOutOfSlots } from './split-batch.ts';

interface Job {
  /** Jobs with the same target share a call. */
  readonly target: Target;
  readonly items: readonly unknown[];
  readonly signal: AbortSignal | undefined;
  readonly lane: Lane;
  readonly resolve: (results: unknown[]) => void;
  readonly reject: (error: unknown) => void;
  settled: boolean;
}

/** A model behind the batcher. Results are in the order of the items. */
interface Target {
  /** Whether each call goes out by itself, as soon as it is made. */
  overlaps(): boolean;
  /** Whether its device can work while others do. */
  ownDevice(): boolean;
  call(items: readonly unknown[], signal: AbortSignal): Promise<{ usage: Usage }[]>;
  /** Lets go of results that nobody waits for any more. */
  discard(results: readonly unknown[]): void;
}

export class Batcher {
  private readonly lanes = new Set<Lane>();
  private readonly waiting = new Map<Lane, Job>();
  /** Lanes with a call of their own under way. */
  private readonly apart = new Set<Lane>();
  private readonly targets = new Map<Policy | Verifier, Target>();
  private readonly clock: SharedClock;
  private flushing = false;

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.clock = new SharedClock(now);
  }

  openLane(): Lane {
    const lane: Lane = new Lane({
      close: () => {
        this.lanes.delete(lane);
        this.flushIfAllWait();
      },
      submit: (model, makeTarget, items, signal) =>
        this.submit(lane, this.targetOf(model, makeTarget), items, signal),
    });
    this.lanes.add(lane);
    return lane;
  }

  private targetOf(model: Policy | Verifier, makeTarget: () => Target): Target {
    const known = this.targets.get(model);
    if (known !== undefined) return known;
    const target = makeTarget();
    this.targets.set(model, target);
    return target;
  }

  private async submit(
    lane: Lane,
    target: Target,
    items: readonly unknown[],
    signal: AbortSignal | undefined,
  ): Promise<unknown[]> {
    throwIfAborted(signal);
    if (target.overlaps()) return this.callAtOnce(lane, target, items, signal);
    let onAbort = () => {};
    try {
      return await new Promise<unknown[]>((resolve, reject) => {
        const job: Job = { target, items, signal, lane, resolve, reject, settled: false };
        onAbort = () => {
          // Before its batch began the job is withdrawn, afterwards its results are discarded.
          if (this.waiting.get(lane) === job) this.waiting.delete(lane);
          settle(job, () => reject(abortOf(signal)));
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        this.waiting.set(lane, job);
        this.flushIfAllWait();
      });
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  private async callAtOnce(
    lane: Lane,
    target: Target,
    items: readonly unknown[],
    signal: AbortSignal | undefined,
  ): Promise<unknown[]> {
    // A lane that waits for a server holds up no batch of the others.
    this.apart.add(lane);
    this.flushIfAllWait();
    const timer = this.clock.start();
    try {
      return await target.call(items, signal ?? new AbortController().signal);
    } finally {
      lane.charge(timer.stop());
      this.apart.delete(lane);
    }
  }

  private flushIfAllWait(): void {
    if (this.flushing || this.waiting.size === 0) return;
    for (const lane of this.lanes) if (!this.waiting.has(lane) && !this.apart.has(lane)) return;
    this.flushing = true;
    void this.flush();
  }

  private async flush(): Promise<void> {
    const jobs = [...this.waiting.values()];
    this.waiting.clear();
    const byTarget = new Map<Target, Job[]>();
    for (const job of jobs) byTarget.set(job.target, [...(byTarget.get(job.target) ?? []), job]);
    const calls = [...byTarget];
    const here = calls.filter(([target]) => !target.ownDevice());
    const apart = calls.filter(([target]) => target.ownDevice());
    await Promise.all([
      ...apart.map(([target, own]) => this.runTogether(target, own)),
      this.runInTurn(here),
    ]);
    this.flushing = false;
    this.flushIfAllWait();
  }

  /** Models of this thread would only be in each other's way. */
  private async runInTurn(calls: readonly (readonly [Target, Job[]])[]): Promise<void> {
    for (const [target, own] of calls) await this.runTogether(target, own);
  }

  /** Settles every job. What fails together is tried apart, so that an error stays with its run. */
  private async runTogether(target: Target, jobs: readonly Job[]): Promise<void> {
    const open = jobs.filter((job) => !job.settled);
    if (open.length === 0) return;
    const timer = this.clock.start();
    try {
      const everyone = signalOfAll(open);
      const items = open.flatMap((job) => job.items);
      const results = await target.call(items, everyone.signal).finally(everyone.detach);
      const elapsedMs = timer.stop();
      const total = tokensOf(results);
      let from = 0;
      for (const job of open) {
        const own = results.slice(from, (from += job.items.length));
        job.lane.charge(elapsedMs * (total > 0 ? tokensOf(own) / total : 1 / open.length));
        if (job.settled) target.discard(own);
        else settle(job, () => job.resolve(own));
      }
    } catch (thrown) {
      timer.stop();
      if (open.length === 1 || isAbort(thrown)) {
        for (const job of open) settle(job, () => job.reject(thrown));
        return;
      }
      const size = isOutOfSlots(thrown) ? Math.ceil(open.length / 2) : 1;
      for (let at = 0; at < open.length; at += size) {
        await this.runTogether(target, open.slice(at, at + size));
      }
    }
  }
}

type Submit = (
  model: Policy | Verifier,
  makeTarget: () => Target,
  items: readonly unknown[],
  signal: AbortSignal | undefined,
) => Promise<unknown[]>;

/** One run's way to the shared models. One call at a time, as strategies do. */
export class Lane {
  private deviceMs = 0;
  private open = true;

  constructor(private readonly owner: { submit: Submit; close(): void }) {}

  policy(policy: Policy): Policy {
    return {
      capabilities: policy.capabilities,
      extend: async (requests, signal) =>
        (await this.owner.submit(
          policy,
          () => policyTarget(policy),
          requests,
          signal,
        )) as Extension[],
      release: (branches) => policy.release(branches),
    };
  }

  verifier(verifier: Verifier): Verifier {
    return {
      capabilities: verifier.capabilities,
      score: async (branches, signal) =>
        (await this.owner.submit(
          verifier,
          () => verifierTarget(verifier),
          branches,
          signal,
        )) as Verdict[],
      release: (branches) => verifier.release(branches),
    };
  }

  /** Milliseconds of device time that this run used: its share, by tokens, of each batch. */
  clock(): number {
    return this.deviceMs;
  }

  charge(elapsedMs: number): void {
    this.deviceMs += elapsedMs;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.owner.close();
  }
}

function policyTarget(policy: Policy): Target {
  return {
    overlaps: () => policy.capabilities.overlaps ?? false,
    ownDevice: () => policy.capabilities.ownDevice ?? false,
    call: (items, signal) => policy.extend(items as readonly ExtendRequest[], signal),
    discard: (results) =>
      policy.release((results as readonly Extension[]).flatMap(({ leaves }) => leaves)),
  };
}

function verifierTarget(verifier: Verifier): Target {
  return {
    overlaps: () => verifier.capabilities.overlaps ?? false,
    ownDevice: () => verifier.capabilities.ownDevice ?? false,
    call: (items, signal) => verifier.score(items as readonly Branch[], signal),
    // What was scored belongs to branches that their run releases itself.
    discard: () => {},
  };
}

function settle(job: Job, act: () => void): void {
  if (job.settled) return;
  job.settled = true;
  act();
}

function abortOf(signal: AbortSignal | undefined): unknown {
  try {
    throwIfAborted(signal);
  } catch (thrown) {
    return thrown;
  }
  return toAppError(new DOMException('Stopped.', 'AbortError'));
}

function tokensOf(results: readonly { usage: Usage }[]): number {
  return results.reduce((sum, { usage }) => sum + usage.prefillTokens + usage.sampledTokens, 0);
}

/** Aborts once nobody waits any more: one run's stop must not stop the others. */
function signalOfAll(jobs: readonly Job[]): { signal: AbortSignal; detach: () => void } {
  const controller = new AbortController();
  const check = () => {
    if (jobs.every((job) => job.signal?.aborted)) controller.abort();
  };
  for (const job of jobs) job.signal?.addEventListener('abort', check);
  const detach = () => {
    for (const job of jobs) job.signal?.removeEventListener('abort', check);
  };
  return { signal: controller.signal, detach };
}
