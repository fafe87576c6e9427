/**
 * Output files of `eval` read back, several as one: a sweep may be measured in parts, by strategy,
 * seed or machine. What does not belong together is refused, never averaged.
 */
import * as z from 'zod/mini';
import { resultKey, sweepResultSchema, type SweepResult } from '../eval/sweep-result.ts';
import { understand } from '../problems/understand.ts';
import { runConfigSchema, type RunConfig } from '../shared/run-config.ts';
import { badInput } from './args.ts';
import { differencesOf, joinSetups, setupSchema, type Setup } from './eval-file.ts';
import { parseJson, readText } from './output.ts';

const problemSchema = z.object({ id: z.string(), prompt: z.string() });

const fileSchema = z.object({
  setup: z.optional(setupSchema),
  measured: z.optional(z.object({ parameters: z.optional(z.record(z.string(), z.number())) })),
  problems: z.optional(z.array(problemSchema)),
  results: z.array(sweepResultSchema),
});

export interface SweepFiles {
  /** As typed on the command line, for messages. */
  readonly name: string;
  /** Of all files together; empty where no file says. */
  readonly setup: Setup;
  /** Numbers of parameters by role. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly problems: readonly { readonly id: string; readonly prompt: string }[];
  readonly results: readonly SweepResult[];
}

/** Throws AppError `bad-input`. */
export function readSweepFile(path: string): SweepFiles {
  const parsed = z.safeParse(fileSchema, parseJson(readText(path)));
  if (!parsed.success) {
    throw badInput(`${path} holds no results of eval.`, 'Name an output file of eval.');
  }
  const { setup = {}, measured, problems = [], results } = parsed.data;
  return { name: path, setup, parameters: measured?.parameters ?? {}, problems, results };
}

/** Throws AppError `bad-input` that names the files and what is between them. */
export function readSweepFiles(paths: readonly string[]): SweepFiles {
  return paths.map(readSweepFile).reduce(merge);
}

/** Two files that name one result twice must agree on it, whoever measured it. */
function merge(first: SweepFiles, second: SweepFiles): SweepFiles {
  const setup = mergeSetups(first, second);
  const prompts = new Map(first.problems.map(({ id, prompt }) => [id, prompt]));
  for (const { id, prompt } of second.problems) {
    const known = prompts.get(id);
    if (known !== undefined && known !== prompt) {
      const what = `Problem ${id} of ${second.name} is another than in ${first.name}.`;
      throw badInput(what, 'Merge sweeps over the same problem file.');
    }
    prompts.set(id, prompt);
  }
  const results = new Map(first.results.map((one) => [resultKey(one), one]));
  for (const one of second.results) {
    const known = results.get(resultKey(one));
    if (known !== undefined && !agree(known, one)) {
      const { id, strategy, budget, seed } = one;
      const what = `${strategy} at ${budget} on ${id}, seed ${seed}, is in ${first.name} and in ${second.name} with different outcomes.`;
      throw badInput(what, 'Measure it once: leave one of the files out, or its strategy or seed.');
    }
    // Of two, the one that analyses can use.
    if (known?.details === undefined) results.set(resultKey(one), one);
  }
  return {
    name: `${first.name} ${second.name}`,
    setup,
    parameters: { ...second.parameters, ...first.parameters },
    problems: [...prompts].map(([id, prompt]) => ({ id, prompt })),
    results: [...results.values()],
  };
}

function mergeSetups(first: SweepFiles, second: SweepFiles): Setup {
  const [a, b] = [first, second].map(({ setup }) => setup);
  const differing = differencesOf(a, b);
  if (differing.length === 0) return joinSetups(a, b);
  throw badInput(
    `${first.name} and ${second.name} were measured with another ${differing.join(', ')}.`,
    'Results of other models or settings do not mix: measure them anew, or read them apart.',
  );
}

/** Times differ from run to run, details may be left out. */
function agree(a: SweepResult, b: SweepResult): boolean {
  return (
    a.answer === b.answer &&
    a.correct === b.correct &&
    a.ledger.generations === b.ledger.generations &&
    a.ledger.policyTokens === b.ledger.policyTokens
  );
}

/** Settings that all runs had in common, as far as the files say. */
export function baseOf({ setup }: SweepFiles): Partial<RunConfig> {
  return z.parse(z.partial(runConfigSchema), pickKnown(setup));
}

function pickKnown(setup: Setup): Record<string, unknown> {
  return Object.fromEntries(Object.entries(setup).filter(([key]) => key in runConfigSchema.shape));
}

/** By problem id, as the policy reads them. */
export function canonicalPrompts({ problems }: SweepFiles): ReadonlyMap<string, string> {
  return new Map(
    problems.map(({ id, prompt }) => {
      const reading = understand(prompt);
      return [id, reading.kind === 'problem' ? reading.prompt : prompt];
    }),
  );
}
