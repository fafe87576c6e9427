/** The small model at matched FLOPs, beside the larger one, by difficulty bin. Pure. */
import {
  affordableBudget,
  matchedGenerations,
  type FlopsVersion,
} from '../../eval/flops-matched.ts';
import type { LargerPolicy } from '../../eval/curves.ts';
import type { SweepDocument } from '../../eval/results-table.ts';
import { AppError } from '../../shared/errors.ts';
import { EMPTY_LEDGER } from '../../shared/ledger.ts';
import { wilson95 } from '../../shared/statistics.ts';
import type { CurvePoint } from '../charts/series.ts';
import { resultsOf, type DifficultyAnalysis } from './analysis.ts';

type LargerAnswer = LargerPolicy['results'][number];

export interface Exchange {
  /** Parameters of the larger model over those of the small one. */
  readonly modelRatio: number;
  /** R, tokens of inference over tokens of pre-training. */
  readonly tokenRatio: number;
  readonly version: FlopsVersion;
}

export interface MatchedBin {
  readonly bin: number;
  readonly problems: number;
  /** The strategy of the compute-optimal table at the largest measured budget that is allowed. */
  readonly small: { readonly strategy: string; readonly point: CurvePoint } | null;
  /** Accuracy chosen and measured on different halves: what `small` is worth without hindsight. */
  readonly crossValidated: number | null;
  readonly larger: CurvePoint | null;
}

export function matchedBins(
  own: DifficultyAnalysis,
  exchange: Exchange,
  larger: readonly LargerAnswer[],
): MatchedBin[] {
  const { modelRatio, tokenRatio, version } = exchange;
  const allowed = matchedGenerations(modelRatio, tokenRatio, version);
  const { choices } = own.curves.optimal;
  return own.curves.members.map((ids, at) => {
    const inBin = choices.filter(({ bin }) => bin === at + 1);
    const budget = affordableBudget(
      allowed,
      inBin.map((choice) => choice.budget),
    );
    const choice = inBin.find((one) => one.budget === budget) ?? null;
    const point = own.bins[at].find(
      (one) => one.strategy === choice?.strategy && one.budget === choice.budget,
    );
    return {
      bin: at + 1,
      problems: ids.length,
      small: choice === null || point === undefined ? null : { strategy: choice.strategy, point },
      crossValidated: choice?.accuracy ?? null,
      larger: largerPoint(resultsOf(larger, ids), allowed),
    };
  });
}

/** The larger model answers once, greedily; it stands where the small one has spent as much. */
function largerPoint(answers: readonly LargerAnswer[], allowed: number): CurvePoint | null {
  const known = answers.filter(({ correct }) => correct !== null);
  if (known.length === 0) return null;
  // Greedy answers are the same for every seed.
  const byProblem = new Map(known.map(({ id, correct }) => [id, correct]));
  const right = [...byProblem.values()].filter((correct) => correct).length;
  const interval = wilson95(right, byProblem.size);
  const ledger = { ...EMPTY_LEDGER, generations: allowed };
  const value = right / byProblem.size;
  return { strategy: 'larger', budget: 1, value, ...interval, runs: byProblem.size, ledger };
}

/** Greedy answers of a results file of `eval` as stars. */
export function largerOf(name: string, { results }: SweepDocument): LargerPolicy {
  const greedy = results.filter(({ strategy }) => strategy === 'greedy');
  if (greedy.length > 0) {
    const answers = greedy.map(({ id, correct, seed }) => ({ id, correct, seed }));
    return { label: name, modelRatio: null, results: answers };
  }
  throw new AppError('bad-input', `${name} holds no greedy answers.`, {
    advice: 'Measure the larger policy with eval --strategies greedy.',
  });
}

/** Who is ahead; intervals that overlap tell nothing apart. */
export function verdictOf({ small, larger }: MatchedBin): string {
  if (small === null || larger === null) return '–';
  if (small.point.low > larger.high) return 'thinking longer';
  if (larger.low > small.point.high) return 'the larger model';
  return 'not told apart';
}
