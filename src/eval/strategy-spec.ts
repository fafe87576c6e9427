/**
 * A strategy as a sweep names it: `best-of-n`, `best-of-n:majority`, `beam:best:width=0`. The name
 * as written is the name of the curve.
 */
import * as z from 'zod/mini';
import { AppError } from '../shared/errors.ts';
import {
  runConfigSchema,
  SELECTIONS,
  STRATEGIES,
  STRATEGY_PARAMETERS,
  type RunConfig,
  type Selection,
  type StrategyId,
} from '../shared/run-config.ts';

export interface StrategySpec {
  readonly name: string;
  readonly strategy: StrategyId;
  readonly selection: Selection | null;
  readonly overrides: Partial<RunConfig>;
}

/** Throws AppError `bad-input` that names the part and what is possible there. */
export function parseStrategySpec(text: string): StrategySpec {
  const [id, ...parts] = text.trim().split(':');
  const strategy = STRATEGIES.find((one) => one === id);
  if (strategy === undefined) {
    throw refusal(`There is no strategy named "${id}".`, `Choose among ${STRATEGIES.join(', ')}.`);
  }
  let selection: Selection | null = null;
  let overrides: Partial<RunConfig> = {};
  for (const part of parts) {
    const rule = SELECTIONS.find((one) => one === part);
    if (rule !== undefined) selection = rule;
    else overrides = { ...overrides, ...parseParameter(part) };
  }
  return { name: text.trim(), strategy, selection, overrides };
}

/** Comma-separated names; repeated ones count once. */
export function parseStrategySpecs(text: string): StrategySpec[] {
  const names = text.split(',').filter((name) => name.trim() !== '');
  const specs = new Map(names.map((name) => [name.trim(), parseStrategySpec(name)]));
  if (specs.size > 0) return [...specs.values()];
  throw refusal('No strategy is named.', `Choose among ${STRATEGIES.join(', ')}.`);
}

export function applySpec(base: RunConfig, spec: StrategySpec): RunConfig {
  const { strategy, selection, overrides } = spec;
  return { ...base, ...overrides, strategy, selection: selection ?? base.selection };
}

function parseParameter(part: string): Partial<RunConfig> {
  const [key, value = ''] = part.split('=');
  const name = STRATEGY_PARAMETERS.find((one) => one === key);
  if (name === undefined) {
    throw refusal(
      `"${part}" is neither a selection rule nor a parameter.`,
      `Rules: ${SELECTIONS.join(', ')}. Parameters, as in width=4: ${STRATEGY_PARAMETERS.join(', ')}.`,
    );
  }
  const parsed = z.safeParse(runConfigSchema.shape[name], plainValue(value));
  if (parsed.success) return { [name]: parsed.data };
  throw refusal(`"${part}" is out of range.`, z.prettifyError(parsed.error));
}

function plainValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function refusal(message: string, advice: string): AppError {
  return new AppError('bad-input', message, { advice });
}
