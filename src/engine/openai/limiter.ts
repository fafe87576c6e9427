/** At most so many tasks at a time; the others wait in order of arrival. */
import { throwIfAborted } from '../../shared/errors.ts';

/** Requests to a server at the same time: servers batch what arrives together. */
export const DEFAULT_CONCURRENCY = 16;
export const MAX_CONCURRENCY = 256;

export class Limiter {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.running >= this.limit) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running++;
    }
    try {
      // An aborted task passes its turn on without having started.
      throwIfAborted(signal);
      return await task();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
