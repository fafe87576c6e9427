import { describe, expect, it } from 'vitest';
import { makeLog } from '../../../bench/tree-log.ts';
import type { RunEvent } from '../../shared/run-events.ts';
import { Replay, Score, stepCursor, type ReplayHost } from './replay.ts';

const log = makeLog({ strategy: 'beam', budget: 16 });

/** A host with a clock that the test turns. */
function makeHost(events: RunEvent[]) {
  let cursor = 0;
  let frame: ((now: number) => void) | null = null;
  let now = 0;
  const seeks: number[] = [];
  const told: string[] = [];
  const host: ReplayHost = {
    events: () => events,
    cursor: () => cursor,
    seek: (to) => {
      cursor = to;
      seeks.push(to);
    },
    changed: (isPlaying) => told.push(isPlaying ? 'playing' : 'paused'),
    ended: () => told.push('ended'),
    requestFrame: (callback) => {
      frame = callback;
      return 1;
    },
    cancelFrame: () => {
      frame = null;
    },
  };
  const run = (ms: number, step = 16) => {
    for (const end = now + ms; now < end;) {
      now += step;
      const due = frame;
      frame = null;
      due?.(now);
    }
  };
  return { host, run, seeks, told, cursor: () => cursor, jump: (to: number) => (cursor = to) };
}

describe('Replay', () => {
  it('plays forward to the end, says so and stops', () => {
    const { host, run, seeks, told, cursor } = makeHost(log);
    const replay = new Replay(host);
    replay.play();
    run(30_000);
    expect(cursor()).toBe(log.length);
    expect(seeks).toEqual([...seeks].sort((a, b) => a - b));
    expect(told).toEqual(['playing', 'paused', 'ended']);
    expect(replay.isPlaying).toBe(false);
  });

  it('runs in proportion to its speed', () => {
    const slow = makeHost(log);
    const fast = makeHost(log);
    const one = new Replay(slow.host);
    const four = new Replay(fast.host);
    four.speed = 4;
    one.play();
    four.play();
    slow.run(4000);
    fast.run(1000);
    expect(Math.abs(slow.cursor() - fast.cursor())).toBeLessThan(4);
    expect(slow.cursor()).toBeGreaterThan(10);
    expect(slow.cursor()).toBeLessThan(log.length);
  });

  it('stays where it is while paused and goes on from there', () => {
    const { host, run, cursor } = makeHost(log);
    const replay = new Replay(host);
    replay.play();
    run(2000);
    replay.pause();
    const at = cursor();
    run(2000);
    expect(cursor()).toBe(at);
    replay.play();
    run(500);
    expect(cursor()).toBeGreaterThan(at);
    expect(cursor()).toBeLessThan(at + 40);
  });

  it('goes on from where someone else moved the cursor', () => {
    const { host, run, cursor, jump } = makeHost(log);
    const replay = new Replay(host);
    replay.play();
    run(500);
    jump(100);
    run(200);
    expect(cursor()).toBeGreaterThanOrEqual(100);
    expect(cursor()).toBeLessThan(130);
  });

  it('starts over from the end', () => {
    const { host, run, jump, cursor } = makeHost(log);
    jump(log.length);
    new Replay(host).play();
    run(100);
    expect(cursor()).toBeLessThan(20);
  });

  it('does not skip what a hidden tab did not show', () => {
    const { host, run, cursor } = makeHost(log);
    new Replay(host).play();
    run(32);
    run(60_000, 60_000);
    expect(cursor()).toBeLessThan(20);
  });

  it('does nothing without events', () => {
    const { host, told } = makeHost([]);
    new Replay(host).play();
    expect(told).toEqual([]);
  });
});

describe('Score', () => {
  it('maps positions to beats and back', () => {
    const score = new Score();
    score.extend(log);
    for (let cursor = 0; cursor <= log.length; cursor++) {
      expect(score.cursorAt(score.beatOf(cursor))).toBeGreaterThanOrEqual(cursor);
    }
    expect(score.cursorAt(score.total)).toBe(log.length);
  });

  it('is the same for a log that grew', () => {
    const whole = new Score();
    whole.extend(log);
    const grown = new Score();
    for (let i = 0; i <= log.length; i += 7) grown.extend(log.slice(0, i));
    grown.extend(log);
    expect(grown.total).toBe(whole.total);
  });

  it('keeps the longest replay short', () => {
    const long = new Score();
    long.extend(makeLog({ strategy: 'beam', budget: 256, steps: 8 }));
    expect(long.total / long.tempo).toBeLessThanOrEqual(20_001);
  });
});

describe('stepCursor', () => {
  it('passes over events that change nothing on screen', () => {
    const ledger: RunEvent = {
      type: 'ledger',
      ledger: {
        generations: 1,
        policyTokens: 1,
        prefillTokens: 0,
        verifierTokens: 0,
        flopsExecuted: 0,
        flopsNominal: 0,
        elapsedMs: 0,
      },
    };
    const events = [log[0], log[1], ledger, ledger, log[2], log[3]];
    expect(stepCursor(events, 2, 1)).toBe(5);
    expect(stepCursor(events, 5, -1)).toBe(2);
  });

  it('stays within the log', () => {
    expect(stepCursor(log, log.length, 1)).toBe(log.length);
    expect(stepCursor(log, 0, -1)).toBe(0);
    expect(stepCursor([], 0, 1)).toBe(0);
  });
});
