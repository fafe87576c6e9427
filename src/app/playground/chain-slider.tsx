/** Sequential against parallel: how a budget of attempts is cut into chains of revisions. */
import { useId } from 'react';
import { formatPlural } from '../ui/format.ts';

interface Props {
  readonly budget: number;
  readonly chainLength: number;
  readonly onChange: (chainLength: number) => void;
}

export function ChainSlider({ budget, chainLength, onChange }: Props) {
  const id = useId();
  const lengths = chainLengths(budget);
  const at = nearest(lengths, Math.min(chainLength, budget));
  const words = chainWords(budget, Math.min(chainLength, budget));
  return (
    <div className="field">
      <label htmlFor={id}>Sequential or parallel – attempts in a chain</label>
      <input
        id={id}
        type="range"
        min={0}
        max={lengths.length - 1}
        step={1}
        value={at}
        disabled={lengths.length === 1}
        aria-valuetext={words}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(lengths[Number(event.target.value)])}
      />
      <div className="slider-ends" aria-hidden="true">
        <span>all parallel</span>
        <span>all sequential</span>
      </div>
      <p className="words">{words}</p>
      <p id={`${id}-hint`} className="hint">
        Each attempt of a chain sees the four before it. Easy problems like long chains, hard ones a
        mixture.
      </p>
    </div>
  );
}

/** Powers of two up to the budget, and the budget itself. */
export function chainLengths(budget: number): number[] {
  const lengths: number[] = [];
  for (let length = 1; length < budget; length *= 2) lengths.push(length);
  return [...lengths, budget];
}

/** "4 chains of 4 attempts (1 : 1)"; the ratio is sequential to parallel. */
export function chainWords(budget: number, length: number): string {
  const chains = Math.ceil(budget / length);
  const rest = budget - (chains - 1) * length;
  const last = rest === length ? '' : `, the last of ${rest}`;
  const ratio = length >= chains ? `${trim(length / chains)} : 1` : `1 : ${trim(chains / length)}`;
  return `${formatPlural(chains, 'chain')} of ${formatPlural(length, 'attempt')}${last}, sequential to parallel ${ratio}`;
}

function trim(value: number): string {
  return String(Number(value.toFixed(1)));
}

function nearest(lengths: readonly number[], wanted: number): number {
  let best = 0;
  for (const [i, length] of lengths.entries()) {
    const distance = Math.abs(Math.log(length / wanted));
    if (distance < Math.abs(Math.log(lengths[best] / wanted))) best = i;
  }
  return best;
}
