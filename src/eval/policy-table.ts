/** From measured choices to the table that `auto` reads (public/curves/compute-optimal.json). */
import type { ComputeOptimalTable } from '../search/compute-optimal-table.ts';
import type { DifficultyCurves } from './curves.ts';
import { parseStrategySpec } from './strategy-spec.ts';

/** Of predicted difficulty: the truth of a problem that has just been typed is not known. */
export function policyTable(curves: DifficultyCurves, source: string): ComputeOptimalTable {
  return {
    format: 'overthink-compute-optimal',
    version: 1,
    source,
    thresholds: [...curves.thresholds],
    choices: curves.optimal.choices.map(({ bin, budget, strategy, accuracy, problems }) => {
      const spec = parseStrategySpec(strategy);
      const { overrides, selection } = spec;
      return {
        bin,
        budget,
        strategy: spec.strategy,
        selection: selection ?? ('weighted' as const),
        ...(overrides.width === undefined ? {} : { width: overrides.width }),
        accuracy,
        problems,
      };
    }),
  };
}
