import { describe, expect, it } from 'vitest';
import { makeLog } from '../../../bench/tree-log.ts';
import { viewAt } from '../../shared/run-view.ts';
import { aggregateText, factsOf, statusText } from './facts.ts';
import { inkOn, RAMP_STEPS, rampStep, scoreText } from './ramp.ts';
import { finishedRound, RoundIndex, roundAt, roundText } from './rounds.ts';

const log = makeLog({ strategy: 'beam', budget: 16, steps: 3 });

describe('rounds', () => {
  it('sums each round up once it is over', () => {
    const rounds = new RoundIndex().advance(log);
    expect(rounds).toHaveLength(3);
    expect(roundText(rounds[0])).toMatch(/^Round 1: 16 candidates, 4 kept, best (\.\d\d|1\.00)$/);
    expect(roundText(rounds[2])).toMatch(/^Round 3: 16 candidates, 16 finished, best /);
    expect(finishedRound(rounds, rounds[0].end - 1, true)).toBeNull();
    expect(finishedRound(rounds, rounds[0].end, true)?.number).toBe(1);
    expect(finishedRound(rounds, log.length, true)?.number).toBe(3);
  });

  it('does not announce a round that is still going on', () => {
    const part = log.slice(0, 30);
    const rounds = new RoundIndex().advance(part);
    expect(finishedRound(rounds, part.length, false)).toBeNull();
  });

  it('reads a growing log on and another one anew', () => {
    const index = new RoundIndex();
    for (let i = 0; i < log.length; i += 11) index.advance(log.slice(0, i));
    expect(index.advance(log)).toEqual(new RoundIndex().advance(log));
    const other = makeLog({ strategy: 'beam', budget: 4, steps: 2 });
    expect(index.advance(other)).toHaveLength(2);
    expect(index.advance([])).toHaveLength(0);
  });

  it('names the round of a position', () => {
    const rounds = new RoundIndex().advance(log);
    expect(roundAt(rounds, 0)).toBeNull();
    expect(roundAt(rounds, rounds[1].start + 1)?.number).toBe(2);
  });
});

describe('facts', () => {
  const view = viewAt(log, log.length);
  const pruned = view.nodes.find((node) => node.rank !== null && node.rank.rank === 9);

  it('says why a node was pruned', () => {
    expect(pruned && statusText(pruned)).toBe('Pruned: rank 9 of 16, kept 4');
  });

  it('says how step scores became one', () => {
    const steps = [0.5, 0.25, 1].map((score, id) => ({ ...view.nodes[1], id, score }));
    expect(aggregateText(steps, 'last')).toBe('1.00 – the last of them: .50  .25  1.00');
    expect(aggregateText(steps, 'min')).toMatch(/^\.25 – the smallest/);
    expect(aggregateText(steps, 'mean')).toMatch(/^\.58 – /);
    expect(aggregateText(steps.slice(0, 1), 'product')).toBe('.50');
    expect(aggregateText([{ ...steps[0], score: null }], 'last')).toBeNull();
  });

  it('mentions copies only where there are some', () => {
    const node = view.nodes[1];
    const terms = (copies: number) =>
      factsOf(view, { ...node, copies }, 'last').map((fact) => fact.term);
    expect(terms(1)).not.toContain('Copies');
    expect(terms(3)).toContain('Copies');
  });
});

describe('ramp', () => {
  it('grows with the score and stays on the scale', () => {
    expect([0, 0.5, 1].map(rampStep)).toEqual([0, 16, RAMP_STEPS - 1]);
    expect([-3, 7, NaN].map(rampStep)).toEqual([0, RAMP_STEPS - 1, 0]);
  });

  it('writes light on dark and dark on light', () => {
    expect([inkOn(0), inkOn(RAMP_STEPS - 1)]).toEqual(['#fff', '#000']);
  });

  it('writes scores with two places', () => {
    expect([0, 0.914, 1].map(scoreText)).toEqual(['.00', '.91', '1.00']);
  });
});
