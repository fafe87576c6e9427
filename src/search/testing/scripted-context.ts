import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../shared/run-config.ts';
import type { RunEvent } from '../../shared/run-events.ts';
import type { Grade, SearchContext, Strategy } from '../strategy.ts';
import { ScriptedPolicy, ScriptedVerifier } from './scripted-policy.ts';

/** The answer is the last letter; "a" does not parse, "b" is right. */
export function scriptedGrade(steps: readonly string[]): Grade {
  const last = steps[steps.length - 1] ?? 'a';
  if (last === 'a') return { answer: null, answerText: null, correct: null, finished: false };
  return { answer: last, answerText: `= ${last}`, correct: last === 'b', finished: true };
}

export function scriptedContext(
  config: Partial<RunConfig>,
  parts: Partial<SearchContext> = {},
): SearchContext {
  let now = 0;
  return {
    config: { ...DEFAULT_RUN_CONFIG, ...config },
    prompt: 'make 24: 4 6 7 8',
    family: 'countdown',
    level: 'small-4',
    policy: new ScriptedPolicy(),
    verifier: new ScriptedVerifier(),
    grade: scriptedGrade,
    engineLabel: 'scripted',
    clock: () => now++,
    ...parts,
  };
}

export async function collect(strategy: Strategy, context: SearchContext): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of strategy.run(context)) events.push(event);
  return events;
}

/** The log without the only thing that may differ between equal runs. */
export function timeless(events: readonly RunEvent[]): RunEvent[] {
  return events.map((event) =>
    event.type === 'ledger' ? { ...event, ledger: { ...event.ledger, elapsedMs: 0 } } : event,
  );
}
