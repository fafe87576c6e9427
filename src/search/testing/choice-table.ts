/** Tables of choices for tests of `auto`. */
import { DEFAULT_RUN_CONFIG } from '../../shared/run-config.ts';
import type { ChoiceTable, ComputeOptimalTable } from '../compute-optimal-table.ts';

type Row = ChoiceTable['choices'][number];

/** One choice for all five bins at each budget that is given, with the default parameters. */
export function choiceTable(
  rows: readonly (Pick<Row, 'budget' | 'strategy'> & Partial<Row>)[],
): ChoiceTable {
  const { width, keep, mergeDuplicates, lookahead, chainLength, aggregation } = DEFAULT_RUN_CONFIG;
  const parameters = { width, keep, mergeDuplicates, lookahead, chainLength, aggregation };
  const rest = { selection: 'weighted', parameters, accuracy: 0.5, problems: 40 } as const;
  return {
    thresholds: [0.9, 0.7, 0.4, 0.2],
    choices: [1, 2, 3, 4, 5].flatMap((bin) => rows.map((row) => ({ ...rest, ...row, bin }))),
  };
}

/** A file of `whole`, with other choices for each half if such are given. */
export function choiceFile(
  whole: ChoiceTable,
  withoutHalf: ComputeOptimalTable['withoutHalf'] = [whole, whole],
): ComputeOptimalTable {
  return {
    format: 'overthink-compute-optimal',
    version: 2,
    source: 'a test',
    ...whole,
    withoutHalf,
  };
}
