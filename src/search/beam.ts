/** PRM beam search: N beams, the best N/M kept each round, M continuations of each. */
import { defineStrategy } from './define-strategy.ts';
import { treeSearch } from './tree-search.ts';
import { keptBeams, widthFor } from './widths.ts';

export const beam = defineStrategy({
  id: 'beam',
  label: 'Beam search',
  description: 'The verifier judges every step; only the most promising beginnings are continued.',
  async *explore(run, { config, root }) {
    const width = widthFor(config.width, config.budget);
    yield* treeSearch(run, {
      config,
      root,
      groups: [config.budget],
      keeps: (live) => keptBeams(config.keep, width, live),
      lookahead: 0,
    });
  },
});
