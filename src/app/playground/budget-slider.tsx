/** The compute budget: log-spaced stops, arrows one stop, Page Up and Page Down two. */
import { useId, type KeyboardEvent } from 'react';
import { BUDGET_STOPS } from '../../shared/run-config.ts';

interface Props {
  readonly value: number;
  /** What the budget buys, also read out as the slider's value. */
  readonly words: string;
  readonly disabled: boolean;
  readonly onChange: (budget: number) => void;
}

const LAST = BUDGET_STOPS.length - 1;

export function BudgetSlider({ value, words, disabled, onChange }: Props) {
  const id = useId();
  const stop = nearestStop(value);

  function goTo(target: number): void {
    onChange(BUDGET_STOPS[Math.max(0, Math.min(LAST, target))]);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = { PageUp: 2, PageDown: -2 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    goTo(stop + step);
  }

  return (
    <div className="field">
      <label htmlFor={id}>Compute budget</label>
      <input
        id={id}
        type="range"
        min={0}
        max={LAST}
        step={1}
        value={stop}
        disabled={disabled}
        aria-valuetext={words}
        aria-describedby={`${id}-words`}
        onChange={(event) => goTo(Number(event.target.value))}
        onKeyDown={onKeyDown}
      />
      <div className="slider-stops" aria-hidden="true">
        {BUDGET_STOPS.map((budget, i) => (
          <span key={budget} className={i === stop ? 'current' : ''}>
            {budget}
          </span>
        ))}
      </div>
      <p id={`${id}-words`} className="words">
        {words}
      </p>
    </div>
  );
}

/** A budget from a link may lie between two stops; the slider shows the nearest (in the logarithm). */
export function nearestStop(budget: number): number {
  let best = 0;
  for (const [i, stop] of BUDGET_STOPS.entries()) {
    const distance = Math.abs(Math.log(stop / budget));
    if (distance < Math.abs(Math.log(BUDGET_STOPS[best] / budget))) best = i;
  }
  return best;
}
