/** N independent answers, one chosen (algorithms.md, "Selecting one answer from N"). */
import type { Branch } from '../shared/branch.ts';
import { childStream } from '../shared/random.ts';
import type { RunConfig } from '../shared/run-config.ts';
import { defineStrategy } from './define-strategy.ts';
import type { SearchRun } from './search-run.ts';

/** Samples of one batch: enough to fill a device, few enough to show progress and to stop early. */
const SAMPLES_PER_BATCH = 64;

export const bestOfN = defineStrategy({
  id: 'best-of-n',
  label: 'Best of N',
  description: 'The model answers N times independently; the verifier picks among the answers.',
  async *explore(run, { config, root }) {
    yield* sampleSolutions(run, { config, root, count: config.budget });
  },
});

export interface SamplePlan {
  readonly config: RunConfig;
  readonly root: Branch;
  readonly count: number;
}

/** `count` scored candidates. Sample i depends on the root's stream and i alone, so a smaller
 * budget is a prefix of a larger one. */
export async function* sampleSolutions(run: SearchRun, plan: SamplePlan): AsyncGenerator<void> {
  const { config, root, count } = plan;
  const { verifier } = run.context;
  for (let from = 0, round = 1; from < count; from += SAMPLES_PER_BATCH, round++) {
    const size = Math.min(SAMPLES_PER_BATCH, count - from);
    run.openGenerations(size);
    run.emit({ type: 'round', round, beams: 1, requested: size });
    const [leaves] = await run.extend([
      {
        branch: root,
        streams: Array.from({ length: size }, (_, i) => childStream(root.stream, from + i)),
        temperature: config.temperature,
        until: 'solution',
        maxTokens: run.limits.solution,
      },
    ]);
    const arrivals = run.addLeaves(leaves, { role: 'step' });
    run.emitLedger();
    yield;
    const scorable = arrivals.filter(({ node }) => node.branch.end === 'solution');
    const verdicts =
      verifier === null
        ? []
        : await run.score(
            scorable.map(({ node }) => node.branch),
            verifier,
          );
    for (const arrival of arrivals) {
      const scores = verdicts[scorable.indexOf(arrival)]?.stepScores ?? [];
      run.addScores(arrival.node, scores);
      run.addCandidate(arrival, scores);
    }
    run.emitLedger();
    yield;
    run.release(arrivals.map(({ node }) => node.branch));
  }
}
