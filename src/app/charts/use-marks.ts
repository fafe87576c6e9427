/** Where the run on screen and the planned one stand on the chart's axis. */
import { useStore } from 'zustand';
import { planRun, type PlanProblem } from '../playground/plan.ts';
import { useSession } from '../session-context.ts';
import type { RunState } from '../state/run-store.ts';
import { useThrottled } from '../ui/use-throttled.ts';
import type { Mark } from './accuracy-chart.tsx';
import { computeOf, type Axis, type CurvePoint } from './series.ts';

const readLedger = (state: RunState) => state.view.ledger;
const readIdle = (state: RunState) => !state.running;

export function useMarks(
  axis: Axis,
  problem: PlanProblem | null,
  points: readonly CurvePoint[],
): Mark[] {
  const { run, controls, engine } = useSession();
  const ledger = useThrottled(run, readLedger);
  const idle = useThrottled(run, readIdle);
  const config = useStore(controls, (state) => state.config);
  const speed = useStore(engine, ({ status }) => (status.phase === 'ready' ? status : null));
  const marks: Mark[] = [];
  const spent = computeOf(ledger, axis);
  if (spent > 0) marks.push({ label: 'this run', x: spent, kind: 'spent' });
  if (!idle || problem === null) return marks;

  const plan = planRun(config, problem, speed);
  const planned = {
    generations: plan.generations,
    tokens: plan.policyTokens + plan.verifierTokens,
    seconds: plan.seconds ?? 0,
    flops: (plan.policyTokens + plan.verifierTokens) * flopsPerToken(points),
  }[axis];
  const apart = spent === 0 || Math.abs(Math.log(planned / spent)) > 0.35;
  if (planned > 0 && apart) marks.push({ label: 'next run', x: planned, kind: 'planned' });
  return marks;
}

/** From what was measured; the models' shapes are not known to the page. */
function flopsPerToken(points: readonly CurvePoint[]): number {
  const tokens = points.reduce((sum, point) => sum + computeOf(point.ledger, 'tokens'), 0);
  const flops = points.reduce((sum, point) => sum + point.ledger.flopsExecuted, 0);
  return tokens > 0 ? flops / tokens : 0;
}
