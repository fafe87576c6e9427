/** Words that may stand around a problem without changing it. */

const FILLER = new Set(
  `a all allowed also an and answer any are as ask be by calculate can combine combining compute
  computing could determine do does each equation evaluate every exactly expression find following
  for given have hello help here hey hi how i i'd if in is it its it's just let let's linear math
  maths me much my need now number of on once one only operation operations or order out please
  problem puzzle question quick result simplify single so solution solve solving tell thank thanks
  that the then there these they this those to try up us value want we what what's whats when where
  which with work would you your hence unknown variable such therefore
  way ways satisfies satisfying satisfy true root show step steps`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

export function isFiller(word: string): boolean {
  return FILLER.has(word);
}
