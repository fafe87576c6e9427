/** How to search: strategy, budget, and the rest under "Advanced". */
import { useStore } from 'zustand';
import { STRATEGY_LIST } from '../../search/strategies.ts';
import type { StrategyId } from '../../shared/run-config.ts';
import { useSession } from '../session-context.ts';
import { strategyStyle } from '../ui/strategy-style.ts';
import { SelectField } from '../ui/fields.tsx';
import { AdvancedControls } from './advanced-controls.tsx';
import { BudgetSlider } from './budget-slider.tsx';
import { ChainSlider } from './chain-slider.tsx';
import { planInWords, planRun, type PlanProblem } from './plan.ts';

/** Strategies that need more than policy and verifier, and what they lack where it is not there. */
const NEED_MORE: Partial<Record<StrategyId, string>> = {
  revise:
    'Revisions need two more models, a reviser and its verifier, which do not come with this page yet. A language model from the Models page revises by prompt.',
  auto: 'Auto needs a table of choices that were measured with the models in use, and there is none.',
};

export function ControlsPanel({ problem }: { readonly problem: PlanProblem | null }) {
  const { controls, engine } = useSession();
  const config = useStore(controls, (state) => state.config);
  const canUndo = useStore(controls, (state) => state.past.length > 0);
  const ready = useStore(engine, ({ status }) => (status.phase === 'ready' ? status : null));
  const plan = planRun(config, problem, ready);
  const strategy = STRATEGY_LIST.find((one) => one.id === config.strategy);
  const extras: readonly string[] = ready?.extras ?? [];
  const lacks = ({ id }: { id: StrategyId }): boolean => id in NEED_MORE && !extras.includes(id);
  const missing = ready === null ? [] : STRATEGY_LIST.filter(lacks);
  const options = STRATEGY_LIST.map((one) => ({
    value: one.id,
    label: strategyStyle(one.id).label + (missing.includes(one) ? ' – not here' : ''),
    disabled: lacks(one) && one.id !== config.strategy,
  }));

  return (
    <section className="group" aria-label="Search settings">
      <SelectField
        label="Strategy"
        value={config.strategy}
        options={options}
        hint={strategy?.description}
        onChange={(chosen) => controls.change({ strategy: chosen })}
      />
      {missing.map(({ id }) => (
        <p key={id} className="hint missing">
          {NEED_MORE[id]}
        </p>
      ))}
      <BudgetSlider
        value={config.budget}
        words={planInWords(plan)}
        disabled={config.strategy === 'greedy'}
        onChange={(budget) => controls.change({ budget })}
      />
      {config.strategy === 'revise' ? (
        <ChainSlider
          budget={config.budget}
          chainLength={config.chainLength}
          onChange={(chainLength) => controls.change({ chainLength })}
        />
      ) : (
        <p className="hint plan-shape">{plan.shape}</p>
      )}
      <AdvancedControls />
      <div className="button-row">
        <button
          type="button"
          className="quiet"
          aria-disabled={!canUndo}
          onClick={() => controls.undo()}
        >
          Undo change
        </button>
        <button type="button" className="quiet" onClick={() => controls.reset()}>
          Reset settings
        </button>
      </div>
    </section>
  );
}
