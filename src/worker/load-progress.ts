/** Adds up the progress of several models and tells the page, a few times a second. */
import type { EngineState, LOADING_STEPS } from './protocol.ts';

const TELL_EVERY_MS = 80;

export class LoadProgress {
  private readonly models = new Map<string, { loaded: number; total: number }>();
  private current: (typeof LOADING_STEPS)[number] = 'downloading';
  private lastTold = -Infinity;

  constructor(
    private readonly onState: (state: EngineState) => void,
    private readonly clock: () => number,
  ) {}

  get totalBytes(): number {
    return this.sum('total');
  }

  expect(model: string, total: number): void {
    this.models.set(model, { loaded: 0, total });
  }

  report(model: string, loaded: number, total: number): void {
    this.models.set(model, { loaded, total });
    if (this.clock() - this.lastTold >= TELL_EVERY_MS) this.tell();
  }

  step(step: (typeof LOADING_STEPS)[number]): void {
    this.current = step;
    this.tell();
  }

  private tell(): void {
    this.lastTold = this.clock();
    this.onState({
      phase: 'loading',
      step: this.current,
      loadedBytes: this.sum('loaded'),
      totalBytes: this.sum('total'),
    });
  }

  private sum(field: 'loaded' | 'total'): number {
    let sum = 0;
    for (const model of this.models.values()) sum += model[field];
    return sum;
  }
}
