/** What `eval` is asked to measure: its options as a plan, its problem file as problems. */
import * as z from 'zod/mini';
import { parseStrategySpecs } from '../eval/strategy-spec.ts';
import type { SweepPlan, SweepProblem } from '../eval/sweep-plan.ts';
import { AppError } from '../shared/errors.ts';
import { badInput, type Options } from './args.ts';
import { MODEL_OPTIONS, type ModelNeeds } from './open-models.ts';
import { parseJson, readText } from './output.ts';
import type { ReadProblem } from './problem.ts';
import { baseConfig, budgetSchema, RUN_OPTIONS, seedSchema } from './run-options.ts';

export const EVAL_OPTIONS = {
  ...MODEL_OPTIONS,
  ...RUN_OPTIONS,
  problems: 'string',
  strategies: 'string',
  budgets: 'string',
  seeds: 'string',
  seed: 'string',
  limit: 'string',
  separate: 'boolean',
  workers: 'string',
  out: 'string',
  csv: 'string',
  compact: 'boolean',
  details: 'boolean',
  json: 'boolean',
} as const;

const countSchema = z.int().check(z.minimum(1), z.maximum(1000));

export function planOf(options: Options, read: ReadProblem): SweepPlan {
  const base = baseConfig(options);
  const seed = options.checked('seed', seedSchema) ?? 1;
  const limit = options.checked('limit', z.int().check(z.minimum(1)));
  return {
    problems: readProblems(options.required('problems'), read).slice(0, limit),
    strategies: parseStrategySpecs(options.text('strategies') ?? 'greedy,best-of-n,beam'),
    budgets: [...new Set(options.list('budgets', budgetSchema) ?? [1, 4, 16, 64])],
    seeds: options.checked('seeds', countSchema) ?? 1,
    separate: options.has('separate'),
    base: { ...base, seed },
  };
}

/** The models that the plan's strategies read. */
export function needsOf({ strategies, base }: SweepPlan): ModelNeeds {
  return {
    verifier: strategies.some(
      ({ strategy, selection }) =>
        strategy !== 'greedy' &&
        !(strategy === 'best-of-n' && (selection ?? base.selection) === 'majority'),
    ),
    strategies: strategies.map(({ strategy }) => strategy),
  };
}

const lineSchema = z.object({
  id: z.union([z.string(), z.number()]),
  prompt: z.string(),
  answer: z.optional(z.nullable(z.union([z.string(), z.number()]))),
});

/** Every line must be a problem that can be run: a sweep over half a file would mislead. */
function readProblems(path: string, read: ReadProblem): SweepProblem[] {
  const lines = readText(path).split(/\r\n|\n|\r/);
  const problems = new Map<string, SweepProblem>();
  lines.forEach((line, at) => {
    if (line.trim() === '') return;
    const where = `Line ${at + 1} of the problem file`;
    const parsed = z.safeParse(lineSchema, parseJson(line));
    if (!parsed.success) {
      throw badInput(`${where} is not a problem.`, 'A line is {"id": …, "prompt": …}.');
    }
    const { id, prompt, answer } = parsed.data;
    if (problems.has(String(id))) {
      throw badInput(`${where} repeats the id ${id}.`, 'Give every problem an id of its own.');
    }
    const known = answer === undefined || answer === null ? {} : { answer: String(answer) };
    const problem = { id: String(id), prompt, ...known };
    try {
      read(problem);
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      throw new AppError(thrown.code, `${where}: ${thrown.message}`, { advice: thrown.advice });
    }
    problems.set(problem.id, problem);
  });
  if (problems.size > 0) return [...problems.values()];
  throw badInput('The problem file is empty.', 'A line is {"id": …, "prompt": …}.');
}
