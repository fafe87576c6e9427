import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../shared/run-events.ts';
import { viewAt } from '../../shared/run-view.ts';
import { SAMPLE_EVENTS } from '../../storage/testing/sample-log.ts';
import { failuresOf, isFailure } from './failures.ts';
import { judgeRows, whatSpoilingShows } from './judges.ts';

const SETTINGS = { selection: 'weighted', aggregation: 'last', seed: 1 } as const;

/** Solutions that score well when they are right; the wrong one is the commoner. */
const events = SAMPLE_EVENTS.map((event): RunEvent => {
  if (event.type !== 'candidate') return event;
  const right = event.index === 0;
  const answer = right ? '24' : '18';
  return { ...event, answer, answerText: answer, correct: right, stepScores: [right ? 0.9 : 0.1] };
});
const view = viewAt(events, Infinity);

describe('judging again', () => {
  it('shows what each verifier would have chosen, the spoilt ones over a hundred draws', () => {
    const rows = judgeRows(view, SETTINGS);
    expect(rows.map((row) => row.id)).toEqual(['own', 'flipped', 'random', 'votes', 'likelihood']);
    expect(rows[0]).toMatchObject({ answerText: '24', correct: true, draws: null });
    const [, flipped, random] = rows;
    // Two verdicts, each turned round one time in five: wrong when the first is or both are close.
    expect(flipped.draws?.of).toBe(100);
    expect(flipped.draws?.right).toBeGreaterThan(50);
    expect(flipped.draws?.right).toBeLessThan(100);
    expect(random.draws?.right).toBeGreaterThan(25);
    expect(random.draws?.right).toBeLessThan(75);
    expect(whatSpoilingShows(view, rows, 'weighted')).toMatch(
      /chose right.*fifth.*the distance from the die/,
    );
  });

  it('says that a majority vote asks no verifier', () => {
    const rows = judgeRows(view, { ...SETTINGS, selection: 'majority' });
    expect(new Set(rows.map((row) => row.answerText)).size).toBe(1);
    expect(rows[1].draws).toMatchObject({ same: 100 });
    expect(whatSpoilingShows(view, rows, 'majority')).toContain('does not ask the verifier');
  });

  it('compares answers where the truth is not known', () => {
    const open = events.map((event): RunEvent =>
      event.type === 'candidate' ? { ...event, correct: null } : event,
    );
    const unknown = viewAt(open, Infinity);
    const rows = judgeRows(unknown, SETTINGS);
    expect(rows[1].draws?.right).toBeNull();
    expect(whatSpoilingShows(unknown, rows, 'weighted')).toContain('the same answer wins');
  });

  it('does not praise or blame a verifier that had nothing right to choose', () => {
    const hopeless = viewAt(SAMPLE_EVENTS, Infinity);
    const rows = judgeRows(hopeless, SETTINGS);
    expect(whatSpoilingShows(hopeless, rows, 'weighted')).toContain(
      'None of these solutions is right',
    );
  });

  it('leaves out what was not recorded', () => {
    const blind = events.map((event): RunEvent =>
      event.type === 'candidate' ? { ...event, stepScores: [], logProb: 0 } : event,
    );
    expect(judgeRows(viewAt(blind, Infinity), SETTINGS).map((row) => row.id)).toEqual(['votes']);
  });
});

describe('signs of over-optimisation', () => {
  it('are those of the answer on screen, not of the one that was chosen first', () => {
    const repeated = events.map((event): RunEvent =>
      event.type === 'node' && event.id === 4 ? { ...event, text: '7-4=3|3 6' } : event,
    );
    const choose = (candidate: number) =>
      viewAt(
        repeated.map((event): RunEvent =>
          event.type === 'answer' ? { ...event, candidate } : event,
        ),
        Infinity,
      );
    expect(failuresOf(choose(1)).map((flag) => flag.code)).toEqual(['repeated-steps']);
    expect(failuresOf(choose(0))).toEqual([]);
    expect([isFailure('repeated-steps'), isFailure('auto-choice')]).toEqual([true, false]);
  });
});
