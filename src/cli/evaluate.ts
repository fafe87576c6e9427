/** `eval`: a sweep over a problem file, resumable through its output file. */
import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { pointsOf } from '../eval/points.ts';
import { resultsCsv } from '../eval/results-table.ts';
import { parseStrategySpecs } from '../eval/strategy-spec.ts';
import { runSweep, type SweepHost } from '../eval/sweep.ts';
import { planTasks, type SweepPlan, type SweepProblem } from '../eval/sweep-plan.ts';
import {
  resultKey,
  sweepResultSchema,
  withoutDetails,
  type SweepResult,
} from '../eval/sweep-result.ts';
import { AppError } from '../shared/errors.ts';
import { badInput, Options } from './args.ts';
import { engineOf, MODEL_OPTIONS, openModels } from './open-models.ts';
import { printJson, say, writeWhole } from './output.ts';
import { problemReader, type ReadProblem } from './problem.ts';
import { baseConfig, budgetSchema, RUN_OPTIONS, seedSchema } from './run-options.ts';

const OPTIONS = {
  ...MODEL_OPTIONS,
  ...RUN_OPTIONS,
  problems: 'string',
  strategies: 'string',
  budgets: 'string',
  seeds: 'string',
  seed: 'string',
  limit: 'string',
  out: 'string',
  csv: 'string',
  details: 'boolean',
  json: 'boolean',
} as const;

const SAVE_EVERY_MS = 5000;

export async function evaluate(args: readonly string[], signal: AbortSignal): Promise<void> {
  const options = Options.parse(args, OPTIONS);
  const read = await problemReader(engineOf(options));
  const plan = planOf(options, read);
  const out = options.text('out');
  const details = options.has('details');
  if (out === undefined && !options.has('json')) {
    throw badInput('Neither --out nor --json is given.', 'Say where the results should go.');
  }
  const kept = out === undefined ? [] : readEarlier(out);
  const results = new Map(kept.map((result) => [resultKey(result), result]));
  const document = () => describeSweep(plan, [...results.values()], details);
  const save = () => out !== undefined && writeWhole(out, JSON.stringify(document()));
  const open = planTasks(plan, kept);
  if (open.length > 0) {
    const host = await hostOf(options, plan, read, signal);
    let savedAt = host.now();
    try {
      for await (const { done, total, results: fresh, failure } of runSweep(plan, host, {
        done: kept,
        signal,
      })) {
        for (const result of fresh) results.set(resultKey(result), result);
        if (failure !== null) say(`${failure.id}: ${failure.error.message}`);
        if (host.now() - savedAt < SAVE_EVERY_MS) continue;
        savedAt = host.now();
        say(`${done} of ${total}`);
        save();
      }
    } finally {
      // A stop or a crash loses at most what is under way.
      save();
    }
  }
  save();
  const csv = options.text('csv');
  if (csv !== undefined) writeWhole(csv, resultsCsv([...results.values()]));
  if (options.has('json')) printJson(document());
  else for (const point of document().points) say(pointLine(point));
}

function planOf(options: Options, read: ReadProblem): SweepPlan {
  const base = baseConfig(options);
  const seed = options.checked('seed', seedSchema) ?? 1;
  const limit = options.checked('limit', z.int().check(z.minimum(1)));
  return {
    problems: readProblems(options.required('problems'), read).slice(0, limit),
    strategies: parseStrategySpecs(options.text('strategies') ?? 'greedy,best-of-n,beam'),
    budgets: [...new Set(options.list('budgets', budgetSchema) ?? [1, 4, 16, 64])],
    seeds: options.checked('seeds', z.int().check(z.minimum(1), z.maximum(1000))) ?? 1,
    base: { ...base, seed },
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

async function hostOf(
  options: Options,
  plan: SweepPlan,
  read: ReadProblem,
  signal: AbortSignal,
): Promise<SweepHost> {
  const rule = plan.base.selection;
  const models = await openModels(
    options,
    {
      verifier: plan.strategies.some(
        ({ strategy, selection }) =>
          strategy !== 'greedy' &&
          !(strategy === 'best-of-n' && (selection ?? rule) === 'majority'),
      ),
      reviser: plan.strategies.some(({ strategy }) => strategy === 'revise'),
    },
    signal,
  );
  return {
    models,
    prepare: read,
    now: () => performance.now(),
  };
}

const earlierSchema = z.object({ results: z.array(sweepResultSchema) });

function readEarlier(path: string): SweepResult[] {
  if (!existsSync(path)) return [];
  const parsed = z.safeParse(earlierSchema, parseJson(readText(path)));
  if (parsed.success) return parsed.data.results;
  throw badInput(`${path} exists and holds no results of this command.`, 'Name another --out.');
}

/** Results in the order of the plan; earlier ones that are not part of it are kept behind. */
function describeSweep(plan: SweepPlan, results: readonly SweepResult[], details: boolean) {
  const strategies = plan.strategies.map(({ name }) => name);
  const ids = new Map(plan.problems.map(({ id }, at) => [id, at]));
  const place = (list: readonly unknown[], item: unknown) => {
    const at = list.indexOf(item);
    return at < 0 ? list.length : at;
  };
  const ordered = [...results].sort(
    (a, b) =>
      place(strategies, a.strategy) - place(strategies, b.strategy) ||
      a.budget - b.budget ||
      a.seed - b.seed ||
      (ids.get(a.id) ?? ids.size) - (ids.get(b.id) ?? ids.size),
  );
  return {
    problems: plan.problems,
    points: pointsOf(ordered),
    results: details ? ordered : ordered.map(withoutDetails),
  };
}

function pointLine(point: ReturnType<typeof pointsOf>[number]): string {
  const { strategy, budget, accuracy, low, high, problems, seeds } = point;
  const share =
    accuracy === null || low === null || high === null
      ? 'truth unknown'
      : `${accuracy.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  return `${strategy.padEnd(24)} N=${String(budget).padEnd(4)} ${share}  ${problems} problems, ${seeds} seeds`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw badInput(`${path} cannot be read.`, 'Check the name of the file.');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
