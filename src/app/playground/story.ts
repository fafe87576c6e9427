/** Two sentences on what a run did, from its view. Pure. */
import type { RunView } from '../../shared/run-view.ts';
import { formatPercent, formatPlural } from '../ui/format.ts';
import { strategyStyle } from '../ui/strategy-style.ts';

export interface Bar {
  readonly answer: string;
  readonly answerText: string;
  /** Share of the total weight, 0 … 1. */
  readonly share: number;
  readonly count: number;
  readonly chosen: boolean;
  readonly correct: boolean | null;
}

/** Votes as bars, heaviest first. */
export function voteBars(view: RunView): Bar[] {
  const { answer } = view;
  if (answer === null) return [];
  const total = answer.votes.reduce((sum, vote) => sum + vote.weight, 0);
  const correctness = new Map<string, boolean | null>();
  for (const candidate of view.candidates) {
    if (candidate.answer !== null) correctness.set(candidate.answer, candidate.correct);
  }
  return answer.votes.map((vote) => ({
    answer: vote.answer,
    answerText: vote.answerText,
    share: total > 0 ? vote.weight / total : 1 / answer.votes.length,
    count: vote.count,
    chosen: vote.answer === answer.answer,
    correct: correctness.get(vote.answer) ?? null,
  }));
}

/** What the bars of the votes measure. */
export function voteWords(view: RunView): string {
  const pooled = isHierarchical(view) ? ', all chains pooled' : '';
  switch (view.answer?.selection) {
    case 'majority':
      return 'Share of the votes';
    case 'best':
      return `Best score of each answer, as a share${pooled}`;
    default:
      return `Share of the verifier-weighted votes${pooled}`;
  }
}

/** Chosen inside each chain first, then among the chains' winners. */
function isHierarchical({ candidates, answer }: RunView): boolean {
  return answer?.selection !== 'majority' && candidates.some((one) => one.chain !== undefined);
}

export function tellStory(view: RunView): string[] {
  const sentences = [whatHappened(view), whatGreedySays(view)];
  return sentences.filter((sentence) => sentence !== null);
}

function whatHappened(view: RunView): string | null {
  const { start, answer } = view;
  if (start === null || answer === null) return null;
  const name = strategyStyle(start.config.strategy).label;
  const solutions = view.candidates.reduce((sum, one) => sum + one.copies, 0);
  const finished = view.candidates.filter((one) => one.finished);
  const lost = solutions - finished.reduce((sum, one) => sum + one.copies, 0);
  const wrote = `${name} wrote ${formatPlural(solutions, 'solution')}`;
  const cut = lost > 0 ? ` (${lost} of them unfinished, so without a vote)` : '';
  if (answer.votes.length === 0) return `${wrote}${cut}, none of which ends in an answer.`;
  const groups =
    answer.votes.length === 1
      ? 'all with the same answer'
      : `with ${formatPlural(answer.votes.length, 'different answer')}`;
  return `${wrote}${cut} ${groups}; ${howChosen(view)}${verdict(answer.correct)}.`;
}

function howChosen(view: RunView): string {
  const { answer } = view;
  const top = voteBars(view).find((bar) => bar.chosen);
  if (answer === null || top === undefined) return 'nothing was chosen';
  const chains = new Set(view.candidates.map((one) => one.chain)).size;
  if (isHierarchical(view) && chains > 1) {
    return `the one above won its chain and then the vote among the winners of ${chains} chains`;
  }
  switch (answer.selection) {
    case 'majority':
      return `the commonest one was written ${formatPlural(top.count, 'time')}`;
    case 'best':
      return `the one above has the best score of all`;
    case 'weighted':
      return `the one above won ${formatPercent(top.share)} of the verifier-weighted votes`;
  }
}

function whatGreedySays(view: RunView): string | null {
  const { baseline, start } = view;
  if (baseline === null || start === null || start.config.strategy === 'greedy') return null;
  if (baseline.answerText === null)
    return 'Greedy decoding alone would not have reached an answer.';
  const same = baseline.answerText === view.answer?.answerText;
  const says = same ? 'the same' : baseline.answerText;
  const judged = same || baseline.correct === null ? '' : greedyVerdict(baseline.correct);
  return `Greedy decoding alone would have answered ${says}${judged}.`;
}

function verdict(correct: boolean | null): string {
  if (correct === null) return '';
  return correct ? ' and is right' : ' and is wrong';
}

function greedyVerdict(correct: boolean): string {
  return correct ? ', which is right' : ', which is wrong';
}
