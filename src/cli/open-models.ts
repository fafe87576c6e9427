/** Models for the command line: the shipped ones in a folder, or a server. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labelOfEngine } from '../engine/engine-label.ts';
import { EnginePolicy } from '../engine/engine-policy.ts';
import { matmulParameters } from '../engine/flops.ts';
import { openNodeModel, type OpenModel } from '../engine/node-models.ts';
import { openOpenAi } from '../engine/openai/open.ts';
import type { SweepModels } from '../eval/sweep.ts';
import { parseComputeOptimalTable } from '../search/compute-optimal-table.ts';
import { AppError } from '../shared/errors.ts';
import { LikelihoodVerifier } from '../verify/likelihood.ts';
import { OrmVerifier, revisionTokens } from '../verify/orm.ts';
import { PrmVerifier } from '../verify/prm.ts';
import type { Verifier } from '../verify/verifier.ts';
import { badInput, type Options } from './args.ts';
import { say } from './output.ts';

const ENGINES = ['cpu', 'webgpu', 'openai'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Options that say what runs; every command that runs models takes them. */
export const MODEL_OPTIONS = {
  engine: 'string',
  models: 'string',
  policy: 'string',
  verifier: 'string',
  'base-url': 'string',
  'policy-model': 'string',
  'verifier-model': 'string',
  'verifier-base-url': 'string',
} as const;

/** Room for the steps of a language model, in tokens. */
const LANGUAGE_MODEL_LIMITS = { step: 400, solution: 2048 };

/** The key of a server is read from here only: options are visible to every user of the machine. */
const KEY_VARIABLE = 'OVERTHINK_API_KEY';

export interface ModelNeeds {
  readonly verifier: boolean;
  readonly reviser: boolean;
}

export function engineOf(options: Options): EngineName {
  const name = options.text('engine') ?? 'cpu';
  const engine = ENGINES.find((one) => one === name);
  if (engine !== undefined) return engine;
  throw badInput(`There is no engine named "${name}".`, `Choose among ${ENGINES.join(', ')}.`);
}

/** Throws AppError: no such model, no server, a wrong combination. */
export async function openModels(
  options: Options,
  needs: ModelNeeds,
  signal?: AbortSignal,
): Promise<SweepModels> {
  const engine = engineOf(options);
  if (engine === 'openai') return openServer(options, needs, signal);
  return openShipped(options, needs);
}

async function openServer(
  options: Options,
  needs: ModelNeeds,
  signal: AbortSignal | undefined,
): Promise<SweepModels> {
  const key = process.env[KEY_VARIABLE];
  const elsewhere = options.text('verifier-base-url');
  const backend = await openOpenAi(
    {
      baseUrl: options.required('base-url'),
      policyModel: options.required('policy-model'),
      verifierModel: needs.verifier ? (options.text('verifier-model') ?? '') : '',
      ...(elsewhere === undefined ? {} : { verifierBaseUrl: elsewhere }),
      ...(key === undefined ? {} : { key }),
    },
    signal,
  );
  const { policy, verifier, engineLabel } = backend;
  // A language model revises by prompt: the same policy and the same judge.
  const reviser = { policy, verifier };
  return { policy, verifier, reviser, engineLabel, limits: LANGUAGE_MODEL_LIMITS };
}

async function openShipped(options: Options, needs: ModelNeeds): Promise<SweepModels> {
  const policy = await openModel(options, options.text('policy') ?? 'policy');
  const table = repositoryPath('public/curves/compute-optimal.json');
  return {
    policy: new EnginePolicy(policy.engine, policy.model.tokenizer, { label: labelOf(policy) }),
    verifier: needs.verifier ? await openVerifier(options) : null,
    reviser: needs.reviser ? await openReviser(options) : null,
    computeOptimal: existsSync(table)
      ? parseComputeOptimalTable(JSON.parse(readFileSync(table, 'utf8')))
      : null,
    engineLabel: labelOfEngine(policy.engine.capabilities),
  };
}

async function openVerifier(options: Options): Promise<Verifier | null> {
  const name = options.text('verifier') ?? 'prm';
  if (name === 'none') return null;
  if (name === 'likelihood') return new LikelihoodVerifier();
  const open = await openModel(options, name);
  return new PrmVerifier(open.engine, open.model.tokenizer, { label: labelOf(open) });
}

async function openReviser(options: Options): Promise<NonNullable<SweepModels['reviser']>> {
  const reviser = await openModel(options, 'reviser');
  const orm = await openModel(options, 'orm');
  const { tokenizer } = reviser.model;
  return {
    policy: new EnginePolicy(reviser.engine, tokenizer, {
      label: labelOf(reviser),
      promptTokens: (prompt) => revisionTokens(tokenizer, prompt),
    }),
    verifier: new OrmVerifier(orm.engine, orm.model.tokenizer, { label: labelOf(orm) }),
  };
}

/** A model of the models folder, by its name. Throws AppError `model-missing`. */
export async function openModel(options: Options, name: string): Promise<OpenModel> {
  if (!/^[\w.-]+$/.test(name) || name.startsWith('.')) {
    throw badInput(`"${name}" is no name of a model.`, 'Give the name of a folder of the models.');
  }
  const folder = join(modelsFolder(options), name);
  if (!existsSync(folder)) {
    throw new AppError('model-missing', `There is no model "${name}" in the models folder.`, {
      advice: 'Name a model that is there, or another folder with --models.',
    });
  }
  const backend = engineOf(options);
  if (backend === 'openai') {
    throw badInput('This command reads a model of this machine.', 'Use --engine cpu or webgpu.');
  }
  return openNodeModel(folder, { backend, say });
}

export function modelsFolder(options: Options): string {
  return options.text('models') ?? repositoryPath('public/models');
}

export function labelOf({ model }: OpenModel): string {
  return `${model.id} (${(matmulParameters(model.config) / 1e6).toFixed(1)} M)`;
}

function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
