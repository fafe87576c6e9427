/** Retries with exponential back-off and the server's own Retry-After. */
import { AppError, throwIfAborted } from '../../shared/errors.ts';

export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, firstDelayMs: 500, maxDelayMs: 20_000 };

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Milliseconds before try `attempt` (2 is the first retry). The server's word counts, up to the
 * maximum; otherwise doubling, with up to a quarter of jitter so that branches do not come back in
 * step. `jitter` in [0, 1). */
export function delayBefore(
  attempt: number,
  policy: RetryPolicy,
  retryAfterMs: number | null,
  jitter: number,
): number {
  if (retryAfterMs !== null) return Math.min(retryAfterMs, policy.maxDelayMs);
  const doubled = policy.firstDelayMs * 2 ** (attempt - 2);
  return Math.min(doubled * (1 + jitter / 4), policy.maxDelayMs);
}

/** A retryable AppError that knows how long to wait. */
export class Retryable extends Error {
  constructor(
    readonly error: AppError,
    readonly retryAfterMs: number | null = null,
  ) {
    super(error.message);
  }
}

/** Runs `task` until it succeeds, fails for good, or the tries are used up. Throws AppErrors. */
export async function withRetry<T>(
  task: (attempt: number) => Promise<T>,
  policy: RetryPolicy,
  sleep: Sleep,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    try {
      return await task(attempt);
    } catch (thrown) {
      throwIfAborted(signal);
      const error = thrown instanceof Retryable ? thrown.error : thrown;
      const again = error instanceof AppError && error.retryable && attempt < policy.attempts;
      if (!again) throw error;
      const retryAfterMs = thrown instanceof Retryable ? thrown.retryAfterMs : null;
      await sleep(delayBefore(attempt + 1, policy, retryAfterMs, Math.random()), signal);
    }
  }
}

/** Resolves after `ms`, or rejects at once with AppError `aborted`. */
export const realSleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(new AppError('aborted', 'Stopped.', { advice: 'Run again when you like.' }));
    };
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
