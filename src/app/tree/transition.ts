/** Nodes on their way from one layout to another. Only what changes place moves. */
import type { Placement } from './placement.ts';
import type { Positions } from './scene.ts';

const MOVE_MS = 360;

export class Transition {
  private from: { depth: Float64Array; row: Float64Array } | null = null;
  private to: Placement | null = null;
  private since = 0;
  private now: { depth: Float64Array; row: Float64Array } | null = null;

  get isActive(): boolean {
    return this.from !== null;
  }

  /** Positions under way; null when everything has arrived. */
  get positions(): Positions | null {
    return this.now;
  }

  /** Starts from wherever things stand now. Another run (`before` is null) does not glide. */
  begin(before: Placement | null, to: Placement, now: number): void {
    const start: Positions | null = before === null ? null : (this.now ?? before);
    this.from = this.now = null;
    if (start === null || start.row.length === 0 || to.row.length < start.row.length) return;
    const count = to.row.length;
    const depth = Float64Array.from({ length: count }, (_, i) => start.depth[i] ?? to.depth[i]);
    const row = Float64Array.from({ length: count }, (_, i) => start.row[i] ?? to.row[i]);
    this.from = { depth, row };
    this.now = { depth: depth.slice(), row: row.slice() };
    this.to = to;
    this.since = now;
  }

  advance(time: number): void {
    if (this.from === null || this.now === null || this.to === null) return;
    const t = Math.min(Math.max((time - this.since) / MOVE_MS, 0), 1);
    if (t >= 1) {
      this.from = this.now = this.to = null;
      return;
    }
    const part = t * t * (3 - 2 * t);
    for (let i = 0; i < this.now.row.length; i++) {
      this.now.depth[i] = this.from.depth[i] + (this.to.depth[i] - this.from.depth[i]) * part;
      this.now.row[i] = this.from.row[i] + (this.to.row[i] - this.from.row[i]) * part;
    }
  }
}
