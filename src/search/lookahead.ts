/** Beam search that judges a step by where it leads: k rollout steps at temperature 0, N(k+1). */
import { defineStrategy } from './define-strategy.ts';
import { treeSearch } from './tree-search.ts';
import { keptBeams, lookaheadShape, widthFor } from './widths.ts';

export const lookahead = defineStrategy({
  id: 'lookahead',
  label: 'Lookahead',
  description: 'Beam search that tries each step a little further before the verifier judges it.',
  async *explore(run, { config, root }) {
    const { slots, steps } = lookaheadShape(config.budget, config.lookahead);
    const width = widthFor(config.width, slots);
    if (steps < config.lookahead) {
      run.note(
        'lookahead-shortened',
        `A budget of ${config.budget} pays for ${steps} rollout steps, not ${config.lookahead}.`,
      );
    }
    yield* treeSearch(run, {
      config,
      root,
      groups: [slots],
      keeps: (live) => keptBeams(config.keep, width, live),
      lookahead: steps,
    });
  },
});
