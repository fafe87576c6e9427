/**
 * How a PRM's value and the policy's log-probabilities make one score, as a key of the PRM's
 * `config.json` (`policy_confidence`): fitted by `training confidence`, applied by
 * `verify/confidence.ts`.
 */
import * as z from 'zod/mini';

export const confidenceSchema = z.strictObject({
  /** Of the raw value, before the sigmoid. */
  scale: z.number().check(z.positive()),
  bias: z.number(),
  /** Of the least log-probability of a determined token in the step; not negative: what the policy
   * hardly expected never makes a step likelier right. */
  step: z.number().check(z.nonnegative()),
  /** Of the same up to the step, from the first on. */
  solution: z.number().check(z.nonnegative()),
});

export type ConfidenceWeights = z.infer<typeof confidenceSchema>;
