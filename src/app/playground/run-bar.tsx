/** Run, Stop, and what keeps Run from working. */
import { useStore } from 'zustand';
import { useSession } from '../session-context.ts';

export function RunBar({ runnable }: { readonly runnable: boolean }) {
  const session = useSession();
  const running = useStore(session.run, (state) => state.running);
  const written = useStore(session.run, (state) => state.running && state.events.length > 0);
  const phase = useStore(session.engine, ({ status }) => status.phase);
  const fetching = useStore(
    session.engine,
    ({ status }) => status.phase === 'ready' && status.fetching !== undefined,
  );
  const canRun = runnable && !running && phase !== 'failed';
  const waiting = running && !written && (phase !== 'ready' || fetching);

  return (
    <div className="run-bar">
      <button
        type="button"
        className="primary"
        aria-disabled={!canRun}
        aria-keyshortcuts="Control+Enter"
        title="Ctrl+Enter"
        onClick={() => session.requestRun()}
      >
        Run
      </button>
      <button
        type="button"
        aria-disabled={!running}
        aria-keyshortcuts="Escape"
        title="Esc"
        onClick={() => session.stop()}
      >
        Stop
      </button>
      <button
        type="button"
        className="quiet"
        aria-disabled={!canRun}
        title="The same settings with the next random seed"
        onClick={() => session.runWithNextSeed()}
      >
        Next seed
      </button>
      <span className="muted small" role="status" aria-label="Run">
        {waiting ? 'Waiting for the models …' : running ? 'Running …' : ''}
      </span>
    </div>
  );
}
