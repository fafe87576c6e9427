/**
 * How many generations a curve needs for the accuracy that a baseline has ("4 times fewer"), with a
 * bootstrap interval that repeats the choice of strategies. Pure.
 */
import { rootStream, StreamRandom } from '../shared/random.ts';
import { quantile } from '../shared/statistics.ts';

export interface Saving {
  readonly baselineBudget: number;
  readonly baselineAccuracy: number;
  /** Generations of the curve at that accuracy; null where it never gets there. */
  readonly budget: number | null;
  /** baselineBudget / budget, with its 95 % interval; null: the curve does not get there. */
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** The ratio where the smallest measured budget is enough already: "at least". */
  readonly most: number;
  /** Share of bootstrap draws in which the curve gets there. */
  readonly reached: number;
}

export interface BudgetAccuracy {
  readonly budget: number;
  readonly accuracy: number;
}

/**
 * Between measured budgets the curve is a straight line over log N. null where no measured budget
 * reaches the accuracy.
 */
export function budgetFor(accuracy: number, curve: readonly BudgetAccuracy[]): number | null {
  const points = [...curve].sort((a, b) => a.budget - b.budget);
  const at = points.findIndex((point) => point.accuracy >= accuracy);
  if (at <= 0) return at < 0 ? null : points[0].budget;
  const [below, above] = [points[at - 1], points[at]];
  const share = (accuracy - below.accuracy) / (above.accuracy - below.accuracy);
  return below.budget * (above.budget / below.budget) ** share;
}

/** Two halves of a bin; each is measured with what was chosen on the other. */
export interface FoldPair {
  readonly bin: number;
  readonly folds: readonly [readonly string[], readonly string[]];
}

export type ValuesByProblem = ReadonlyMap<string, readonly number[]>;

export interface SavingQuestion {
  readonly pairs: readonly FoldPair[];
  readonly budgets: readonly number[];
  /** Strategies to choose from at each budget: right or wrong by problem, then seed. */
  readonly columns: readonly (readonly ValuesByProblem[])[];
  readonly baseline: ValuesByProblem;
  readonly baselineBudget: number;
  /** Generations added to every budget: what estimating the difficulty costs. */
  readonly extra: readonly number[];
}

interface Draw {
  readonly baseline: number;
  /** By budget. */
  readonly curve: readonly number[];
}

const ROUNDS = 1000;

/**
 * One saving for each entry of `extra`. Problems are drawn anew inside each fold, then seeds inside
 * each problem, and the choice is made again on the drawn halves: a problem is never chosen on and
 * measured on in one draw.
 */
export function savingsOf(question: SavingQuestion): Saving[] {
  const table = new ValueTable(question);
  const whole = table.evaluate(null);
  const random = new StreamRandom(rootStream(1, 'saving'));
  const draws = Array.from({ length: ROUNDS }, () => table.evaluate(random));
  const { budgets, baselineBudget } = question;
  return question.extra.map((extra): Saving => {
    const spent = budgets.map((budget) => budget + extra);
    const ratioOf = ({ baseline, curve }: Draw): number | null => {
      const points = spent.map((budget, i) => ({ budget, accuracy: curve[i] }));
      const budget = budgetFor(baseline, points);
      return budget === null ? null : baselineBudget / budget;
    };
    const ratio = ratioOf(whole);
    const ratios = draws.map(ratioOf);
    // A curve that never gets there saves nothing: below every ratio.
    const ascending = ratios.map((one) => one ?? 0).sort((a, b) => a - b);
    const end = (share: number) => {
      // Between a ratio and none there is nothing to interpolate.
      const value = quantile(ascending, share);
      return ascending[Math.floor((ascending.length - 1) * share)] === 0 ? null : value;
    };
    return {
      baselineBudget,
      baselineAccuracy: whole.baseline,
      budget: ratio === null ? null : baselineBudget / ratio,
      ratio,
      low: end(0.025),
      high: end(0.975),
      most: baselineBudget / Math.min(...spent),
      reached: ratios.filter((one) => one !== null).length / ratios.length,
    };
  });
}

/** Values as plain arrays, for a thousand draws. */
class ValueTable {
  /** [budget][strategy][problem] of seeds. */
  private readonly values: (readonly number[])[][][];
  private readonly baseline: (readonly number[])[];
  private readonly pairs: [number[], number[]][];

  constructor({ pairs, columns, baseline }: SavingQuestion) {
    const ids = pairs.flatMap(({ folds }) => folds.flat());
    const place = new Map(ids.map((id, at) => [id, at]));
    const listed = (values: ValuesByProblem) => ids.map((id) => values.get(id) ?? [0]);
    this.values = columns.map((strategies) => strategies.map(listed));
    this.baseline = listed(baseline);
    this.pairs = pairs.map(({ folds }) => {
      const [a, b] = folds.map((own) => own.map((id) => place.get(id) ?? 0));
      return [a, b];
    });
  }

  evaluate(random: StreamRandom | null): Draw {
    let problems = 0;
    let baseline = 0;
    const curve = this.values.map(() => 0);
    for (const pair of this.pairs) {
      const drawn = pair.map((fold) => fold.map((own) => this.draw(fold, own, random)));
      problems += pair[0].length + pair[1].length;
      baseline += sumOf(this.baseline, drawn[0]) + sumOf(this.baseline, drawn[1]);
      this.values.forEach((strategies, budget) => {
        const sums = strategies.map((column) => drawn.map((fold) => sumOf(column, fold)));
        for (const unseen of [0, 1]) {
          const seen = sums.map((both) => both[1 - unseen]);
          curve[budget] += sums[seen.indexOf(Math.max(...seen))][unseen];
        }
      });
    }
    return { baseline: baseline / problems, curve: curve.map((sum) => sum / problems) };
  }

  private draw(fold: readonly number[], own: number, random: StreamRandom | null): Drawn {
    if (random === null) return { problem: own, seeds: null };
    const problem = fold[random.integer(0, fold.length - 1)];
    const count = this.baseline[problem].length;
    if (count === 1) return { problem, seeds: null };
    return { problem, seeds: Array.from({ length: count }, () => random.integer(0, count - 1)) };
  }
}

/** A problem with the seeds to read; null reads each once. */
interface Drawn {
  readonly problem: number;
  readonly seeds: readonly number[] | null;
}

function sumOf(column: readonly (readonly number[])[], drawn: readonly Drawn[]): number {
  let total = 0;
  for (const { problem, seeds } of drawn) {
    const values = column[problem];
    let sum = 0;
    // Strategies measured with fewer seeds are read by what they have.
    if (seeds === null) for (const value of values) sum += value;
    else for (const seed of seeds) sum += values[seed % values.length];
    total += sum / (seeds?.length ?? values.length);
  }
  return total;
}
