/**
 * What another verifier, aggregation or rule would have chosen, from the recorded scores of a run
 * and without new generation. Pure; fast enough to follow a slider.
 */
import { childStream, pcg4d, toUniform, type Stream } from '../shared/random.ts';
import type { Aggregation, Selection } from '../shared/run-config.ts';
import { pathTo, type RunView } from '../shared/run-view.ts';
import { aggregate } from './aggregate.ts';
import { selectAnswer, type Choice, type ScoredSolution } from './select.ts';

/**
 * Where scores come from: `recorded` by the run's verifier; `self-consistency`, the share of
 * solutions with the same answer; `likelihood`, the policy's own mean probability of a token
 * (geometric mean, exp of the mean log-probability).
 */
export const SCORERS = ['recorded', 'self-consistency', 'likelihood'] as const;
/** A spoilt verifier: every fifth verdict turned round (s becomes 1-s), or a die instead. */
export const CORRUPTIONS = ['none', 'flip-20', 'random'] as const;

export type Scorer = (typeof SCORERS)[number];
export type Corruption = (typeof CORRUPTIONS)[number];

const FLIPPED_SHARE = 0.2;

export interface ReselectOptions {
  readonly selection: Selection;
  readonly aggregation: Aggregation;
  readonly scorer: Scorer;
  readonly corruption: Corruption;
  /** Draws of the corruption; equal seeds spoil the same verdicts. */
  readonly seed: number;
}

export interface Reselection extends Choice {
  /** Score of each candidate under these options; null where it has none. */
  readonly scores: readonly (number | null)[];
  readonly answerText: string | null;
  /** null when nothing was chosen or the truth is not known. */
  readonly correct: boolean | null;
}

export function reselect(view: RunView, options: ReselectOptions): Reselection {
  const raw = rawScores(view, options);
  const scores = raw.map((score, index) => corrupt(score, index, options));
  const solutions = view.candidates.map((candidate, index): ScoredSolution => ({
    ...candidate,
    score: scores[index],
  }));
  const choice = selectAnswer(solutions, options.selection);
  const winner = choice.candidate === null ? null : view.candidates[choice.candidate];
  return {
    ...choice,
    scores,
    answerText: winner?.answerText ?? null,
    correct: winner?.correct ?? null,
  };
}

function rawScores(view: RunView, { scorer, aggregation }: ReselectOptions): (number | null)[] {
  switch (scorer) {
    case 'recorded':
      return view.candidates.map(({ stepScores }) => aggregate(stepScores, aggregation));
    case 'likelihood':
      return view.candidates.map(({ id, logProb }) => {
        const tokens = pathTo(view, id).reduce((sum, at) => sum + view.nodes[at].tokens, 0);
        return tokens === 0 ? null : Math.exp(logProb / tokens);
      });
    case 'self-consistency':
      return agreement(view);
  }
}

function agreement(view: RunView): (number | null)[] {
  const counts = new Map<string, number>();
  let total = 0;
  for (const { answer, copies } of view.candidates) {
    if (answer === null) continue;
    counts.set(answer, (counts.get(answer) ?? 0) + copies);
    total += copies;
  }
  return view.candidates.map(({ answer }) =>
    answer === null ? null : (counts.get(answer) ?? 0) / total,
  );
}

function corrupt(
  score: number | null,
  index: number,
  { corruption, seed }: ReselectOptions,
): number | null {
  if (score === null || corruption === 'none') return score;
  const [flip, value] = drawsOf(childStream([seed >>> 0, 0xc0 ^ index], index));
  if (corruption === 'random') return value;
  return flip < FLIPPED_SHARE ? 1 - score : score;
}

function drawsOf(stream: Stream): [number, number] {
  const words = new Uint32Array(4);
  pcg4d(stream[0], stream[1], 0, 0, words);
  return [toUniform(words[0]), toUniform(words[1])];
}
