/** `curves`: what sweep files say, as the compact files that ship with the page. */
import {
  choosableStrategies,
  curvesOf,
  type Curves,
  type CurvesMeta,
  type LargerPolicy,
} from '../eval/curves.ts';
import { difficultyOf, parseDifficulty, type Difficulty } from '../eval/difficulty.ts';
import { differencesBetween } from '../eval/points.ts';
import type { SweepResult } from '../eval/sweep-result.ts';
import { policyTable } from '../eval/policy-table.ts';
import type { Saving } from '../eval/saving.ts';
import { badInput, Options } from './args.ts';
import { differencesOf } from './eval-file.ts';
import { printJson, say, writeWhole } from './output.ts';
import { familiesById } from './problem-families.ts';
import { fingerprint, revision } from './provenance.ts';
import {
  baseOf,
  canonicalPrompts,
  readSweepFile,
  readSweepFiles,
  type SweepFiles,
} from './sweep-files.ts';

const OPTIONS = {
  results: 'strings',
  difficulty: 'strings',
  larger: 'string',
  against: 'strings',
  separate: 'strings',
  out: 'string',
  table: 'string',
  'difficulty-out': 'string',
  label: 'string',
  models: 'string',
  json: 'boolean',
} as const;

const MODELS = ['policy', 'prm', 'reviser', 'orm', 'policy-large'];

export async function curves(args: readonly string[]): Promise<void> {
  const options = Options.parse(args, OPTIONS);
  const paths = options.texts('results');
  if (paths.length === 0) options.required('results');
  const files = readSweepFiles(paths);
  const against = options.texts('against');
  if (against.length > 0) sayDifferences(files, readSweepFiles(against));
  const meta = metaOf(options);
  const difficulty = difficultyFrom(options, files, meta);
  const document = curvesOf(files.results, difficulty, meta, {
    larger: largerOf(options, files),
    families: familiesById(files),
    ...separateOf(options, files),
  });
  const out = options.text('out');
  if (out !== undefined) writeWhole(out, `${JSON.stringify(document, rounded)}\n`);
  const table = options.text('table');
  if (table !== undefined) {
    writeWhole(table, `${JSON.stringify(tableOf(files, difficulty, meta), rounded)}\n`);
  }
  if (options.has('json')) printJson(document);
  sayFindings(document);
}

function metaOf(options: Options): CurvesMeta {
  return {
    label: options.text('label') ?? 'measured with eval',
    measuredAt: new Date().toISOString(),
    revision: revision(),
    models: fingerprints(options.text('models') ?? 'public/models'),
  };
}

/** From samples of their own where such are given; they must not share a seed with the results. */
function difficultyFrom(options: Options, files: SweepFiles, meta: CurvesMeta): Difficulty {
  const paths = options.texts('difficulty');
  const { results } = files;
  if (paths.length === 0) {
    return difficultyOf(results, results, { ...meta, label: 'the samples that are compared' });
  }
  const samples = readSweepFiles(paths);
  const { name, problems } = samples;
  // Width and the like do not matter to independent samples.
  const differing = differencesOf(samples.setup, files.setup).filter(
    (one) => one === 'models' || one === 'temperature',
  );
  if (differing.length > 0) {
    throw badInput(
      `${name} was measured with another ${differing.join(', ')} than the results.`,
      'Difficulty belongs to a policy: measure it anew with the same models.',
    );
  }
  const own = difficultyOf(samples.results, results, { ...meta, label: 'samples of their own' });
  if (own.problems.length === 0) {
    throw badInput(`${name} holds no Best-of-N runs with details.`, 'Run eval without --compact.');
  }
  if (!own.independent) {
    throw badInput(
      `${name} shares seeds with the results.`,
      'Measure it with eval --seed 1001, so that bins and accuracy are independent.',
    );
  }
  const prompts = new Map(problems.map(({ id, prompt }) => [id, prompt]));
  const named = own.problems.map((one) => ({ ...one, prompt: prompts.get(one.id) ?? one.id }));
  const out = options.text('difficulty-out');
  if (out !== undefined) {
    const document = parseDifficulty({ ...own, problems: named });
    writeWhole(out, `${JSON.stringify(document, rounded)}\n`);
  }
  return own;
}

/** Runs of their own beside those that were read out of larger ones. */
function separateOf(options: Options, files: SweepFiles): { separate?: readonly SweepResult[] } {
  const paths = options.texts('separate');
  if (paths.length === 0) return {};
  const { name, results } = readSweepFiles(paths);
  const used = new Set(files.results.map(({ seed }) => seed));
  if (results.every(({ seed }) => !used.has(seed))) return { separate: results };
  throw badInput(
    `${name} shares seeds with the results, so they are equal to the letter.`,
    'Measure it with eval --separate --seed 2001.',
  );
}

function largerOf(options: Options, small: SweepFiles): LargerPolicy | null {
  const path = options.text('larger');
  if (path === undefined) return null;
  const { results, setup, parameters } = readSweepFile(path);
  const greedy = results.filter(({ strategy }) => strategy === 'greedy');
  const lowest = Math.min(...greedy.map(({ budget }) => budget));
  const answers = greedy.filter(({ budget }) => budget === lowest);
  if (answers.length === 0) {
    throw badInput(`${path} holds no greedy answers.`, 'Run eval --strategies greedy for it.');
  }
  const [large, base] = [parameters.policy, small.parameters.policy];
  return {
    label: typeof setup.policy === 'string' ? setup.policy : 'larger policy',
    modelRatio: large === undefined || base === undefined ? null : large / base,
    results: answers.map(({ id, correct, seed }) => ({ id, correct, seed })),
  };
}

/** `auto` predicts difficulty from a few samples, so its bins are cut the same way. */
function tableOf(files: SweepFiles, difficulty: Difficulty, meta: CurvesMeta) {
  const table = policyTable({
    results: files.results,
    difficulty,
    strategies: choosableStrategies(files.results),
    base: baseOf(files),
    prompts: canonicalPrompts(files),
    source: `${meta.label}, ${meta.measuredAt.slice(0, 10)}, revision ${meta.revision}`,
  });
  if (table !== null) return table;
  throw badInput('These results have no details.', 'Run eval without --compact.');
}

function sayFindings({ comparisons, byDifficulty, savings, separate }: Curves): void {
  for (const { strategy, against, budget, ...difference } of comparisons) {
    say(`${strategy} - ${against} at ${budget}: ${inWords(difference)}`);
  }
  for (const { strategy, budget, ...difference } of separate) {
    say(`${strategy} at ${budget}, runs of their own - read out: ${inWords(difference)}`);
  }
  for (const { strategy, saving } of savings) say(`${strategy}: ${savingInWords(saving)}`);
  for (const { kind, independent, saving } of byDifficulty) {
    if (saving === null) continue;
    const bins = `${kind} bins${independent ? '' : ' (from the same samples)'}`;
    say(`compute-optimal, ${bins}, estimate not charged: ${savingInWords(saving.free)}`);
    say(`compute-optimal, ${bins}, estimate charged: ${savingInWords(saving.charged)}`);
  }
}

function savingInWords({ ratio, low, high, reached, baselineBudget, most }: Saving): string {
  const figure = (value: number | null) => (value === null ? 'not reached' : value.toFixed(2));
  return `best-of-n at ${baselineBudget} for ${figure(ratio)} times fewer generations [${figure(low)}, ${figure(high)}], at most ${most.toFixed(1)} could show; reached in ${(reached * 100).toFixed(0)} % of draws`;
}

function sayDifferences(a: SweepFiles, b: SweepFiles): void {
  for (const { strategy, budget, ...difference } of differencesBetween(a.results, b.results)) {
    say(`${strategy} at ${budget}, second file - first: ${inWords(difference)}`);
  }
}

function inWords(one: { mean: number; low: number; high: number; tie: boolean }): string {
  const range = `[${one.low.toFixed(3)}, ${one.high.toFixed(3)}]`;
  return `${one.mean.toFixed(3)} ${range}${one.tie ? ' tie' : ''}`;
}

/** Shipped files need no more than five digits. */
function rounded(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number(value.toPrecision(5));
}

/** Of the models in the folder: curves of other weights are stale. */
function fingerprints(folder: string): Record<string, string> {
  return Object.fromEntries(
    MODELS.flatMap((name) => {
      const print = fingerprint(folder, name);
      return print === null ? [] : [[name, print]];
    }),
  );
}
