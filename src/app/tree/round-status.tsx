/** A polite voice for what happens in the tree: rounds and the end, never single steps. */
import type { RunView } from '../../shared/run-view.ts';
import { finishedRound, roundText, type Round } from './rounds.ts';

export interface RoundStatusProps {
  readonly view: RunView;
  readonly rounds: readonly Round[];
  readonly cursor: number;
  readonly isComplete: boolean;
}

export function RoundStatus({ view, rounds, cursor, isComplete }: RoundStatusProps) {
  return (
    <p className="tree-hidden" role="log" aria-live="polite" aria-label="Rounds">
      {statusText(view, finishedRound(rounds, cursor, isComplete))}
    </p>
  );
}

function statusText(view: RunView, round: Round | null): string {
  if (view.answer !== null) {
    const { answerText } = view.answer;
    return answerText === null
      ? 'Finished without an answer'
      : `Finished: the answer is ${answerText}`;
  }
  return round === null ? '' : roundText(round);
}
