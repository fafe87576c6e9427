/** A run in one line, read from its log. */
import type { RunEvent } from '../shared/run-events.ts';
import { isRight } from '../shared/truth.ts';

export interface RunFacts {
  readonly problem: string;
  readonly strategy: string;
  readonly budget: number;
  readonly seed: number;
  readonly answer: string | null;
  readonly correct: boolean | null;
  readonly status: 'done' | 'stopped' | 'failed' | 'interrupted';
  readonly events: number;
  /** Steps of an earlier run that it went on from; 0 for most. */
  readonly from: number;
}

export function summarise(events: readonly RunEvent[]): RunFacts {
  const start = events.find((event) => event.type === 'start');
  const answer = events.findLast((event) => event.type === 'answer') ?? null;
  const truth = events.find((event) => event.type === 'truth') ?? null;
  const end = events.findLast((event) => event.type === 'end');
  return {
    problem: start?.config.problem ?? '',
    strategy: start?.config.strategy ?? '',
    budget: start?.config.budget ?? 0,
    seed: start?.config.seed ?? 0,
    answer: answer?.answerText ?? null,
    correct: verdictOn(answer, truth),
    status: end?.reason ?? 'interrupted',
    events: events.length,
    from: start?.from?.length ?? 0,
  };
}

/** By the truth that the visitor gave later, where there is one. */
function verdictOn(
  answer: Extract<RunEvent, { type: 'answer' }> | null,
  truth: Extract<RunEvent, { type: 'truth' }> | null,
): boolean | null {
  if (answer === null) return null;
  return truth === null ? answer.correct : isRight(truth, answer);
}
