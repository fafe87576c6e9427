/** What went wrong, what to do, and the details for a report. */
import type { ErrorData } from '../../shared/errors.ts';

export function Failure({ error, onRetry }: { error: ErrorData; onRetry?: () => void }) {
  return (
    <div className="outside small" role="alert">
      <p>
        <strong>{error.message}</strong> {error.advice}
      </p>
      <p className="mono muted">
        {error.code}
        {error.cause !== undefined && ` – ${error.cause}`}
      </p>
      {onRetry !== undefined && (
        <div>
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        </div>
      )}
    </div>
  );
}
