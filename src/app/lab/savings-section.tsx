/** How many generations each strategy needs for the accuracy that Best-of-N has at its reference. */
import type { Curves } from '../../eval/curves.ts';
import type { Saving } from '../../eval/saving.ts';
import { formatAbout, formatPercent } from '../ui/format.ts';
import { strategyStyle } from '../ui/strategy-style.ts';
import { DataTable } from './data-table.tsx';

export function SavingsSection({ savings }: Pick<Curves, 'savings'>) {
  if (savings.length === 0) return null;
  const { baselineBudget, baselineAccuracy } = savings[0].saving;
  const auto = savings.some(({ strategy }) => strategy === 'auto');
  return (
    <section className="lab-section" aria-labelledby="lab-savings-title">
      <h2 id="lab-savings-title">Generations for the same accuracy</h2>
      <p className="small">
        Best-of-N has {formatPercent(baselineAccuracy)} at {baselineBudget} generations. What each
        strategy needs for that, over the problems that it and Best-of-N share:
      </p>
      <DataTable
        label="Generations for the same accuracy"
        head={['strategy', 'generations', 'times fewer', '95 % interval', 'draws that get there']}
        rows={savings.map(({ strategy, saving }) => ({
          key: strategy,
          cells: [
            strategyStyle(strategy).label,
            saving.budget === null ? '–' : formatAbout(saving.budget),
            timesFewer(saving.ratio, saving),
            `${timesFewer(saving.low, saving)} to ${timesFewer(saving.high, saving)}`,
            formatPercent(saving.reached),
          ],
        }))}
      />
      <p className="hint">
        Between measured budgets a straight line over log N; “at least”: the smallest budget
        measured suffices already; below 1 is more. Bootstrap over problems, then seeds.
        {auto &&
          ' Auto pays for its samples, and it runs with choices that were made without the half of the problems that the problem at hand belongs to.'}
      </p>
    </section>
  );
}

/** A ratio in words; null: the accuracy is never reached. */
export function timesFewer(value: number | null, { most }: Pick<Saving, 'most'>): string {
  if (value === null) return 'not reached';
  return `${value >= most * 0.999 ? 'at least ' : ''}${value.toFixed(1)}`;
}
