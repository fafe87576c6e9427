/**
 * Diverse verifier tree search (Hugging Face, "Scaling test-time compute", 2024): N/M subtrees that
 * never compete with each other; each keeps its best child and samples M from it.
 */
import { defineStrategy } from './define-strategy.ts';
import { treeSearch } from './tree-search.ts';
import { subtreeSizes, widthFor } from './widths.ts';

export const dvts = defineStrategy({
  id: 'dvts',
  label: 'Diverse tree search',
  description: 'Several small beam searches that cannot crowd each other out.',
  async *explore(run, { config, root }) {
    const width = widthFor(config.width, config.budget);
    yield* treeSearch(run, {
      config,
      root,
      groups: subtreeSizes(config.budget, width),
      keeps: () => 1,
      lookahead: 0,
    });
  },
});
