/** From measured results to the table that `auto` reads (public/curves/compute-optimal.json). */
import {
  halfOf,
  type ChoiceTable,
  type ComputeOptimalTable,
} from '../search/compute-optimal-table.ts';
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../shared/run-config.ts';
import { chooseByBin } from './compute-optimal.ts';
import { binByEase, easeOf, type Difficulty } from './difficulty.ts';
import { applySpec, parseStrategySpec } from './strategy-spec.ts';
import type { SweepResult } from './sweep-result.ts';

export interface TableQuestion {
  readonly results: readonly SweepResult[];
  readonly difficulty: Difficulty;
  /** Among which to choose, as the results name them. */
  readonly strategies: readonly string[];
  /** What the runs had in common. */
  readonly base: Partial<RunConfig>;
  /** Canonical prompts by problem id; they tell the halves apart. */
  readonly prompts: ReadonlyMap<string, string>;
  /** For people. */
  readonly source: string;
}

/**
 * Of predicted difficulty, since the truth of a problem that has just been typed is not known, and
 * from as few samples as `auto` takes where such were measured. null where no difficulty is known.
 */
export function policyTable(question: TableQuestion): ComputeOptimalTable | null {
  const ease = [
    easeOf(question.difficulty, 'quick'),
    easeOf(question.difficulty, 'predicted'),
  ].find(({ size }) => size > 0);
  if (ease === undefined) return null;
  const half = (id: string) => halfOf(question.prompts.get(id) ?? id);
  const fit = (fits: (id: string) => boolean) => fitOn(question, ease, fits);
  return {
    format: 'overthink-compute-optimal',
    version: 2,
    source: question.source,
    ...fit(() => true),
    withoutHalf: [fit((id) => half(id) !== 0), fit((id) => half(id) !== 1)],
  };
}

function fitOn(
  { results, strategies, base }: TableQuestion,
  ease: ReadonlyMap<string, number>,
  fits: (id: string) => boolean,
): ChoiceTable {
  const measured = new Set(results.map(({ id }) => id));
  const own = new Map([...ease].filter(([id]) => measured.has(id) && fits(id)));
  const binning = binByEase(own);
  const { choices } = chooseByBin(results, binning, strategies);
  return {
    thresholds: [...binning.thresholds],
    choices: choices.map(({ bin, budget, strategy, accuracy, problems }) => ({
      ...{ bin, budget, accuracy, problems },
      ...settingsOf(strategy, base),
    })),
  };
}

function settingsOf(
  name: string,
  base: Partial<RunConfig>,
): Pick<ChoiceTable['choices'][number], 'strategy' | 'selection' | 'parameters'> {
  const spec = parseStrategySpec(name);
  const config = applySpec({ ...DEFAULT_RUN_CONFIG, ...base }, spec);
  const { strategy, selection } = config;
  const { width, keep, mergeDuplicates, lookahead, chainLength, aggregation } = config;
  const { temperature } = spec.overrides;
  return {
    strategy,
    selection,
    parameters: {
      ...{ width, keep, mergeDuplicates, lookahead, chainLength, aggregation },
      ...(temperature === undefined ? {} : { temperature }),
    },
  };
}
