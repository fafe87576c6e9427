/** What can go wrong with a server, as AppErrors that say what to do. Pure. */
import { AppError } from '../../shared/errors.ts';

/** An AppError and how long the server wants to be left alone, in milliseconds. */
export interface Fault {
  readonly error: AppError;
  readonly retryAfterMs: number | null;
}

interface ErrorText {
  readonly message: string;
  readonly advice: string;
  readonly retryable?: boolean;
}

const DETAIL_LENGTH = 300;
const ABSENT: ReadonlySet<number> = new Set([404, 405, 501]);

/** `detail`: what the server said, with the key taken out. */
export function statusFault(
  status: number,
  detail: string,
  retryAfter: string | null,
  nowMs: number,
): Fault {
  const { code, ...text } = describeStatus(status, detail);
  const cause = `HTTP ${status}${detail === '' ? '' : `: ${detail.slice(0, DETAIL_LENGTH)}`}`;
  const error = new AppError(code, text.message, { ...text, cause, status });
  return { error, retryAfterMs: parseRetryAfter(retryAfter, nowMs) };
}

function describeStatus(
  status: number,
  detail: string,
): ErrorText & { code: 'server' | 'model-missing' | 'bad-input' } {
  if (status === 401 || status === 403) {
    return {
      code: 'server',
      message: 'The server refuses the key.',
      advice: 'Check the key. It is sent to this server only and is not stored.',
    };
  }
  if (status === 404 && /model/i.test(detail)) {
    return {
      code: 'model-missing',
      message: 'The server does not have this model.',
      advice: 'Choose one of the models that the server lists.',
    };
  }
  if (ABSENT.has(status)) {
    return {
      code: 'server',
      message: 'The server does not offer this interface.',
      advice: 'Check the address; it usually ends in /v1. The server must offer /v1/completions.',
    };
  }
  if (status === 429) {
    return {
      code: 'server',
      message: 'The server limits how much may be asked of it.',
      advice: 'Wait a little, or lower the number of requests at the same time.',
      retryable: true,
    };
  }
  if (status === 408 || status === 425 || status >= 500) {
    const loading = status === 503 && /load/i.test(detail);
    return {
      code: 'server',
      message: loading ? 'The server is still loading its model.' : 'The server failed.',
      advice: 'Try again; if it goes on, look into the log of the server.',
      retryable: true,
    };
  }
  if (/context|too long|maximum.*(length|tokens)/i.test(detail)) {
    return {
      code: 'bad-input',
      message: 'The solution no longer fits the context of the model.',
      advice: 'Use a shorter problem, fewer tokens a step, or start the server with more context.',
    };
  }
  return {
    code: 'server',
    message: 'The server refuses the request.',
    advice: 'Test the connection on the Models page: it shows what this server does not support.',
  };
}

/** Overloaded or still loading: it may well do what was asked, later. */
export function isBusy({ status }: AppError): boolean {
  return status === 429 || status === 503;
}

/** Nothing is served at this address. */
export function isAbsent({ status }: AppError): boolean {
  return status !== undefined && ABSENT.has(status);
}

/** An error in a reply of status 200: LM Studio answers so where it does not know the address, and
 * proxies where what is behind them failed. */
export function errorInside(message: string, retryable: boolean): AppError {
  return new AppError('server', 'The server answered with an error.', {
    advice: 'Test the connection on the Models page: it shows what this server does not support.',
    retryable,
    cause: message.slice(0, DETAIL_LENGTH),
  });
}

/** Seconds or an HTTP date; null where there is none that makes sense. */
export function parseRetryAfter(value: string | null, nowMs: number): number | null {
  if (value === null || value.trim() === '') return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : null;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

export function unreachable(host: string, cause: unknown): AppError {
  return new AppError('network', `No answer from ${host}.`, {
    advice:
      'Is the server running? From a web page it must also allow this page by CORS: vLLM wants ' +
      '--allowed-origins, llama.cpp and LM Studio have a switch for it.',
    retryable: true,
    cause,
  });
}

/** The server answers, but the browser may not hand its answers to this page. */
export function blockedByCors(host: string, origin: string): AppError {
  return new AppError('network', `${host} is running but does not allow this page (CORS).`, {
    advice: `Start it so that it allows the origin ${origin}: for vLLM add --allowed-origins '["${origin}"]'.`,
  });
}

/** A page that came over https may not talk to http, except on this machine. */
export function mixedContent(host: string): AppError {
  return new AppError('network', `This page is https and may not talk to http://${host}.`, {
    advice: 'Give the server https, reach it as localhost, or open this page over http.',
  });
}

export function tooSlow(host: string, limitMs: number): AppError {
  const seconds = Math.round(limitMs / 1000);
  return new AppError('network', `${host} sent nothing for ${seconds} seconds.`, {
    advice: 'The server may be overloaded: lower the number of requests at the same time.',
    retryable: true,
  });
}

export function cutOff(host: string, cause?: unknown): AppError {
  return new AppError('network', `The answer of ${host} was cut off.`, {
    advice: 'Try again; if it goes on, look into the log of the server.',
    retryable: true,
    cause,
  });
}

/** What came back is not what this interface promises. */
export function garbled(host: string, what: string): AppError {
  return new AppError('server', `${host} sent something that is not an answer.`, {
    advice: 'Is this the address of an OpenAI-compatible server? It usually ends in /v1.',
    retryable: true,
    cause: what.slice(0, DETAIL_LENGTH),
  });
}
