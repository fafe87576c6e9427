/** Who judges a finished run: what has no place in the settings of a run, because it changes nothing
 * about how one is made. Back to the run's own verifier whenever another run is shown. */
import { createStore } from 'zustand/vanilla';
import type { Corruption, Scorer } from '../../verify/reselect.ts';

export interface Judge {
  readonly scorer: Scorer;
  readonly corruption: Corruption;
  /** Which verdicts are spoilt. */
  readonly seed: number;
}

export const OWN_JUDGE: Judge = { scorer: 'recorded', corruption: 'none', seed: 1 };

export function createJudgeStore() {
  return createStore<Judge>(() => OWN_JUDGE);
}
