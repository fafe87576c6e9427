/** One answer at temperature 0, the baseline of everything. Nothing is scored: one needs no choice. */
import { childStream } from '../shared/random.ts';
import { defineStrategy } from './define-strategy.ts';

export const greedy = defineStrategy({
  id: 'greedy',
  label: 'Greedy',
  description: 'The model writes its most probable answer once, without thinking twice.',
  async *explore(run, { root }) {
    run.openGenerations(1);
    run.emit({ type: 'round', round: 1, beams: 1, requested: 1 });
    const [leaves] = await run.extend([
      {
        branch: root,
        streams: [childStream(root.stream, 0)],
        temperature: 0,
        until: 'solution',
        maxTokens: run.limits.solution,
      },
    ]);
    for (const arrival of run.addLeaves(leaves, { role: 'step' })) run.addCandidate(arrival, []);
    run.emitLedger();
    yield;
  },
});
