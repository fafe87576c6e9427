/** What to do when the models could not be loaded. The recorded run and curves stay usable. */
import { useStore } from 'zustand';
import { SHIPPED } from '../../worker/model-choice.ts';
import { useSession } from '../session-context.ts';

export function EngineProblem() {
  const session = useSession();
  const status = useStore(session.engine, (state) => state.status);
  const small = useStore(session.engine, (state) => state.kind === 'shipped');
  if (status.phase !== 'failed') return null;
  const { error } = status;
  return (
    <div className="notices" role="alert">
      <div className="notice notice-error">
        <div className="notice-text">
          <span>
            {small ? 'The small models' : 'The chosen models'} could not be loaded. {error.message}
          </span>{' '}
          <span>{error.advice}</span> <span className="small mono">{error.code}</span>
          {error.cause !== undefined && (
            <details className="small">
              <summary>Details</summary>
              <div className="mono">{error.cause}</div>
            </details>
          )}
        </div>
        <button type="button" onClick={() => session.retryEngine()}>
          Retry
        </button>
        {!small && (
          <button type="button" onClick={() => session.useModels(SHIPPED)}>
            Use the small models
          </button>
        )}
      </div>
    </div>
  );
}
