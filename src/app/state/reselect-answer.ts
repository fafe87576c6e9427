/** The answer of a finished run under other settings, as an event that can stand in its log. */
import type { RunConfig } from '../../shared/run-config.ts';
import type { EventOf, RunEvent } from '../../shared/run-events.ts';
import { viewAt } from '../../shared/run-view.ts';
import { reselect } from '../../verify/reselect.ts';

type Settings = Pick<RunConfig, 'selection' | 'aggregation'>;

/** null when the log has no answer to replace. */
export function reselectAnswer(
  events: readonly RunEvent[],
  { selection, aggregation }: Settings,
): EventOf<'answer'> | null {
  const view = viewAt(events, events.length);
  if (view.answer === null) return null;
  const choice = reselect(view, {
    selection,
    // The shipped verifiers are trained on soft labels, where the last step speaks for the whole.
    aggregation: aggregation ?? 'last',
    scorer: 'recorded',
    corruption: 'none',
    seed: 0,
  });
  const winner = choice.candidate === null ? undefined : view.candidates[choice.candidate];
  return {
    type: 'answer',
    selection,
    answer: winner?.answer ?? null,
    answerText: choice.answerText,
    candidate: choice.candidate,
    correct: choice.correct,
    votes: choice.votes.map((vote) => ({ ...vote })),
  };
}
