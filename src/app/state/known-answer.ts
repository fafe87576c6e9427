/** The right answer as the visitor gives it, turned into an event of the run's log. */
import type { EventOf, RunEvent } from '../../shared/run-events.ts';

/** Solutions with answers that nobody could judge. */
export function truthIsUnknown(events: readonly RunEvent[]): boolean {
  return events.some(
    (event) => event.type === 'candidate' && event.answer !== null && event.correct === null,
  );
}

/** The log with `known` as its truth; null takes it away again. An earlier one is replaced. */
export async function withTruth(
  events: readonly RunEvent[],
  known: string | null,
): Promise<readonly RunEvent[]> {
  const [start, ...rest] = events.filter((event) => event.type !== 'truth');
  if (start === undefined) return events;
  return known === null ? [start, ...rest] : [start, await truthOf(rest, known), ...rest];
}

async function truthOf(events: readonly RunEvent[], known: string): Promise<EventOf<'truth'>> {
  // Heavy, and needed by few.
  const { sameAnswer } = await import('../../grading/general/general.ts');
  const agrees = (text: string): boolean =>
    sameAnswer(text, known) ?? text.trim().toLowerCase() === known.trim().toLowerCase();
  const right = new Set<string>();
  const texts = new Set<string>();
  let baseline: boolean | null = null;
  for (const event of events) {
    if (event.type === 'candidate' && event.answer !== null) {
      const text = event.answerText ?? event.answer;
      if (!agrees(text)) continue;
      right.add(event.answer);
      texts.add(text);
    } else if (event.type === 'baseline' && event.answerText !== null) {
      baseline = agrees(event.answerText);
    }
  }
  return { type: 'truth', known, right: [...right], texts: [...texts], baseline };
}
