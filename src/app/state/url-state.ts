/**
 * The part of the address after `#`: a page and everything that defines a run. Read with the same
 * distrust as a file: each field is checked and clamped by itself, so a broken link loses as little
 * as possible and says what was changed. Long problems travel compressed in `z`.
 */
import {
  AGGREGATIONS,
  DEFAULT_RUN_CONFIG,
  MAX_PROBLEM_LENGTH,
  runConfigSchema,
  SELECTIONS,
  STRATEGIES,
  type RunConfig,
} from '../../shared/run-config.ts';

export interface UrlState {
  readonly page: string;
  /** null when the address says nothing about a run. */
  readonly config: RunConfig | null;
  /** What had to be changed to make the link usable, one sentence each. */
  readonly notices: readonly string[];
}

export const HOME_PAGE = 'playground';

export function encodeHash(page: string, config: RunConfig): string {
  return `#/${page}?${new URLSearchParams(fieldsOf(config)).toString()}`;
}

/** `hash` unpacked (`expandHash`). Never throws, whatever the text. */
export function decodeHash(hash: string): UrlState {
  const text = hash.replace(/^#\/?/, '');
  const cut = text.indexOf('?');
  const page = (cut === -1 ? text : text.slice(0, cut)).replace(/\/+$/, '') || HOME_PAGE;
  if (cut === -1) return { page, config: null, notices: [] };
  // Its settings are another matter (lab-link.ts).
  if (page === 'lab') return { page, config: null, notices: [] };
  const params = new URLSearchParams(text.slice(cut + 1));
  if (params.has('z')) {
    const notice = 'The link is cut off or damaged, so the default settings are shown.';
    return { page, config: null, notices: [notice] };
  }
  const notices: string[] = [];
  return { page, config: readConfig(params, notices), notices };
}

function fieldsOf(config: RunConfig): Record<string, string> {
  return {
    problem: config.problem,
    strategy: config.strategy,
    budget: String(config.budget),
    width: String(config.width),
    keep: config.keep,
    merge: config.mergeDuplicates ? '1' : '0',
    lookahead: String(config.lookahead),
    chain: String(config.chainLength),
    select: config.selection,
    aggregate: config.aggregation ?? 'auto',
    temperature: String(config.temperature),
    seed: String(config.seed),
    policy: config.policy,
    verifier: config.verifier,
  };
}

function readConfig(params: URLSearchParams, notices: string[]): RunConfig {
  const read = new FieldReader(params, notices);
  const base = DEFAULT_RUN_CONFIG;
  const config: RunConfig = {
    problem: read.text('problem', base.problem, MAX_PROBLEM_LENGTH),
    strategy: read.choice('strategy', STRATEGIES, base.strategy),
    budget: read.whole('budget', 1, 1024, base.budget),
    width: read.whole('width', 0, 64, base.width),
    keep: read.choice('keep', ['n-over-m', 'm'] as const, base.keep),
    mergeDuplicates: read.choice('merge', ['0', '1'] as const, '1') === '1',
    lookahead: read.whole('lookahead', 0, 8, base.lookahead),
    chainLength: read.whole('chain', 1, 256, base.chainLength),
    selection: read.choice('select', SELECTIONS, base.selection),
    aggregation: readAggregation(read),
    temperature: read.number('temperature', 0, 2, base.temperature),
    seed: read.whole('seed', 0, 4294967295, base.seed),
    policy: read.text('policy', base.policy, 200),
    verifier: read.text('verifier', base.verifier, 200),
  };
  return runConfigSchema.parse(config);
}

function readAggregation(read: FieldReader): RunConfig['aggregation'] {
  const chosen = read.choice('aggregate', ['auto', ...AGGREGATIONS] as const, 'auto');
  return chosen === 'auto' ? null : chosen;
}

class FieldReader {
  constructor(
    private readonly params: URLSearchParams,
    private readonly notices: string[],
  ) {}

  text(name: string, fallback: string, limit: number): string {
    const value = this.params.get(name);
    if (value === null) return fallback;
    if (value.length <= limit) return value;
    this.notices.push(`The ${name} in the link is longer than ${limit} characters and was cut.`);
    return value.slice(0, limit);
  }

  choice<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = this.params.get(name);
    if (value === null) return fallback;
    const found = allowed.find((one) => one === value);
    if (found === undefined) {
      this.notices.push(`The link asks for ${name} “${shorten(value)}”; ${fallback} is used.`);
    }
    return found ?? fallback;
  }

  number(name: string, low: number, high: number, fallback: number): number {
    const text = this.params.get(name);
    if (text === null) return fallback;
    const value = text.trim() === '' ? NaN : Number(text);
    if (!Number.isFinite(value)) {
      this.notices.push(
        `The link gives “${shorten(text)}” as the ${name}; ${fallback} is used instead.`,
      );
      return fallback;
    }
    const clamped = Math.min(high, Math.max(low, value));
    if (clamped !== value) {
      this.notices.push(
        `The ${name} ${shorten(text)} in the link is outside ${low} to ${high}; ${clamped} is used.`,
      );
    }
    return clamped;
  }

  whole(name: string, low: number, high: number, fallback: number): number {
    return Math.round(this.number(name, low, high, fallback));
  }
}

function shorten(text: string): string {
  return text.length > 24 ? `${text.slice(0, 24)}…` : text;
}
