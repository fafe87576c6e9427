/** What is run on the problems: strategies, budgets, seeds, and the settings they share. */
import { useId, useState } from 'react';
import { useStore } from 'zustand';
import { AGGREGATIONS, BUDGET_STOPS } from '../../shared/run-config.ts';
import { useSession } from '../session-context.ts';
import { NumberField, SelectField } from '../ui/fields.tsx';
import { strategyStyle } from '../ui/strategy-style.ts';
import type { LabDesk } from './lab-desk.ts';
import { addStrategy, MAX_SEEDS, OFFERED, workersFor, type LabSetup } from './lab-setup.ts';

interface Props {
  readonly desk: LabDesk;
}

export function SweepChoice({ desk }: Props) {
  const setup = useStore(desk.store, (state) => state.setup);
  return (
    <section className="lab-section" aria-labelledby="lab-sweep-title">
      <h2 id="lab-sweep-title">Sweep</h2>
      <StrategyChecks desk={desk} setup={setup} />
      <BudgetChecks desk={desk} setup={setup} />
      <NumberField
        label="Seeds"
        value={setup.seeds}
        min={1}
        max={MAX_SEEDS}
        step={1}
        hint="Each problem is searched anew with each seed. One seed: Wilson intervals; more: a bootstrap over problems, then seeds."
        onChange={(seeds) => desk.change({ seeds })}
      />
      <details className="lab-more">
        <summary>Settings of every run</summary>
        <SharedSettings desk={desk} setup={setup} />
      </details>
    </section>
  );
}

interface FieldsProps extends Props {
  readonly setup: LabSetup;
}

function StrategyChecks({ desk, setup }: FieldsProps) {
  const id = useId();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const { strategies } = setup;
  const names = [...new Set<string>([...OFFERED, ...strategies])];

  function toggle(name: string): void {
    const ticked = strategies.includes(name)
      ? strategies.filter((one) => one !== name)
      : names.filter((one) => one === name || strategies.includes(one));
    desk.change({ strategies: ticked });
  }

  function add(): void {
    const added = addStrategy(strategies, text);
    if ('problem' in added) {
      setProblem(added.problem);
      return;
    }
    setProblem(null);
    setText('');
    desk.change({ strategies: [...added.strategies] });
  }

  return (
    <>
      <fieldset className="lab-checks">
        <legend>Strategies</legend>
        {names.map((name) => (
          <label key={name} className="small">
            <input
              type="checkbox"
              checked={strategies.includes(name)}
              onChange={() => toggle(name)}
            />
            {strategyStyle(name).label}
          </label>
        ))}
      </fieldset>
      <form
        className="field"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <label htmlFor={id}>Another variant, as the command line names it</label>
        <div className="lab-add">
          <input
            id={id}
            type="text"
            value={text}
            placeholder="beam:best:width=8"
            spellCheck={false}
            aria-invalid={problem !== null}
            aria-describedby={`${id}-hint`}
            onChange={(event) => setText(event.target.value)}
          />
          <button type="submit">Add</button>
        </div>
        <p id={`${id}-hint`} className={problem === null ? 'hint' : 'hint wrong'} role="status">
          {problem ?? 'strategy:rule:parameter=value, such as dvts:width=2 or beam:keep=m'}
        </p>
      </form>
    </>
  );
}

function BudgetChecks({ desk, setup }: FieldsProps) {
  const { budgets } = setup;
  const stops = [...new Set<number>([...BUDGET_STOPS, ...budgets])].sort((a, b) => a - b);
  return (
    <fieldset className="lab-checks lab-budgets">
      <legend>Budgets, in generations (N)</legend>
      {stops.map((stop) => (
        <label key={stop} className="small">
          <input
            type="checkbox"
            checked={budgets.includes(stop)}
            onChange={() =>
              desk.change({
                budgets: budgets.includes(stop)
                  ? budgets.filter((one) => one !== stop)
                  : stops.filter((one) => one === stop || budgets.includes(one)),
              })
            }
          />
          {stop}
        </label>
      ))}
    </fieldset>
  );
}

function SharedSettings({ desk, setup }: FieldsProps) {
  const cores = navigator.hardwareConcurrency || 1;
  const { engine } = useSession();
  const languageModel = useStore(
    engine,
    ({ status }) => status.phase === 'ready' && status.general === true,
  );
  return (
    <div className="lab-settings">
      <NumberField
        label="Temperature"
        value={setup.temperature}
        min={0}
        max={2}
        step={0.1}
        onChange={(temperature) => desk.change({ temperature })}
      />
      <NumberField
        label="Beam width M"
        value={setup.width}
        min={0}
        max={64}
        step={1}
        hint="0 is the square root of N."
        onChange={(width) => desk.change({ width })}
      />
      <NumberField
        label="Lookahead steps k"
        value={setup.lookahead}
        min={0}
        max={8}
        step={1}
        onChange={(lookahead) => desk.change({ lookahead })}
      />
      <NumberField
        label="Length of a revision chain"
        value={setup.chainLength}
        min={1}
        max={256}
        step={1}
        onChange={(chainLength) => desk.change({ chainLength })}
      />
      <SelectField
        label="Step scores to one score"
        value={setup.aggregation ?? 'verifier'}
        options={[
          { value: 'verifier', label: "the verifier's own" },
          ...AGGREGATIONS.map((value) => ({ value, label: value })),
        ]}
        onChange={(chosen) =>
          desk.change({ aggregation: AGGREGATIONS.find((one) => one === chosen) ?? null })
        }
      />
      <NumberField
        label="First seed"
        value={setup.seed}
        min={0}
        max={4_000_000_000}
        step={1}
        onChange={(seed) => desk.change({ seed })}
      />
      <NumberField
        label="Workers"
        value={workersFor(setup, languageModel)}
        disabled={languageModel}
        min={1}
        max={Math.max(1, Math.min(64, cores))}
        step={1}
        hint={
          languageModel
            ? 'A language model has one: a server gets as many requests at once as the Models page allows, and a model in this tab runs one after another.'
            : `This device has ${cores} ${cores === 1 ? 'core' : 'cores'}. Each worker loads the models once more; results do not depend on their number, seconds do.`
        }
        onChange={(workers) => desk.change({ workers })}
      />
    </div>
  );
}
