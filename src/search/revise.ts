/**
 * Chains of revisions (Snell et al. 2024, section 6): each attempt sees the last four before it.
 * `chainLength` sets the sequential to parallel ratio; all chains advance together, one attempt of
 * each in one batch. The answer is selected over every attempt of every chain, never simply the
 * last one, which is often a right answer turned wrong.
 */
import { stepTexts, type Branch } from '../shared/branch.ts';
import { AppError } from '../shared/errors.ts';
import { childStream } from '../shared/random.ts';
import type { Policy } from '../shared/policy.ts';
import { MAX_ATTEMPTS_SHOWN, revisionPrompt } from '../shared/revision-prompt.ts';
import type { Verdict } from '../verify/verifier.ts';
import { defineStrategy } from './define-strategy.ts';
import type { Arrival, SearchRun } from './search-run.ts';

export const revise = defineStrategy({
  id: 'revise',
  label: 'Revisions',
  description: 'The model reads its own earlier attempts and writes a better one, again and again.',
  async *explore(run, { config, root }) {
    const reviser = reviserFor(run, root);
    const lengths = chainLengths(config.budget, config.chainLength);
    const chains = lengths.map((): Attempt[] => []);
    for (let attempt = 0; attempt < lengths[0]; attempt++) {
      const going = lengths.flatMap((length, chain) => (length > attempt ? [chain] : []));
      run.openGenerations(going.length);
      const count = going.length;
      run.emit({ type: 'round', round: attempt + 1, beams: count, requested: count });
      const windows = going.map((chain) => windowOf(reviser.policy, root.prompt, chains[chain]));
      const requests = going.map((chain, i) => {
        const attempts = windows[i].map(({ steps }) => steps);
        const text = revisionPrompt({ problem: root.prompt, attempts });
        const stream = childStream(childStream(root.stream, chain), attempt);
        return {
          branch: run.newRoot(text, stream),
          streams: [stream],
          temperature: config.temperature,
          until: 'solution',
          maxTokens: run.limits.solution,
        } as const;
      });
      const leaves = await run.extend(requests, { policy: reviser.policy });
      const arrivals = leaves.map((own) => run.addLeaves(own, { role: 'revision' })[0]);
      run.emitLedger();
      yield;
      const scores = await scoreAttempts(run, arrivals);
      arrivals.forEach((arrival, i) => {
        const chain = going[i];
        const stepScores = scores.get(arrival)?.stepScores ?? [];
        run.addScores(arrival.node, stepScores);
        const saw = windows[i].map((shown) => shown.attempt);
        run.addCandidate(arrival, stepScores, { chain, attempt, saw });
        const { branch } = arrival.node;
        // A cut attempt ends in the middle of a step; the reviser was never shown such a thing.
        if (branch.end === 'solution') {
          chains[chain].push({ attempt, steps: stepTexts(branch) });
        }
      });
      run.emitLedger();
      yield;
      run.release([
        ...arrivals.map(({ node }) => node.branch),
        ...requests.map(({ branch }) => branch),
      ]);
    }
  },
});

/** Throws AppError where revisions are impossible here. */
function reviserFor(run: SearchRun, root: Branch): Reviser {
  if (root.parent !== null) {
    throw new AppError('bad-input', 'Revisions rewrite whole attempts, not the rest of one.', {
      advice: 'Choose another strategy to go on from a step.',
    });
  }
  const { reviser } = run.context;
  if (reviser !== undefined && reviser !== null) return reviser;
  throw new AppError('model-missing', 'Revisions need a reviser, and there is none here.', {
    advice:
      'Choose another strategy, or a language model on the Models page: it revises by prompt.',
  });
}

type Reviser = NonNullable<SearchRun['context']['reviser']>;

interface Attempt {
  /** Its place in the chain. */
  readonly attempt: number;
  readonly steps: readonly string[];
}

/** The latest attempts, oldest first: at most four, and fewer where an answer as long as the longest
 * of them would not fit behind them. */
function windowOf(policy: Policy, problem: string, attempts: readonly Attempt[]): Attempt[] {
  let shown = attempts.slice(-MAX_ATTEMPTS_SHOWN);
  const fits = (): boolean => {
    const steps = shown.map((one) => one.steps);
    const texts = steps.map((lines) => lines.join('\n'));
    const longest = texts.reduce((most, text) => (text.length > most.length ? text : most), '');
    return (
      policy.capabilities.fits?.(revisionPrompt({ problem, attempts: steps }), longest) ?? true
    );
  };
  while (shown.length > 0 && !fits()) shown = shown.slice(1);
  return shown;
}

async function scoreAttempts(
  run: SearchRun,
  arrivals: readonly Arrival[],
): Promise<Map<Arrival, Verdict>> {
  const verifier = run.context.reviser?.verifier ?? null;
  if (verifier === null) return new Map();
  const complete = arrivals.filter(({ node }) => node.branch.end === 'solution');
  const verdicts = await run.score(
    complete.map(({ node }) => node.branch),
    verifier,
  );
  return new Map(complete.map((arrival, i) => [arrival, verdicts[i]]));
}

/** Chains of `chainLength` attempts, the last one shorter where N does not divide; N in all. */
export function chainLengths(budget: number, chainLength: number): number[] {
  const length = Math.min(chainLength, budget);
  const chains = Math.ceil(budget / length);
  return Array.from({ length: chains }, (_, i) => Math.min(length, budget - i * length));
}
