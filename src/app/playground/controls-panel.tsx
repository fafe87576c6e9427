/** How to search: strategy, budget, and the rest under "Advanced". */
import { useStore } from 'zustand';
import { STRATEGY_LIST } from '../../search/strategies.ts';
import { useSession } from '../session-context.ts';
import { strategyStyle } from '../ui/strategy-style.ts';
import { SelectField } from '../ui/fields.tsx';
import { AdvancedControls } from './advanced-controls.tsx';
import { BudgetSlider } from './budget-slider.tsx';
import { planInWords, planRun, type PlanProblem } from './plan.ts';

export function ControlsPanel({ problem }: { readonly problem: PlanProblem | null }) {
  const { controls, engine } = useSession();
  const config = useStore(controls, (state) => state.config);
  const canUndo = useStore(controls, (state) => state.past.length > 0);
  const speed = useStore(engine, ({ status }) => (status.phase === 'ready' ? status : null));
  const plan = planRun(config, problem, speed);
  const strategy = STRATEGY_LIST.find((one) => one.id === config.strategy);

  return (
    <section className="group" aria-label="Search settings">
      <SelectField
        label="Strategy"
        value={config.strategy}
        options={STRATEGY_LIST.map(({ id }) => ({ value: id, label: strategyStyle(id).label }))}
        hint={strategy?.description}
        onChange={(chosen) => controls.change({ strategy: chosen })}
      />
      <BudgetSlider
        value={config.budget}
        words={planInWords(plan)}
        disabled={config.strategy === 'greedy'}
        onChange={(budget) => controls.change({ budget })}
      />
      <p className="hint plan-shape">{plan.shape}</p>
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
