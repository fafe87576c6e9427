/**
 * The one error type of the program. It crosses worker borders as plain data, so a visitor
 * always gets code, cause and advice. Not for bugs: those are `invariant` failures.
 */
export type ErrorCode =
  | 'bad-input'
  | 'outside-families'
  | 'model-missing'
  | 'model-corrupt'
  | 'model-unsupported'
  | 'out-of-slots'
  | 'out-of-memory'
  | 'device-lost'
  | 'no-webgpu'
  | 'network'
  | 'storage'
  | 'aborted'
  | 'server'
  | 'internal';

export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly advice: string;
  readonly retryable: boolean;
  readonly cause?: string;
  /** HTTP status, where a server answered with one. */
  readonly status?: number;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly advice: string;
  readonly retryable: boolean;
  readonly status: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { advice: string; retryable?: boolean; cause?: unknown; status?: number | undefined },
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.advice = options.advice;
    this.retryable = options.retryable ?? false;
    this.status = options.status;
  }

  toData(): ErrorData {
    const cause = this.cause === undefined ? undefined : describeCause(this.cause);
    const { code, message, advice, retryable, status } = this;
    return {
      code,
      message,
      advice,
      retryable,
      ...(cause === undefined ? {} : { cause }),
      ...(status === undefined ? {} : { status }),
    };
  }

  static fromData(data: ErrorData): AppError {
    return new AppError(data.code, data.message, data);
  }
}

/** Any thrown value as an AppError; aborts keep their meaning, the unknown becomes `internal`. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (isAbort(thrown)) {
    return new AppError('aborted', 'Stopped.', {
      advice: 'Run again when you like.',
      cause: thrown,
    });
  }
  return new AppError('internal', 'Something went wrong inside the program.', {
    advice: 'Try again; if it happens twice, report it with the details below.',
    retryable: true,
    cause: thrown,
  });
}

export function isAbort(thrown: unknown): boolean {
  if (thrown instanceof AppError) return thrown.code === 'aborted';
  return thrown instanceof Error && thrown.name === 'AbortError';
}

/** Throws the signal's abort as an AppError; call between units of work. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new AppError('aborted', 'Stopped.', { advice: 'Run again when you like.' });
  }
}

/** States what must hold. A failure is a bug in this program, never a visitor's mistake. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${message}`);
}

function describeCause(cause: unknown): string {
  if (cause instanceof Error) return `${cause.name}: ${cause.message}`;
  return typeof cause === 'string' ? cause : JSON.stringify(cause);
}
