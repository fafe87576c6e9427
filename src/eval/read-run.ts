/** What a finished run says under a selection rule, as results of a sweep. Pure. */
import type { Usage } from '../shared/policy.ts';
import type { Aggregation, RunConfig, Selection } from '../shared/run-config.ts';
import type { Ledger } from '../shared/ledger.ts';
import { pathTo, type RunView } from '../shared/run-view.ts';
import { failureFlags } from '../search/failure-flags.ts';
import { aggregate } from '../verify/aggregate.ts';
import { reselect } from '../verify/reselect.ts';
import type { SweepDetails, SweepResult } from './sweep-result.ts';

export type RunReading = Pick<SweepResult, 'answer' | 'correct' | 'voteShare' | 'score'> & {
  readonly details: SweepDetails;
};

export interface ReadOptions {
  /** null: what the run itself chose. */
  readonly selection: Selection | null;
  readonly aggregation: Aggregation;
  /** Then an answer that nobody gave is wrong, not unknown. */
  readonly truthKnown: boolean;
}

export function readRun(view: RunView, options: ReadOptions): RunReading {
  const { selection, truthKnown } = options;
  const own = view.answer?.selection ?? 'weighted';
  const aggregation = view.answer?.aggregation ?? options.aggregation;
  const choice = reselect(view, {
    selection: selection ?? own,
    aggregation,
    scorer: 'recorded',
    corruption: 'none',
    seed: 0,
  });
  const winner = choice.candidate === null ? null : view.candidates[choice.candidate];
  const parsed = choice.votes.reduce((sum, vote) => sum + vote.count, 0);
  const agreeing = choice.votes.find((vote) => vote.answer === winner?.answer)?.count ?? 0;
  return {
    answer: winner?.answer ?? null,
    correct: winner === null ? (truthKnown ? false : null) : winner.correct,
    voteShare: parsed === 0 ? null : agreeing / parsed,
    score: choice.candidate === null ? null : choice.scores[choice.candidate],
    details: {
      ...countSamples(view, truthKnown),
      meanScore: meanFinalScore(view, aggregation),
      flags: failureFlags(view.candidates, choice.candidate, (index) =>
        pathTo(view, view.candidates[index].id).map((id) => view.nodes[id].text),
      ).map((flag) => flag.code),
    },
  };
}

function countSamples(
  view: RunView,
  truthKnown: boolean,
): { samples: number; correctSamples: number | null } {
  let samples = 0;
  let correctSamples = 0;
  for (const { copies, correct } of view.candidates) {
    samples += copies;
    if (correct) correctSamples += copies;
  }
  return { samples, correctSamples: truthKnown ? correctSamples : null };
}

function meanFinalScore(view: RunView, aggregation: Aggregation): number | null {
  let sum = 0;
  let count = 0;
  let scored = false;
  for (const { copies, stepScores } of view.candidates) {
    const score = aggregate(stepScores, aggregation);
    scored ||= score !== null;
    sum += (score ?? 0) * copies;
    count += copies;
  }
  return scored ? sum / count : null;
}

/** Independent samples and revisions need no verifier to be counted: a vote does not pay for it. */
export function ledgerFor(
  ledger: Ledger,
  verifier: Usage & { elapsedMs: number },
  strategy: RunConfig['strategy'],
  selection: Selection | null,
): Ledger {
  const votes = selection === 'majority';
  const separable = strategy === 'best-of-n' || strategy === 'revise';
  if (!votes || !separable) return ledger;
  return {
    ...ledger,
    verifierTokens: 0,
    flopsExecuted: ledger.flopsExecuted - verifier.flopsExecuted,
    flopsNominal: ledger.flopsNominal - verifier.flopsNominal,
    elapsedMs: Math.max(0, ledger.elapsedMs - verifier.elapsedMs),
    ...without('cachedTokens', ledger, verifier),
    ...without('cost', ledger, verifier),
  };
}

/** What servers report or charge, less the verifier's part; empty where it is not known. */
function without(
  field: 'cachedTokens' | 'cost',
  ledger: Ledger,
  verifier: Usage,
): Partial<Pick<Ledger, 'cachedTokens' | 'cost'>> {
  const whole = ledger[field];
  return whole === undefined ? {} : { [field]: Math.max(0, whole - (verifier[field] ?? 0)) };
}
