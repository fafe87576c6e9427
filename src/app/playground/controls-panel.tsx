/** How to search: strategy, budget, and the rest under "Advanced". */
import { useStore } from 'zustand';
import { STRATEGY_LIST } from '../../search/strategies.ts';
import { useSession } from '../session-context.ts';
import { strategyStyle } from '../ui/strategy-style.ts';
import { SelectField } from '../ui/fields.tsx';
import { AdvancedControls } from './advanced-controls.tsx';
import { BudgetSlider } from './budget-slider.tsx';
import { planInWords, planRun, type PlanProblem } from './plan.ts';

const NEED_MORE: readonly string[] = ['revise', 'auto'];

export function ControlsPanel({ problem }: { readonly problem: PlanProblem | null }) {
  const { controls, engine } = useSession();
  const config = useStore(controls, (state) => state.config);
  const canUndo = useStore(controls, (state) => state.past.length > 0);
  const speed = useStore(engine, ({ status }) => (status.phase === 'ready' ? status : null));
  const plan = planRun(config, problem, speed);
  const strategy = STRATEGY_LIST.find((one) => one.id === config.strategy);
  const extras: readonly string[] = speed?.extras ?? [];
  // Those that need models which are not here are offered only where a link already chose them.
  const offered = STRATEGY_LIST.filter(
    ({ id }) => !NEED_MORE.includes(id) || extras.includes(id) || id === config.strategy,
  );

  return (
    <section className="group" aria-label="Search settings">
      <SelectField
        label="Strategy"
        value={config.strategy}
        options={offered.map(({ id }) => ({ value: id, label: strategyStyle(id).label }))}
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
