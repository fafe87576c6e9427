/** Problems by family, level, split and seed: the same request gives the same problems anywhere. */
import { rootStream, StreamRandom } from '../shared/random.ts';
import { familyById } from './families.ts';
import type { FamilyId, GeneratedProblem } from './family.ts';
import { splitOf, type Split } from './split.ts';

export interface GenerateRequest {
  readonly family: FamilyId;
  readonly level: string;
  readonly count: number;
  readonly seed: number;
  /** Only problems of this split; the models saw all others. */
  readonly split?: Split;
  /** Draws per problem before giving up; fewer where somebody waits for an exhausted level. */
  readonly draws?: number;
}

/** Draws per problem before giving up: a rare split keeps one of 50, easy levels repeat. */
const DRAWS = 2000;

/**
 * Distinct problems, fewer than asked for when the level has no more (there are few equations of
 * level 1). Throws (invariant) on a level the family does not have.
 */
export function generateProblems(request: GenerateRequest): GeneratedProblem[] {
  const { family, level, count, seed, split, draws = DRAWS } = request;
  const source = familyById(family);
  const random = new StreamRandom(rootStream(seed, `${family} ${level}`));
  const found = new Map<string, GeneratedProblem>();
  for (let draw = 0; found.size < count && draw < count * draws; draw++) {
    const problem = source.generate(level, random);
    const key = source.splitKey(problem.prompt);
    if (found.has(key) || (split !== undefined && splitOf(problem.prompt) !== split)) continue;
    found.set(key, problem);
  }
  return [...found.values()];
}
