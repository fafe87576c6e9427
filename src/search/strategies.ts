/** The registry: a new strategy is a file and a line here. */
import type { StrategyId } from '../shared/run-config.ts';
import { AppError } from '../shared/errors.ts';
import { auto } from './auto.ts';
import { beam } from './beam.ts';
import { bestOfN } from './best-of-n.ts';
import { dvts } from './dvts.ts';
import { greedy } from './greedy.ts';
import { lookahead } from './lookahead.ts';
import { revise } from './revise.ts';
import type { Strategy } from './strategy.ts';

export const STRATEGY_LIST: readonly Strategy[] = [
  greedy,
  bestOfN,
  beam,
  lookahead,
  dvts,
  revise,
  auto,
];

/** Throws AppError `bad-input` for a name that is not registered. */
export function strategyOf(id: StrategyId): Strategy {
  const strategy = STRATEGY_LIST.find((one) => one.id === id);
  if (strategy !== undefined) return strategy;
  throw new AppError('bad-input', `There is no strategy named ${id}.`, {
    advice: `Choose one of: ${STRATEGY_LIST.map((one) => one.id).join(', ')}.`,
  });
}
