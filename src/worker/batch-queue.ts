/** An unbounded queue of batches, read as an async iterable by one reader. */
export class BatchQueue<T> implements AsyncIterable<readonly T[]> {
  private waiting: T[] = [];
  private ended = false;
  private error: Error | null = null;
  private wake: (() => void) | null = null;

  push(batch: readonly T[]): void {
    for (const item of batch) this.waiting.push(item);
    this.wake?.();
  }

  /** What was pushed before is still delivered; then the iteration ends, or throws `error`. */
  end(error: Error | null): void {
    this.ended = true;
    this.error = error;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly T[], void, void> {
    for (;;) {
      if (this.waiting.length > 0) {
        const batch = this.waiting;
        this.waiting = [];
        yield batch;
      } else if (this.ended) {
        if (this.error !== null) throw this.error;
        return;
      } else {
        await new Promise<void>((resolve) => (this.wake = resolve));
        this.wake = null;
      }
    }
  }
}
