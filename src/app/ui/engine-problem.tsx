/** What to do when the models could not be loaded. The recorded run and curves stay usable. */
import { useStore } from 'zustand';
import { useSession } from '../session-context.ts';
import { detailsOf } from '../state/notices-store.ts';

export function EngineProblem() {
  const session = useSession();
  const status = useStore(session.engine, (state) => state.status);
  if (status.phase !== 'failed') return null;
  const { error } = status;
  return (
    <div className="notices" role="alert">
      <div className="notice notice-error">
        <div className="notice-text">
          <span>The small models could not be loaded. {error.message}</span>{' '}
          <span>{error.advice}</span>
          <div className="small mono">{detailsOf(error)}</div>
        </div>
        <button type="button" onClick={() => session.retryEngine()}>
          Retry
        </button>
      </div>
    </div>
  );
}
