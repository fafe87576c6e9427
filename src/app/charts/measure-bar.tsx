/** Starts, stops and reports a measurement. */
import { useId } from 'react';
import { useStore } from 'zustand';
import { useSession } from '../session-context.ts';
import type { Asked } from '../state/sweeper.ts';
import type { SweepProgress } from '../state/sweep-store.ts';
import { formatCount, formatSeconds } from '../ui/format.ts';
import { strategyStyle } from '../ui/strategy-style.ts';

const SEED_CHOICES = [8, 16, 32, 64] as const;
const SET_STRATEGIES = ['best-of-n', 'best-of-n:majority', 'beam', 'dvts', 'lookahead'] as const;

interface Props {
  readonly mode: 'problem' | 'set';
  /** null where there is nothing that the models could be asked. */
  readonly asked: Asked | null;
}

export function MeasureBar({ mode, asked }: Props) {
  const { sweeps } = useSession();
  const running = useStore(sweeps, (state) => state.running);
  if (running !== null) return <Progress progress={running} />;
  return mode === 'problem' ? <RepeatBar asked={asked} /> : <SetBar />;
}

function RepeatBar({ asked }: Pick<Props, 'asked'>) {
  const { sweeper, sweeps, controls } = useSession();
  const seeds = useStore(sweeps, (state) => state.seeds);
  const id = useId();
  const config = useStore(controls, (state) => state.config);
  const known = useStore(sweeps, ({ problem: results }) =>
    results.length === 0 ? null : results.some((result) => result.correct !== null),
  );
  return (
    <>
      <div className="button-row">
        <button
          type="button"
          aria-disabled={asked === null}
          onClick={() => {
            if (asked !== null) void sweeper.repeat(config, asked, seeds);
          }}
        >
          Repeat with {seeds} seeds
        </button>
        <label className="visually-hidden" htmlFor={id}>
          Number of seeds
        </label>
        <select
          id={id}
          value={seeds}
          onChange={(event) => sweeps.setState({ seeds: Number(event.target.value) })}
        >
          {SEED_CHOICES.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      </div>
      <p className="hint">
        How often {strategyStyle(config.strategy).label} is right on this problem, at budgets up to{' '}
        {config.budget}. Change the strategy and repeat to compare.
        {known === false && ' The truth is not known, so the vote share of the answer is shown.'}
      </p>
    </>
  );
}

function SetBar() {
  const { sweeper, sweeps, controls } = useSession();
  const chosen = useStore(sweeps, (state) => state.chosen);
  const config = useStore(controls, (state) => state.config);
  const begun = useStore(sweeps, (state) => state.set.length > 0);

  function toggle(strategy: string): void {
    sweeps.setState({
      chosen: chosen.includes(strategy)
        ? chosen.filter((one) => one !== strategy)
        : SET_STRATEGIES.filter((one) => one === strategy || chosen.includes(one)),
    });
  }

  return (
    <>
      <fieldset className="check-row">
        <legend className="visually-hidden">Strategies to measure</legend>
        {SET_STRATEGIES.map((strategy) => (
          <label key={strategy} className="small">
            <input
              type="checkbox"
              checked={chosen.includes(strategy)}
              onChange={() => toggle(strategy)}
            />
            {strategyStyle(strategy).label}
          </label>
        ))}
      </fieldset>
      <div className="button-row">
        <button
          type="button"
          aria-disabled={chosen.length === 0}
          onClick={() => {
            if (chosen.length > 0) void sweeper.measureSet(config, chosen);
          }}
        >
          {begun ? 'Go on measuring' : 'Measure 100 problems'}
        </button>
      </div>
      <p className="hint">
        100 held-out problems at budgets 1, 4, 16 and 64, with the settings on this page. It can be
        cancelled, and goes on where it stopped, even after a reload.
      </p>
    </>
  );
}

function Progress({ progress }: { readonly progress: SweepProgress }) {
  const { sweeper } = useSession();
  const { done, total } = progress;
  return (
    <div className="measure-progress">
      <div className="button-row">
        <button type="button" onClick={() => sweeper.cancel()}>
          Cancel
        </button>
        <span className="small">
          {formatCount(done)} of {formatCount(total)} runs{timeLeft(progress)}
        </span>
      </div>
      <progress aria-label="Measured runs" value={done} max={total} />
    </div>
  );
}

/** From the pace so far. Later points have larger budgets, so this is a lower estimate. */
function timeLeft({ done, total, startedAt, doneAtStart }: SweepProgress): string {
  const measured = done - doneAtStart;
  if (measured < 10) return '';
  const perRun = (performance.now() - startedAt) / measured;
  return `, at least ${formatSeconds(((total - done) * perRun) / 1000)} left`;
}
