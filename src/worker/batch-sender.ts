/**
 * Collects items and hands them on at most every `intervalMs`, so that a fast search does not drown
 * the page in messages. The first item goes out at once; the last ones with `flush`.
 */
export class BatchSender<T> {
  private waiting: T[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private lastSent = -Infinity;

  constructor(
    private readonly send: (items: T[]) => void,
    private readonly intervalMs: number,
    private readonly clock: () => number,
  ) {}

  add(...items: T[]): void {
    this.waiting.push(...items);
    const due = this.lastSent + this.intervalMs - this.clock();
    if (due <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), due);
  }

  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.waiting.length === 0) return;
    const items = this.waiting;
    this.waiting = [];
    this.lastSent = this.clock();
    this.send(items);
  }
}
