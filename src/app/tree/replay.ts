/**
 * Plays a log back. Logs carry no times worth replaying (a batch arrives at once), so events get a
 * rhythm of their own: a step takes a beat, its score a third of one, a new round a pause.
 */
import type { RunEvent } from '../../shared/run-events.ts';

export const SPEEDS = [0.5, 1, 2, 4, 8] as const;

const BEATS: Readonly<Record<RunEvent['type'], number>> = {
  start: 0,
  truth: 0,
  round: 6,
  node: 1,
  duplicate: 0.1,
  score: 0.35,
  rank: 0.15,
  candidate: 0.5,
  baseline: 0.5,
  note: 0,
  ledger: 0,
  answer: 3,
  end: 0,
};
const BEAT_MS = 90;
/** A replay at speed 1 lasts at most so long. */
const LONGEST_MS = 20_000;

/** Beats elapsed before each event: `at[n]` is the time at which `n` events are shown. */
export class Score {
  private readonly at: number[] = [0];

  extend(events: readonly RunEvent[]): void {
    for (let i = this.at.length - 1; i < events.length; i++) {
      this.at.push(this.at[i] + BEATS[events[i].type]);
    }
  }

  get total(): number {
    return this.at[this.at.length - 1];
  }

  beatOf(cursor: number): number {
    return this.at[Math.min(Math.max(cursor, 0), this.at.length - 1)];
  }

  /** The most events whose time has come at `beat`. */
  cursorAt(beat: number): number {
    let low = 0;
    let high = this.at.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.at[middle] <= beat) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Beats a millisecond at speed 1. */
  get tempo(): number {
    return Math.max(1 / BEAT_MS, this.total / LONGEST_MS);
  }
}

export interface ReplayHost {
  events(): readonly RunEvent[];
  cursor(): number;
  seek(cursor: number): void;
  /** Playing began or ended. */
  changed(isPlaying: boolean): void;
  /** The end of the log was reached. */
  ended(): void;
  requestFrame(callback: (now: number) => void): number;
  cancelFrame(handle: number): void;
}

/** The player: moves the cursor a frame at a time while playing. */
export class Replay {
  speed = 1;
  private score = new Score();
  private head: RunEvent | undefined;
  private beat = 0;
  private shown = -1;
  private last = 0;
  private handle: number | null = null;

  constructor(private readonly host: ReplayHost) {}

  get isPlaying(): boolean {
    return this.handle !== null;
  }

  /** Plays on from the cursor, or from the beginning where it stands at the end. */
  play(): void {
    if (this.isPlaying || this.host.events().length === 0) return;
    this.load();
    if (this.host.cursor() >= this.host.events().length) this.host.seek(0);
    this.beat = this.score.beatOf(this.host.cursor());
    this.shown = this.host.cursor();
    this.last = -1;
    this.handle = this.host.requestFrame(this.tick);
    this.host.changed(true);
  }

  pause(): void {
    if (this.handle === null) return;
    this.host.cancelFrame(this.handle);
    this.handle = null;
    this.host.changed(false);
  }

  private readonly tick = (now: number): void => {
    this.load();
    // Someone else moved the cursor: go on from there.
    if (this.host.cursor() !== this.shown) this.beat = this.score.beatOf(this.host.cursor());
    // A hidden tab delivers frames late; it must not skip what nobody saw.
    const elapsed = this.last < 0 ? 0 : Math.min(now - this.last, 100);
    this.last = now;
    this.beat += elapsed * this.score.tempo * this.speed;
    this.shown = Math.max(this.score.cursorAt(this.beat), this.host.cursor());
    if (this.shown !== this.host.cursor()) this.host.seek(this.shown);
    if (this.shown >= this.host.events().length) {
      this.pause();
      this.host.ended();
      return;
    }
    this.handle = this.host.requestFrame(this.tick);
  };

  private load(): void {
    const events = this.host.events();
    if (events[0] !== this.head) {
      this.head = events[0];
      this.score = new Score();
    }
    this.score.extend(events);
  }
}

const SILENT: ReadonlySet<RunEvent['type']> = new Set(['ledger', 'note', 'duplicate', 'start']);

/** The next or previous position at which something on screen changes. */
export function stepCursor(events: readonly RunEvent[], cursor: number, by: 1 | -1): number {
  let at = cursor;
  do at += by;
  while (at > 0 && at < events.length && SILENT.has(events[at - 1].type));
  return Math.min(Math.max(at, 0), events.length);
}
