/** Where the rounds of a run lie in its log, and what each came to. */
import type { RunEvent } from '../../shared/run-events.ts';
import { scoreText } from './ramp.ts';

export interface Round {
  /** From 1. */
  readonly number: number;
  /** Index of its first event. */
  readonly start: number;
  /** Index after its last event, so far. */
  end: number;
  readonly requested: number;
  kept: number;
  finished: number;
  best: number | null;
}

/** A fold over a growing log. */
export class RoundIndex {
  readonly rounds: Round[] = [];
  private cursor = 0;
  private head: RunEvent | undefined;

  /** Reads what is new; another log, or a shorter one, is read from the beginning. */
  advance(events: readonly RunEvent[]): readonly Round[] {
    if (events[0] !== this.head || events.length < this.cursor) {
      this.rounds.length = 0;
      this.cursor = 0;
      this.head = events[0];
    }
    for (; this.cursor < events.length; this.cursor++) this.push(events[this.cursor]);
    return this.rounds;
  }

  private push(event: RunEvent): void {
    if (event.type === 'round') {
      this.rounds.push({
        number: this.rounds.length + 1,
        start: this.cursor,
        end: this.cursor + 1,
        requested: event.requested,
        kept: 0,
        finished: 0,
        best: null,
      });
      return;
    }
    const round = this.rounds.at(-1);
    if (round === undefined) return;
    if (event.type === 'rank' && event.kept) round.kept++;
    if (event.type === 'candidate' && event.finished) round.finished++;
    if (event.type === 'score') round.best = Math.max(round.best ?? event.score, event.score);
    if (event.type !== 'answer' && event.type !== 'end') round.end = this.cursor + 1;
  }
}

/** The last round that is over at `cursor`; null before the first is. */
export function finishedRound(
  rounds: readonly Round[],
  cursor: number,
  isComplete: boolean,
): Round | null {
  for (let i = rounds.length - 1; i >= 0; i--) {
    const isOver = i + 1 < rounds.length || isComplete;
    if (isOver && rounds[i].end <= cursor) return rounds[i];
  }
  return null;
}

export function roundAt(rounds: readonly Round[], cursor: number): Round | null {
  return rounds.findLast((round) => round.start < cursor) ?? null;
}

/** "Round 2: 16 candidates, 4 kept, best .91" */
export function roundText(round: Round): string {
  const parts = [`${round.requested} ${round.requested === 1 ? 'candidate' : 'candidates'}`];
  if (round.kept > 0) parts.push(`${round.kept} kept`);
  if (round.finished > 0) parts.push(`${round.finished} finished`);
  if (round.best !== null) parts.push(`best ${scoreText(round.best)}`);
  return `Round ${round.number}: ${parts.join(', ')}`;
}
