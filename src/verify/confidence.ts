/**
 * What the policy's own log-probabilities add to a PRM. A slip is mostly a token that the policy
 * itself hardly expected: it was drawn, not believed. The policy has said so while it sampled, so
 * this costs nothing, and it tells slips better than a value head of the same size does
 * (`training/README.md`, "Attempts").
 *
 * Only tokens that the step has already determined count: in `8-6=2|2 4 7` what follows the `=`,
 * in an equation all of it. Which move to make is a choice, and an unlikely move is no slip.
 */
import { sigmoid } from '../engine/branch-values.ts';
import type { ConfidenceWeights } from '../engine/weights/confidence.ts';
import { pathOf, type Branch } from '../shared/branch.ts';

/** Scores of the steps of `leaf` from a PRM's values (0 … 1, one a step). A step that scored 0, being
 * cut, stays 0. Steps whose log-probabilities are unknown count as sure. */
export function withConfidence(
  leaf: Branch,
  values: readonly number[],
  { scale, bias, step, solution }: ConfidenceWeights,
): number[] {
  let least = 0;
  return pathOf(leaf).map((at, i) => {
    const own = leastDetermined(at);
    least = Math.min(least, own);
    return sigmoid(scale * logit(values[i]) + bias + step * own + solution * least);
  });
}

/** The least natural log-probability of a determined token of a step of the shipped format (one token
 * a character, FORMAT.md), its terminator included; 0 where the policy did not say. */
export function leastDetermined({ text, tokens, logProbs }: Branch): number {
  if (logProbs === undefined || logProbs.length !== tokens.length) return 0;
  // Countdown and arithmetic write what is left behind a bar.
  const from = text.includes('|') ? text.indexOf('=') + 1 : 0;
  let least = 0;
  for (let i = from; i < logProbs.length; i++) least = Math.min(least, logProbs[i]);
  return least;
}

function logit(p: number): number {
  return Math.log(p) - Math.log1p(-p);
}
