/**
 * Time of calls that may overlap: while n of them are under way, each is charged an n-th of the time
 * that passes, so that all charges together are the time that passed.
 */
export interface CallTimer {
  /** Milliseconds charged to the call. Stopping again changes nothing. */
  stop(): number;
}

export class SharedClock {
  private readonly running = new Set<{ chargedMs: number }>();
  private readAt = 0;

  /** `now` in milliseconds, monotone. */
  constructor(private readonly now: () => number) {}

  start(): CallTimer {
    this.charge();
    const call = { chargedMs: 0 };
    this.running.add(call);
    return {
      stop: () => {
        if (this.running.has(call)) this.charge();
        this.running.delete(call);
        return call.chargedMs;
      },
    };
  }

  private charge(): void {
    const at = this.now();
    const share = (at - this.readAt) / Math.max(1, this.running.size);
    for (const call of this.running) call.chargedMs += share;
    this.readAt = at;
  }
}
