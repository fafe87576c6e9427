/** Revision chains of a run as rows of attempts, and how one answer was chosen from them. Pure. */
import { revisionFlips, type RevisionFlips } from '../../search/revision-flips.ts';
import type { RunView } from '../../shared/run-view.ts';
import { selectAnswer } from '../../verify/select.ts';
import { formatPercent, formatPlural } from '../ui/format.ts';

export interface Attempt {
  readonly candidate: number;
  /** From 0. */
  readonly attempt: number;
  readonly answerText: string | null;
  readonly score: number | null;
  readonly correct: boolean | null;
  /** Says the answer that won its chain. */
  readonly wonChain: boolean;
  readonly chosen: boolean;
}

export interface Chain {
  readonly chain: number;
  readonly attempts: readonly Attempt[];
}

/** Empty for runs without revisions. */
export function chainsOf(view: RunView): Chain[] {
  const numbers = new Set(
    view.candidates.flatMap(({ chain }) => (chain === undefined ? [] : [chain])),
  );
  const rule = view.answer?.selection ?? 'weighted';
  return [...numbers]
    .sort((a, b) => a - b)
    .map((chain) => {
      const own = view.candidates.filter((one) => one.chain === chain);
      const solutions = own.map((one) => ({
        ...one,
        chain: undefined,
        score: one.stepScores.at(-1) ?? null,
      }));
      const winner = rule === 'majority' ? null : selectAnswer(solutions, rule).candidate;
      return {
        chain,
        attempts: own.map((one, at) => ({
          candidate: one.index,
          attempt: one.attempt ?? at,
          answerText: one.answerText,
          score: one.stepScores.at(-1) ?? null,
          // What does not parse cannot be right.
          correct: one.answer === null && truthKnown(view) ? false : one.correct,
          wonChain: at === winner,
          chosen: view.answer?.candidate === one.index,
        })),
      };
    });
}

export interface FlipMeter extends RevisionFlips {
  /** Shares; null where there was nothing to turn. */
  readonly lost: number | null;
  readonly gained: number | null;
}

/** null where the truth is not known or nothing was revised. */
export function flipMeter(view: RunView): FlipMeter | null {
  if (!truthKnown(view)) return null;
  const flips = revisionFlips(view.candidates);
  const { fromRight, rightToWrong, fromWrong, wrongToRight } = flips;
  if (fromRight + fromWrong === 0) return null;
  return {
    ...flips,
    lost: fromRight === 0 ? null : rightToWrong / fromRight,
    gained: fromWrong === 0 ? null : wrongToRight / fromWrong,
  };
}

/** "3 of 8 right attempts were turned wrong (38 %)". */
export function lossWords({ fromRight, rightToWrong, lost }: FlipMeter): string {
  if (lost === null) return 'no right attempt was revised';
  return `${rightToWrong} of ${formatPlural(fromRight, 'right attempt')} turned wrong (${formatPercent(lost)})`;
}

export function gainWords({ fromWrong, wrongToRight, gained }: FlipMeter): string {
  if (gained === null) return 'no wrong attempt was revised';
  return `${wrongToRight} of ${formatPlural(fromWrong, 'wrong attempt')} turned right (${formatPercent(gained)})`;
}

function truthKnown(view: RunView): boolean {
  return view.candidates.some((one) => one.correct !== null);
}
