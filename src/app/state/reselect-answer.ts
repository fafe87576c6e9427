/** The answer of a finished run under other settings, as an event that can stand in its log. */
import type { Aggregation, RunConfig, Selection } from '../../shared/run-config.ts';
import type { EventOf, RunEvent } from '../../shared/run-events.ts';
import { viewAt } from '../../shared/run-view.ts';
import { reselect } from '../../verify/reselect.ts';
import type { Judge } from './judge-store.ts';

type Settings = Pick<RunConfig, 'selection' | 'aggregation'>;

/** Rule and aggregation in effect: `auto` chose its rule with the strategy, until the visitor sets
 * another one. `recorded` is the log as it was made. */
export function settingsInEffect(
  recorded: readonly RunEvent[],
  { selection, aggregation }: Settings,
): { selection: Selection; aggregation: Aggregation } {
  const start = recorded.find((event) => event.type === 'start');
  const answer = recorded.findLast((event) => event.type === 'answer');
  const auto = start?.config.strategy === 'auto' ? { asked: start.config, chosen: answer } : null;
  const kept = <K extends keyof Settings>(name: K, value: Settings[K]): boolean =>
    auto?.asked[name] === value;
  return {
    selection: (kept('selection', selection) && auto?.chosen?.selection) || selection,
    // The shipped verifiers are trained on soft labels, where the last step speaks for the whole.
    aggregation:
      (kept('aggregation', aggregation) && auto?.chosen?.aggregation) || (aggregation ?? 'last'),
  };
}

/** null when the log has no answer to replace. */
export function reselectAnswer(
  recorded: readonly RunEvent[],
  settings: Settings,
  judge: Judge,
): EventOf<'answer'> | null {
  const view = viewAt(recorded, recorded.length);
  if (view.answer === null) return null;
  const choice = reselect(view, { ...settingsInEffect(recorded, settings), ...judge });
  const winner = choice.candidate === null ? undefined : view.candidates[choice.candidate];
  return {
    type: 'answer',
    selection: choice.rule,
    answer: winner?.answer ?? null,
    answerText: choice.answerText,
    candidate: choice.candidate,
    correct: choice.correct,
    votes: choice.votes.map((vote) => ({ ...vote })),
  };
}
