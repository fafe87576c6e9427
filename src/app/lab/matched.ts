/** The small model at matched FLOPs, beside the larger one, by difficulty bin. Pure. */
import {
  affordableBudget,
  matchedGenerations,
  type FlopsVersion,
} from '../../eval/flops-matched.ts';
import { pointsOf } from '../../eval/points.ts';
import type { SweepResult } from '../../eval/sweep-result.ts';
import type { CurvePoint } from '../charts/series.ts';
import { curvePoints, resultsOf, type DifficultyAnalysis } from './analysis.ts';

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
  larger: readonly SweepResult[],
): MatchedBin[] {
  const { modelRatio, tokenRatio, version } = exchange;
  const allowed = matchedGenerations(modelRatio, tokenRatio, version);
  const { choices } = own.curves.optimal;
  return own.members.map((ids, at) => {
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
function largerPoint(results: readonly SweepResult[], allowed: number): CurvePoint | null {
  const greedy = results.filter(({ strategy }) => strategy === 'greedy');
  const lowest = Math.min(...greedy.map(({ budget }) => budget));
  const [point] = curvePoints(pointsOf(greedy.filter(({ budget }) => budget === lowest)));
  if (point === undefined) return null;
  return { ...point, strategy: 'larger', ledger: { ...point.ledger, generations: allowed } };
}

/** Who is ahead; intervals that overlap tell nothing apart. */
export function verdictOf({ small, larger }: MatchedBin): string {
  if (small === null || larger === null) return '–';
  if (small.point.low > larger.high) return 'thinking longer';
  if (larger.low > small.point.high) return 'the larger model';
  return 'not told apart';
}
