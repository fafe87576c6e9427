/** Where numbers come from: code revision and weights. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { parseModelConfig } from '../engine/weights/model-config.ts';
import type { Options } from './args.ts';
import { mayRevise } from '../search/compute-optimal-table.ts';
import { choicesFor, engineOf, modelsFolder, tablePath, type ModelNeeds } from './open-models.ts';
import { parseJson, readText } from './output.ts';

const WEIGHTS = 'model.safetensors';

/** Empty outside a git checkout. */
export function revision(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/** By role: the first digits of the SHA-256 of the weights, or the name of a served model. */
export function modelFingerprints(options: Options, needs: ModelNeeds): Record<string, string> {
  const table = tableFingerprint(options, needs);
  if (engineOf(options) === 'openai') {
    const served = {
      policy: options.text('policy-model'),
      verifier: options.text('verifier-model'),
    };
    const named = Object.entries(served).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return { ...Object.fromEntries(named), ...table };
  }
  const choices = choicesFor(options, needs);
  const revises = needs.strategies.some((strategy) => mayRevise(strategy, choices));
  const names: [string, string | undefined][] = [
    ['policy', options.text('policy') ?? 'policy'],
    ['verifier', needs.verifier ? (options.text('verifier') ?? 'prm') : undefined],
    ['reviser', revises ? 'reviser' : undefined],
    ['orm', revises ? 'orm' : undefined],
  ];
  const folder = modelsFolder(options);
  const weights = names.flatMap(([role, name]) =>
    name === undefined ? [] : [[role, fingerprint(folder, name) ?? name] as const],
  );
  return { ...Object.fromEntries(weights), ...table };
}

const manifestSchema = z.object({
  models: z.array(z.object({ id: z.string(), parameters: z.number() })),
});

/** Of policy and verifier, from the manifest of the models' folder; nothing where it has none. */
export function modelParameters(options: Options): Record<string, number> {
  const path = join(modelsFolder(options), 'manifest.json');
  if (engineOf(options) === 'openai' || !existsSync(path)) return {};
  const parsed = z.safeParse(manifestSchema, parseJson(readText(path)));
  const known = new Map(parsed.data?.models.map(({ id, parameters }) => [id, parameters]));
  const names = [
    ['policy', options.text('policy') ?? 'policy'],
    ['verifier', options.text('verifier') ?? 'prm'],
  ];
  return Object.fromEntries(
    names.flatMap(([role, name]) => {
      const parameters = known.get(name);
      return parameters === undefined ? [] : [[role, parameters]];
    }),
  );
}

/** What `auto` chose by belongs to its results as weights do. */
function tableFingerprint(options: Options, { strategies }: ModelNeeds): Record<string, string> {
  const table = strategies.includes('auto') ? digest(tablePath(options)) : null;
  return table === null ? {} : { table };
}

/** Of the weights and, where the config has any, of those that the policy's confidence is read with;
 * null where there are no such weights. */
export function fingerprint(folder: string, name: string): string | null {
  const weights = digest(join(folder, name, WEIGHTS));
  const config = join(folder, name, 'config.json');
  if (weights === null || !existsSync(config)) return weights;
  const { confidence } = parseModelConfig(parseJson(readText(config)));
  return confidence === undefined ? weights : hash(JSON.stringify([weights, confidence]));
}

function digest(path: string): string | null {
  return existsSync(path) ? hash(readFileSync(path)) : null;
}

function hash(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 12);
}
