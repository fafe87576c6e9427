/**
 * The policy's own confidence as a verifier: the mean probability of a token of each step, geometric
 * (exp of the mean log-probability). Costs nothing and needs no model. It prefers what the policy
 * finds likely, which is not what is right; a baseline, and a last resort for beam search.
 */
import { pathOf, type Branch } from '../shared/branch.ts';
import { AppError } from '../shared/errors.ts';
import { NO_USAGE } from '../shared/policy.ts';
import type { Verdict, Verifier, VerifierCapabilities } from './verifier.ts';

export class LikelihoodVerifier implements Verifier {
  readonly capabilities: VerifierCapabilities = {
    label: 'likelihood',
    perStep: true,
    aggregation: 'mean',
  };

  score(branches: readonly Branch[]): Promise<Verdict[]> {
    try {
      return Promise.resolve(
        branches.map((branch) => ({ stepScores: pathOf(branch).map(likelihood), usage: NO_USAGE })),
      );
    } catch (thrown) {
      return Promise.reject(thrown as Error);
    }
  }

  release(): void {}
}

function likelihood(step: Branch): number {
  if (step.lost !== undefined) return 0;
  // A step that was given and not written says nothing either way; a cut one is a dead end.
  if (step.tokenCount === 0) return step.end === 'step' ? 1 : 0;
  if (step.text === '') return 0;
  // Exactly certain over a whole step is what backends report that know no probabilities.
  if (step.logProb === 0 && step.tokenCount > 1) {
    throw new AppError('bad-input', 'This policy does not report token probabilities.', {
      advice: 'Use a judge or a reward model as the verifier.',
    });
  }
  return Math.exp(step.logProb / step.tokenCount);
}
