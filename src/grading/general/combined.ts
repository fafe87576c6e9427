/** Answers that are sets of real numbers, joined as their signs say. */
import type { Answer } from './answer.ts';
import {
  answerOf,
  differenceOf,
  intersectionOf,
  realSetOf,
  unionOf,
  type RealSet,
} from './intervals.ts';

export type Join = '∪' | '∩' | '∖';

/** null where one of them is no set of real numbers. */
export function combined(answers: readonly Answer[], join: Join): Answer | null {
  const sets = answers.map(realSetOf);
  if (!sets.every((set): set is RealSet => set !== null)) return null;
  if (join === '∪') return answerOf(unionOf(sets));
  if (join === '∩') return answerOf(intersectionOf(sets));
  return sets.length === 2 ? answerOf(differenceOf(sets[0], sets[1])) : null;
}
