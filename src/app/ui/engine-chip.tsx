/** One line on what runs the models, where and how fast; while loading, how far it has come. */
import { useStore } from 'zustand';
import { useSession } from '../session-context.ts';
import { describeEngine } from '../state/engine-store.ts';

export function EngineChip() {
  const { engine } = useSession();
  const status = useStore(engine, (state) => state.status);
  const kind = useStore(engine, (state) => state.kind);
  const share =
    status.phase === 'loading' && status.totalBytes > 0
      ? status.loadedBytes / status.totalBytes
      : null;
  return (
    <div
      className={`engine-chip engine-${status.phase}`}
      role="status"
      aria-label="Engine"
      // Bytes change many times a second: read out what comes of it, not every step.
      aria-live={status.phase === 'loading' ? 'off' : 'polite'}
    >
      <span className="engine-dot" aria-hidden="true" />
      {describeEngine(status, kind)}
      {share !== null && (
        <span className="engine-bar" aria-hidden="true" style={{ width: `${share * 100}%` }} />
      )}
    </div>
  );
}
