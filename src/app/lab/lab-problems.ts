/** The problems a setup names. Every line of a set is accounted for. */
import { familyById } from '../../problems/families.ts';
import { generateProblems } from '../../problems/generate.ts';
import { readProblemSet, type LineFault, type SetOutside } from '../../problems/problem-set.ts';
import { hashText } from '../../shared/random.ts';
import type { SweepProblem } from '../../worker/sweep-messages.ts';
import type { LabSetup } from './lab-setup.ts';

export interface LabProblems {
  /** For people. */
  readonly label: string;
  readonly problems: readonly SweepProblem[];
  /** What the set holds in all; `problems` may be its beginning. */
  readonly available: number;
  /** Problems that the small models cannot run. */
  readonly outside: readonly SetOutside[];
  readonly faults: readonly LineFault[];
}

export interface OpenedFile {
  readonly name: string;
  readonly text: string;
}

export interface Wanted {
  readonly limit: number;
  /** Language models take any text as a problem; the small models only what their families hold. */
  readonly anyProblem?: boolean;
}

export function problemsOfText(
  label: string,
  text: string,
  { limit, anyProblem = false }: Wanted,
): LabProblems {
  const { problems, outside, faults } = readProblemSet(text);
  const runnable = anyProblem
    ? [...problems, ...outside].sort((a, b) => a.line - b.line)
    : problems;
  return {
    label,
    problems: runnable
      .slice(0, limit)
      .map(({ id, prompt, answer }) => withAnswer(id, prompt, answer)),
    available: runnable.length,
    outside: anyProblem ? [] : outside,
    faults,
  };
}

/** Six times what a level needs whose problems do not repeat: the split keeps one of 25. */
const DRAWS = 150;

/** Held-out problems only: the models never saw these. Fewer than asked where a level has no more. */
export function problemsOfLevel(setup: LabSetup): LabProblems {
  const { family, count, generatorSeed } = setup;
  const source = familyById(family);
  const known = source.levels.map(({ id }) => id);
  const levels = known.includes(setup.level) ? [setup.level] : known;
  const problems = levels.flatMap((level, at) => {
    const share = Math.floor(count / levels.length) + (at < count % levels.length ? 1 : 0);
    const request = { family, level, count: share, seed: generatorSeed, draws: DRAWS };
    return generateProblems({ ...request, split: 'test' }).map(({ prompt, answer }, i) =>
      withAnswer(`${family}-${level}-s${generatorSeed}-${i + 1}`, prompt, answer),
    );
  });
  const label = `${source.label}, ${levels.length === 1 ? `level ${levels[0]}` : 'all levels'}`;
  return { label, problems, available: problems.length, outside: [], faults: [] };
}

/** Equal for equal problems with equal known answers only, whatever file they came in: results say
 * what was right, so another answer asks for other results. */
export function fingerprint(problems: readonly SweepProblem[]): string {
  const text = problems
    .map(({ id, prompt, answer }) => JSON.stringify([id, prompt, answer ?? null]))
    .join('\n');
  return `${problems.length}-${hashText(text).toString(16)}`;
}

/** Round robin: every part has a like share of every level. Empty parts are left out. */
export function splitProblems(problems: readonly SweepProblem[], parts: number): SweepProblem[][] {
  const split = Array.from({ length: parts }, (_, part) =>
    problems.filter((_problem, at) => at % parts === part),
  );
  return split.filter((part) => part.length > 0);
}

function withAnswer(id: string, prompt: string, answer: string | null): SweepProblem {
  return answer === null ? { id, prompt } : { id, prompt, answer };
}
