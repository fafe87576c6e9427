/**
 * Where a server is and how it is asked. The key lives in a private field here and nowhere else: it
 * is not enumerable, not in labels, and `redact` takes it out of whatever a server or a browser says.
 */
import { AppError } from '../../shared/errors.ts';

export interface EndpointOptions {
  /** With or without a trailing `/v1`. */
  readonly baseUrl: string;
  readonly key?: string;
}

export class Endpoint {
  /** Host and port, for labels. */
  readonly host: string;
  readonly #root: string;
  readonly #key: string;

  /** Throws AppError `bad-input` for an address or a key that cannot work. */
  constructor({ baseUrl, key = '' }: EndpointOptions) {
    const url = parseAddress(baseUrl);
    this.host = url.host;
    this.#root = `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}`;
    this.#key = key.trim();
    // Checked here because a browser's own complaint would quote the whole header.
    if (!/^[\x21-\x7e]*$/.test(this.#key)) {
      throw new AppError('bad-input', 'The key holds characters that no key can have.', {
        advice: 'Copy it again, without spaces, line breaks or quotation marks.',
      });
    }
  }

  /** `path` begins with a slash, such as `/v1/models` or `/pooling`. */
  url(path: string): string {
    return this.#root + path;
  }

  headers(): Record<string, string> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.#key !== '') headers.authorization = `Bearer ${this.#key}`;
    return headers;
  }

  redact(text: string): string {
    return this.#key === '' ? text : text.replaceAll(this.#key, '[key]');
  }

  toJSON(): { host: string } {
    return { host: this.host };
  }
}

function parseAddress(text: string): URL {
  const typed = text.trim();
  const advice = 'Write it like http://localhost:8000/v1 or https://example.org/v1.';
  let url: URL;
  try {
    url = new URL(/^[a-z]+:\/\//i.test(typed) ? typed : `http://${typed}`);
  } catch {
    throw new AppError('bad-input', 'The server address is not a URL.', { advice });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new AppError('bad-input', 'The server address must begin with http:// or https://.', {
      advice,
    });
  }
  if (url.username !== '' || url.password !== '' || url.search !== '') {
    throw new AppError('bad-input', 'The server address must not carry names, passwords or keys.', {
      advice: 'Put the key into its own field, where it is kept out of links and logs.',
    });
  }
  return url;
}
