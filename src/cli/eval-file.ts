/** The output file of `eval`: written whole, read back to go on where it stopped. */
import { existsSync } from 'node:fs';
import * as z from 'zod/mini';
import { pointsOf, type SweepPoint } from '../eval/points.ts';
import type { SweepPlan } from '../eval/sweep-plan.ts';
import { sweepResultSchema, withoutDetails, type SweepResult } from '../eval/sweep-result.ts';
import { badInput } from './args.ts';
import { parseJson, readText, writeWhole } from './output.ts';

/** What all results of a file have in common. Results of other settings must not be mixed in. */
export const setupSchema = z.record(z.string(), z.unknown());
export type Setup = z.infer<typeof setupSchema>;

const fileSchema = z.object({
  setup: z.optional(setupSchema),
  problems: z.optional(
    z.array(z.object({ id: z.string(), prompt: z.string(), answer: z.optional(z.string()) })),
  ),
  results: z.array(sweepResultSchema),
});

/** What a file says already. */
export interface Earlier {
  readonly setup: Setup;
  readonly problems: SweepPlan['problems'];
  readonly results: readonly SweepResult[];
}

/** `models`: what the weights are, by role. */
export function setupOf({ base }: SweepPlan, models: Readonly<Record<string, string>>): Setup {
  // These vary inside a file.
  const { problem, strategy, budget, seed, ...rest } = base;
  void [problem, strategy, budget, seed];
  return { ...rest, models };
}

/** Earlier results; none where there is no file. Throws AppError `bad-input` for a foreign file and
 * for results that were measured with other models, settings or problems. */
export function readEarlier(path: string, setup: Setup, plan: SweepPlan): Earlier {
  if (!existsSync(path)) return { setup, problems: plan.problems, results: [] };
  const parsed = z.safeParse(fileSchema, parseJson(readText(path)));
  if (!parsed.success) {
    throw badInput(`${path} exists and holds no results of this command.`, 'Name another --out.');
  }
  const { setup: earlier = {}, problems = [], results } = parsed.data;
  const differing = differencesOf(earlier, setup);
  if (differing.length > 0) {
    const what = differing.join(', ');
    throw badInput(`${path} was measured with another ${what}.`, 'Name another --out.');
  }
  const known = new Map(problems.map((one) => [one.id, one]));
  const other = plan.problems.find(
    ({ id, prompt }) => (known.get(id)?.prompt ?? prompt) !== prompt,
  );
  if (other !== undefined) {
    throw badInput(`${path} has another problem ${other.id}.`, 'Name another --out.');
  }
  // What was right was settled when it was measured.
  const regraded = plan.problems.find(
    ({ id, answer }) => known.has(id) && known.get(id)?.answer !== answer,
  );
  if (regraded !== undefined) {
    const { id } = regraded;
    throw badInput(`${path} was graded by another answer to problem ${id}.`, 'Name another --out.');
  }
  const planned = new Set(plan.problems.map(({ id }) => id));
  const rest = problems.filter(({ id }) => !planned.has(id));
  return { setup: joinSetups(earlier, setup), problems: [...plan.problems, ...rest], results };
}

/** Of two that do not differ. */
export function joinSetups(a: Setup, b: Setup): Setup {
  return { ...b, ...a, models: { ...modelsOf(b), ...modelsOf(a) } };
}

/** Fingerprints by role. */
function modelsOf({ models }: Setup): object {
  return typeof models === 'object' && models !== null ? models : {};
}

/** Names of what differs. What only one of them tells counts for both. */
export function differencesOf(a: Setup, b: Setup): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => {
    const [one, other] = [a[key], b[key]];
    if (one === undefined || other === undefined) return false;
    if (typeof one !== 'object' || one === null) return one !== other;
    // Models that only one of the sweeps reads do not matter to the other.
    const [left, right] = [one, other ?? {}] as Record<string, unknown>[];
    return Object.keys(left).some((name) => name in right && left[name] !== right[name]);
  });
}

export interface EvalDocument {
  readonly setup: Setup;
  readonly measured: {
    readonly at: string;
    readonly revision: string;
    /** By role, where the models' folder says. */
    readonly parameters: Readonly<Record<string, number>>;
  };
  readonly problems: SweepPlan['problems'];
  readonly points: readonly SweepPoint[];
  readonly results: readonly SweepResult[];
}

export interface Origin {
  readonly setup: Setup;
  /** Those of the plan, and what the file had before. */
  readonly problems: SweepPlan['problems'];
  readonly revision: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** Leave out what only analyses need. */
  readonly compact: boolean;
}

/** Results in the order of the plan; earlier ones that are not part of it are kept behind. */
export function describeSweep(
  plan: SweepPlan,
  results: readonly SweepResult[],
  { setup, problems, revision, parameters, compact }: Origin,
): Omit<EvalDocument, 'points'> {
  const places = new Map(plan.strategies.map(({ name }, at) => [name, at]));
  const ids = new Map(plan.problems.map(({ id }, at) => [id, at]));
  const ordered = [...results].sort(
    (a, b) =>
      (places.get(a.strategy) ?? places.size) - (places.get(b.strategy) ?? places.size) ||
      a.budget - b.budget ||
      a.seed - b.seed ||
      (ids.get(a.id) ?? ids.size) - (ids.get(b.id) ?? ids.size),
  );
  return {
    setup,
    measured: { at: new Date().toISOString(), revision, parameters },
    problems,
    results: compact ? ordered.map(withoutDetails) : ordered,
  };
}

export function withPoints(document: Omit<EvalDocument, 'points'>): EvalDocument {
  return { ...document, points: pointsOf(document.results) };
}

/** While a sweep goes on its points are left out: intervals take seconds, results do not. */
export function saveSweep(path: string, document: Omit<EvalDocument, 'points'>): void {
  writeWhole(path, JSON.stringify({ ...document, points: [] }));
}
