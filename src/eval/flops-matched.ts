/**
 * The exchange between pre-training and inference compute (Snell et al. 2024, section 7). A model
 * with M times the parameters answers once, greedily; the small one gets as much test-time compute
 * as makes the totals equal. R = D_inference / D_pretraining. Pure.
 *
 * Pre-training X = 6 N D_pre. Inference Y = 2 N D_inf in version 1 of the paper, 4 N D_inf in the
 * ICLR camera-ready, where the verifier doubles it. Equal totals: M (X + Y) = X + k Y, so the small
 * model's inference may grow k = M + (M - 1) X / Y times, with X / Y = 3 / R or 1.5 / R.
 */
export const FLOPS_VERSIONS = ['v1', 'iclr'] as const;

export type FlopsVersion = (typeof FLOPS_VERSIONS)[number];

/** The values of R that each version of the paper plots. */
export const PAPER_RATIOS: Record<FlopsVersion, readonly number[]> = {
  v1: [0.16, 0.79, 22],
  iclr: [0.08, 0.4, 11],
};

/** M of the paper: PaLM 2-S* against a model about 14 times as large. */
export const PAPER_MODEL_RATIO = 14;

/** Generations the small model may spend for one of the larger model. A large R allows few. */
export function matchedGenerations(
  modelRatio: number,
  tokenRatio: number,
  version: FlopsVersion,
): number {
  const pretrainingShare = (version === 'v1' ? 3 : 1.5) / tokenRatio;
  return modelRatio + (modelRatio - 1) * pretrainingShare;
}

/** The measured budget that is next below or equal to what is allowed; null where none is. */
export function affordableBudget(allowed: number, budgets: readonly number[]): number | null {
  const affordable = budgets.filter((budget) => budget <= allowed);
  return affordable.length === 0 ? null : Math.max(...affordable);
}
