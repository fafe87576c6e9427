/**
 * Gathers calls that arrive while a batch is running into the next batch, so that searches which run
 * side by side share the passes of one engine. One batch at a time.
 */
import { AppError, isAbort, throwIfAborted } from '../shared/errors.ts';

type RunBatch<Request, Result> = (
  requests: readonly Request[],
  signal: AbortSignal,
) => Promise<Result[]>;

interface Call<Request, Result> {
  readonly requests: readonly Request[];
  readonly signal: AbortSignal | undefined;
  readonly resolve: (results: Result[]) => void;
  readonly reject: (error: unknown) => void;
}

export class CallQueue<Request, Result> {
  private waiting: Call<Request, Result>[] = [];
  private running = false;

  /** `discard` is given results that nobody waits for any more. */
  constructor(
    private readonly run: RunBatch<Request, Result>,
    private readonly discard: (results: readonly Result[]) => void,
  ) {}

  submit(requests: readonly Request[], signal: AbortSignal | undefined): Promise<Result[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ requests, signal, resolve, reject });
      if (!this.running) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.running = true;
    // Callers that are resumed in the same turn join the first batch.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const calls = this.waiting;
      this.waiting = [];
      const live = calls.filter((call) => !rejectIfAborted(call));
      if (live.length > 0) await this.runCalls(live);
    }
    this.running = false;
  }

  private async runCalls(calls: readonly Call<Request, Result>[]): Promise<void> {
    const stop = new AbortController();
    const stopWhenAllStopped = () => {
      if (calls.every((call) => call.signal?.aborted)) stop.abort();
    };
    for (const { signal } of calls) signal?.addEventListener('abort', stopWhenAllStopped);
    try {
      const results = await this.run(
        calls.flatMap((call) => call.requests),
        stop.signal,
      );
      let at = 0;
      for (const call of calls) {
        const own = results.slice(at, (at += call.requests.length));
        if (rejectIfAborted(call)) this.discard(own);
        else call.resolve(own);
      }
    } catch (error) {
      await this.fail(calls, error);
    } finally {
      for (const { signal } of calls) signal?.removeEventListener('abort', stopWhenAllStopped);
    }
  }

  /** One call's failure must not become its neighbours': each is run again by itself. */
  private async fail(calls: readonly Call<Request, Result>[], error: unknown): Promise<void> {
    const fatal = error instanceof AppError && error.code === 'device-lost';
    if (calls.length === 1 || fatal || isAbort(error)) {
      for (const call of calls) call.reject(error);
      return;
    }
    for (const call of calls) if (!rejectIfAborted(call)) await this.runCalls([call]);
  }
}

function rejectIfAborted<Request, Result>(call: Call<Request, Result>): boolean {
  try {
    throwIfAborted(call.signal);
    return false;
  } catch (error) {
    call.reject(error);
    return true;
  }
}
