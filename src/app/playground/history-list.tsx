/** Runs kept in this browser: open one again, or forget it. */
import { useStore } from 'zustand';
import type { RunSummary } from '../../storage/runs.ts';
import { useSession } from '../session-context.ts';
import { formatAge } from '../ui/format.ts';
import { strategyStyle } from '../ui/strategy-style.ts';

export function HistoryList() {
  const session = useSession();
  const { runs, available } = useStore(session.history);
  const current = useStore(session.run, (state) => state.id);
  return (
    <details className="advanced history">
      <summary>Recent runs{runs.length > 0 && ` (${runs.length})`}</summary>
      {!available && <p className="hint">This browser does not let the page keep runs.</p>}
      {available && runs.length === 0 && <p className="hint">Runs you make are kept here.</p>}
      <ul aria-label="Recent runs">
        {runs.slice(0, 30).map((run) => (
          <li key={run.id}>
            <button
              type="button"
              className="history-entry"
              aria-current={run.id === current ? 'true' : undefined}
              onClick={() => void session.openStored(run.id)}
            >
              <span className="mono history-problem">{run.problem}</span>
              <span className="small muted">{describe(run)}</span>
            </button>
            <button
              type="button"
              className="quiet"
              aria-label={`Forget the run of ${run.problem}`}
              onClick={() => void session.forgetStored(run.id)}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function describe(run: RunSummary): string {
  const outcome = run.correct === null ? '' : run.correct ? ' · ✓ right' : ' · ✗ wrong';
  const status = run.status === 'done' ? '' : ` · ${run.status}`;
  const from = (run.from ?? 0) > 0 ? `, from step ${run.from}` : '';
  const age = formatAge(run.savedAt, Date.now());
  return `${strategyStyle(run.strategy).label}, ${run.budget}${from}${outcome}${status} · ${age}`;
}
