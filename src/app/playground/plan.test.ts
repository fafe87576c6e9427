import { describe, expect, it } from 'vitest';
import { DEFAULT_RUN_CONFIG } from '../../shared/run-config.ts';
import { viewAt } from '../../shared/run-view.ts';
import { SAMPLE_EVENTS } from '../../storage/testing/sample-log.ts';
import { nearestStop } from './budget-slider.tsx';
import { candidatesCsv } from './export-run.ts';
import { planInWords, planRun } from './plan.ts';
import { tellStory, voteBars } from './story.ts';

const PROBLEM = { family: 'countdown', level: 'small-4', prompt: 'make 24: 4 6 7 8' };
const SPEED = { policyTokensPerSecond: 1000, verifierTokensPerSecond: 1000 };

describe('the plan', () => {
  it('knows the shape of a beam search as it will be run', () => {
    const plan = planRun({ ...DEFAULT_RUN_CONFIG, budget: 16, width: 4 }, PROBLEM, SPEED);
    expect(plan.shape).toContain('16 beams, the best 4 go on');
    expect(plan.rounds).toBe(3);
    const all = { ...DEFAULT_RUN_CONFIG, budget: 64, width: 4, keep: 'm' as const };
    expect(planRun(all, PROBLEM, SPEED).shape).toContain('the best 4 go on');
    expect(planRun({ ...all, keep: 'n-over-m' }, PROBLEM, SPEED).shape).toContain('best 16 go on');
  });

  it('grows with the budget, and costs one answer without a search', () => {
    const at = (budget: number) => planRun({ ...DEFAULT_RUN_CONFIG, budget }, PROBLEM, SPEED);
    expect(at(64).policyTokens).toBeCloseTo(at(16).policyTokens * 4);
    const greedy = planRun({ ...DEFAULT_RUN_CONFIG, strategy: 'greedy' }, PROBLEM, SPEED);
    expect(greedy).toMatchObject({ generations: 1, verifierTokens: 0 });
  });

  it('estimates the tokens of a real solution within a factor of 1.6', () => {
    const measured = [
      ['countdown', 'make 24: 4 6 7 8', '6*4=24|7 8 24\n8-7=1|1 24\n24*1=24|24\n'],
      ['arithmetic', 'compute (71+52)*11', '71+52=123|123*11\n123*11=1353|1353\n'],
      ['equation', 'solve 7*x+12=3*x+32', '4*x+12=32\n4*x=20\nx=5\n'],
    ] as const;
    for (const [family, prompt, text] of measured) {
      const level = family === 'equation' ? '3' : null;
      const config = { ...DEFAULT_RUN_CONFIG, budget: 1 };
      const { policyTokens } = planRun(config, { family, level, prompt }, SPEED);
      expect(policyTokens / text.length, prompt).toBeGreaterThan(1 / 1.6);
      expect(policyTokens / text.length, prompt).toBeLessThan(1.6);
    }
  });

  it('says no time before the speed is known', () => {
    const plan = planRun(DEFAULT_RUN_CONFIG, PROBLEM, null);
    expect(planInWords(plan)).toMatch(/^16 generations, about \d+ tokens$/);
    expect(planInWords(planRun(DEFAULT_RUN_CONFIG, PROBLEM, SPEED))).toMatch(/ s here$/);
  });

  it('finds the slider stop nearest to a budget from a link', () => {
    expect([1, 3, 16, 100, 1024].map((budget) => nearestStop(budget))).toEqual([0, 2, 4, 7, 8]);
  });
});

describe('the story', () => {
  const view = viewAt(SAMPLE_EVENTS, SAMPLE_EVENTS.length);

  it('counts solutions and answers, and names what won', () => {
    const [first] = tellStory(view);
    expect(first).toContain('Beam search wrote 2 solutions with 2 different answers');
    expect(first).toMatch(/75.% of the verifier-weighted votes and is wrong/);
  });

  it('turns votes into shares that add up', () => {
    const bars = voteBars(view);
    expect(bars.map((bar) => bar.chosen)).toEqual([true, false]);
    expect(bars.reduce((sum, bar) => sum + bar.share, 0)).toBeCloseTo(1);
  });

  it('survives votes without weight', () => {
    const zero = SAMPLE_EVENTS.map((event) =>
      event.type === 'answer'
        ? { ...event, votes: event.votes.map((vote) => ({ ...vote, weight: 0 })) }
        : event,
    );
    expect(voteBars(viewAt(zero, zero.length))[0].share).toBe(0.5);
  });

  it('is silent while nothing is decided', () => {
    expect(tellStory(viewAt(SAMPLE_EVENTS, 5))).toEqual([]);
  });
});

it('the table of solutions has a row for each, with its steps', () => {
  const csv = candidatesCsv(viewAt(SAMPLE_EVENTS, SAMPLE_EVENTS.length));
  expect(csv).toContain('"7-4=3|3 6\n3*6=18|18"');
  expect(csv.split('\r\n')).toHaveLength(4);
});
