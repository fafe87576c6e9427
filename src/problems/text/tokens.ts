/** Second stage of reading typed text: clean text as numbers, words and signs. */

export interface Token {
  readonly kind: 'number' | 'word' | 'sign';
  /** Numbers without leading zeros. */
  readonly text: string;
  /** As typed. */
  readonly raw: string;
  /** Only for numbers; Infinity where the digits exceed what counts exactly. */
  readonly value: number;
  /** White space stood before it. */
  readonly spaced: boolean;
}

const PATTERN = /(\s*)(?:(\d+)|(\\?\p{L}+(?:'\p{L}+)*)|(\*\*|\.\.\.|[^\s]))/gu;

export function tokenize(text: string): Token[] {
  return [...text.matchAll(PATTERN)].map(([, space, digits, word, sign]) => ({
    kind: digits !== undefined ? 'number' : word !== undefined ? 'word' : 'sign',
    text: digits?.replace(/^0+(?=\d)/, '') ?? word ?? sign ?? '',
    raw: digits ?? word ?? sign ?? '',
    value: digits === undefined ? NaN : exactNumber(digits),
    spaced: space !== '',
  }));
}

export function signToken(text: string): Token {
  return { kind: 'sign', text, raw: text, value: NaN, spaced: true };
}

export function isSign(token: Token | undefined, text: string): boolean {
  return token !== undefined && token.kind === 'sign' && token.text === text;
}

/** Joins `1,234`, `1'234` and `1_234` to one number; a comma between other numbers stays. */
export function joinThousands(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    const groups = token.kind === 'number' && token.text.length <= 3 ? groupsAfter(tokens, i) : [];
    if (groups.length === 0) {
      out.push(token);
      continue;
    }
    const digits = token.text + groups.join('');
    out.push({ ...token, text: digits, raw: digits, value: exactNumber(digits) });
    i += 2 * groups.length;
  }
  return out;
}

function groupsAfter(tokens: readonly Token[], start: number): string[] {
  const groups: string[] = [];
  const separator = tokens[start + 1]?.text ?? '';
  if (![',', "'", '_'].includes(separator)) return groups;
  for (let i = start + 1; i + 1 < tokens.length; i += 2) {
    const [mark, group] = [tokens[i], tokens[i + 1]];
    const joined = mark.text === separator && !mark.spaced && !group.spaced;
    if (!joined || group.kind !== 'number' || group.raw.length !== 3) break;
    groups.push(group.raw);
  }
  return groups;
}

function exactNumber(digits: string): number {
  const plain = digits.replace(/^0+(?=\d)/, '');
  return plain.length > 15 ? Infinity : Number(plain);
}
