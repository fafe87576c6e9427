/** `curves`: what a sweep file says, as the compact files that ship with the page. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { curvesOf } from '../eval/curves.ts';
import { policyTable } from '../eval/policy-table.ts';
import { sweepResultSchema } from '../eval/sweep-result.ts';
import { badInput, Options } from './args.ts';
import { printJson, say, writeWhole } from './output.ts';
import { familiesById } from './problem-families.ts';

const WEIGHTS = 'model.safetensors';

const OPTIONS = {
  results: 'string',
  out: 'string',
  table: 'string',
  label: 'string',
  models: 'string',
  json: 'boolean',
} as const;

const fileSchema = z.object({
  problems: z.optional(z.unknown()),
  results: z.array(sweepResultSchema),
});

export async function curves(args: readonly string[]): Promise<void> {
  const options = Options.parse(args, OPTIONS);
  const file = readResults(options.required('results'));
  const { results } = file;
  const measuredAt = new Date().toISOString();
  const meta = {
    label: options.text('label') ?? 'measured with eval',
    measuredAt,
    revision: revision(),
    models: fingerprints(options.text('models') ?? 'public/models'),
  };
  const document = curvesOf(results, meta, familiesById(file));
  const out = options.text('out');
  if (out !== undefined) writeWhole(out, `${JSON.stringify(document)}\n`);
  const table = options.text('table');
  const predicted = document.byDifficulty.find(({ kind }) => kind === 'predicted');
  if (table !== undefined) {
    if (predicted === undefined) {
      throw badInput('These results have no details.', 'Run eval with --details.');
    }
    const source = `${document.label}, ${measuredAt.slice(0, 10)}, revision ${document.revision}`;
    writeWhole(table, `${JSON.stringify(policyTable(predicted, source))}\n`);
  }
  if (options.has('json')) printJson(document);
  for (const { strategy, against, budget, mean, low, high, tie } of document.comparisons) {
    const range = `[${low.toFixed(3)}, ${high.toFixed(3)}]${tie ? ' tie' : ''}`;
    say(`${strategy} - ${against} at ${budget}: ${mean.toFixed(3)} ${range}`);
  }
}

function readResults(path: string) {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw badInput(`${path} cannot be read.`, 'Name an output file of eval.');
  }
  const parsed = z.safeParse(fileSchema, json);
  if (parsed.success) return parsed.data;
  throw badInput(`${path} holds no results of eval.`, 'Name an output file of eval.');
}

/** The first digits of the SHA-256 of each model's weights: curves of other weights are stale. */
function fingerprints(folder: string): Record<string, string> {
  const names = ['policy', 'prm', 'reviser', 'orm'].filter((name) =>
    existsSync(join(folder, name, WEIGHTS)),
  );
  return Object.fromEntries(
    names.map((name) => {
      const hash = createHash('sha256').update(readFileSync(join(folder, name, WEIGHTS)));
      return [name, hash.digest('hex').slice(0, 12)];
    }),
  );
}

/** Empty outside a git checkout. */
function revision(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
