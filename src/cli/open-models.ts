/** Models for the command line: the shipped ones in a folder, or a server. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { labelOfEngine } from '../engine/engine-label.ts';
import { EnginePolicy } from '../engine/engine-policy.ts';
import { matmulParameters } from '../engine/flops.ts';
import { openNodeModel, type OpenModel } from '../engine/node-models.ts';
import { MAX_CONCURRENCY } from '../engine/openai/limiter.ts';
import { openOpenAi } from '../engine/openai/open.ts';
import type { SweepModels } from '../eval/sweep.ts';
import {
  mayRevise,
  parseComputeOptimalTable,
  type ComputeOptimalTable,
} from '../search/compute-optimal-table.ts';
import { AppError } from '../shared/errors.ts';
import { priceSchema, type Price } from '../shared/price.ts';
import type { StrategyId } from '../shared/run-config.ts';
import { LikelihoodVerifier } from '../verify/likelihood.ts';
import { OrmVerifier, REVISION_LENGTH, revisionTokens } from '../verify/orm.ts';
import { PrmVerifier } from '../verify/prm.ts';
import type { Verifier } from '../verify/verifier.ts';
import { badInput, type Options } from './args.ts';
import { parseJson, readText, say } from './output.ts';

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
  concurrency: 'string',
  'price-in': 'string',
  'price-out': 'string',
  table: 'string',
} as const;

/** Room for the steps of a language model, in tokens. */
const LANGUAGE_MODEL_LIMITS = { step: 400, solution: 2048 };

const concurrencySchema = z.int().check(z.minimum(1), z.maximum(MAX_CONCURRENCY));

/** The key of a server is read from here only: options are visible to every user of the machine. */
const KEY_VARIABLE = 'OVERTHINK_API_KEY';
const VERIFIER_KEY_VARIABLE = 'OVERTHINK_VERIFIER_API_KEY';

export interface ModelNeeds {
  readonly verifier: boolean;
  /** Strategies that will run: some of them may come to revise. */
  readonly strategies: readonly StrategyId[];
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
  const verifierKey = process.env[VERIFIER_KEY_VARIABLE];
  const elsewhere = options.text('verifier-base-url');
  const concurrency = options.checked('concurrency', concurrencySchema);
  const backend = await openOpenAi(
    {
      baseUrl: options.required('base-url'),
      policyModel: options.required('policy-model'),
      verifierModel: needs.verifier ? (options.text('verifier-model') ?? '') : '',
      ...(elsewhere === undefined ? {} : { verifierBaseUrl: elsewhere }),
      ...(key === undefined ? {} : { key }),
      ...(verifierKey === undefined ? {} : { verifierKey }),
      ...(concurrency === undefined ? {} : { concurrency }),
      price: priceOf(options),
    },
    signal,
  );
  const { policy, verifier, engineLabel } = backend;
  // A language model revises by prompt: the same policy and the same judge.
  const reviser = { policy, verifier };
  // The shipped table was measured with the shipped models.
  const computeOptimal = options.text('table') === undefined ? null : choicesFor(options, needs);
  const limits = LANGUAGE_MODEL_LIMITS;
  return { policy, verifier, reviser, computeOptimal, engineLabel, limits };
}

/** For a million tokens read and written; undefined where neither is given. */
function priceOf(options: Options): Price | undefined {
  const read = options.checked('price-in', priceSchema.shape.read);
  const written = options.checked('price-out', priceSchema.shape.written);
  if (read === undefined && written === undefined) return undefined;
  return { read: read ?? 0, written: written ?? 0 };
}

async function openShipped(options: Options, needs: ModelNeeds): Promise<SweepModels> {
  const policy = await openModel(options, options.text('policy') ?? 'policy');
  const computeOptimal = choicesFor(options, needs);
  return {
    policy: new EnginePolicy(policy.engine, policy.model.tokenizer, { label: labelOf(policy) }),
    verifier: needs.verifier ? await openVerifier(options) : null,
    reviser: await reviserFor(options, needs.strategies, computeOptimal),
    computeOptimal,
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

/** Where the table of `auto` is: a file of `curves --table`, else the shipped one. */
export function tablePath(options: Options): string {
  return options.text('table') ?? repositoryPath('public/curves/compute-optimal.json');
}

/** What `auto` chooses by; null where it does not run or, for want of a table, takes Best-of-N. */
export function choicesFor(
  options: Options,
  { strategies }: Pick<ModelNeeds, 'strategies'>,
): ComputeOptimalTable | null {
  const path = tablePath(options);
  const given = options.text('table') !== undefined;
  if (!strategies.includes('auto') || (!given && !existsSync(path))) return null;
  return parseComputeOptimalTable(parseJson(readText(path)));
}

/** Throws AppError `model-missing` where revisions are asked for; `auto` can do without. */
async function reviserFor(
  options: Options,
  strategies: readonly StrategyId[],
  table: ComputeOptimalTable | null,
): Promise<SweepModels['reviser']> {
  if (!strategies.some((strategy) => mayRevise(strategy, table))) return null;
  try {
    return await openReviser(options);
  } catch (thrown) {
    const missing = thrown instanceof AppError && thrown.code === 'model-missing';
    if (missing && !strategies.includes('revise')) return null;
    throw thrown;
  }
}

async function openReviser(options: Options): Promise<NonNullable<SweepModels['reviser']>> {
  const reviser = await openModel(options, 'reviser');
  const orm = await openModel(options, 'orm');
  const { tokenizer } = reviser.model;
  return {
    policy: new EnginePolicy(reviser.engine, tokenizer, {
      label: labelOf(reviser),
      promptTokens: (prompt) => revisionTokens(tokenizer, prompt),
      trainedLength: REVISION_LENGTH,
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
