/**
 * How accuracy moves along chains of revisions (Snell et al. 2024, section 6): the share of right
 * answers at every attempt, and how often a further revision turns right into wrong. Pure.
 */
import { bootstrapMean, type Estimate } from '../shared/statistics.ts';

/** One attempt of a chain; `attempt` counts from 0. */
export interface Attempt {
  readonly chain: number;
  readonly attempt: number;
  readonly correct: boolean;
}

export interface Flips {
  readonly count: number;
  readonly of: number;
}

export interface ChainFigures {
  readonly problems: number;
  /** By attempt; intervals over problems, since the attempts on one problem are alike. */
  readonly attempts: readonly Estimate[];
  /** By attempt: accuracy minus that of the first attempts of the same chains; intervals over problems. */
  readonly gains: readonly Estimate[];
  /** Of right attempts that have a successor, those whose successor is wrong. */
  readonly rightTurnedWrong: Flips;
  readonly wrongTurnedRight: Flips;
}

/** `problems`: the attempts of all chains on each problem. */
export function chainFigures(problems: readonly (readonly Attempt[])[], seed = 0): ChainFigures {
  const length = Math.max(0, ...problems.flat().map(({ attempt }) => attempt + 1));
  const byAttempt = (read: (one: Attempt, own: readonly Attempt[]) => number) =>
    Array.from({ length }, (_, at) =>
      bootstrapMean(
        problems.map((own) =>
          own.filter(({ attempt }) => attempt === at).map((one) => read(one, own)),
        ),
        seed,
      ),
    );
  const attempts = byAttempt(({ correct }) => Number(correct));
  const gains = byAttempt(({ chain, correct }, own) => {
    const first = own.find((one) => one.chain === chain && one.attempt === 0);
    return Number(correct) - Number(first?.correct ?? false);
  });
  const flips = { right: { count: 0, of: 0 }, wrong: { count: 0, of: 0 } };
  for (const own of problems) {
    const known = new Map(own.map((one) => [`${one.chain} ${one.attempt}`, one.correct]));
    for (const { chain, attempt, correct } of own) {
      const next = known.get(`${chain} ${attempt + 1}`);
      if (next === undefined) continue;
      const kind = correct ? flips.right : flips.wrong;
      kind.of++;
      if (next !== correct) kind.count++;
    }
  }
  return {
    problems: problems.length,
    attempts,
    gains,
    rightTurnedWrong: flips.right,
    wrongTurnedRight: flips.wrong,
  };
}
