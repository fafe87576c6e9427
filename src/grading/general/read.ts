/**
 * Reads an answer, as extracted from a solution or typed by the visitor. Total: what has no other
 * meaning is text. Conventions follow the public graders of the MATH data set (Hendrycks et al.
 * 2021): mixed numbers, thousands, units and `x =` in front count as people mean them.
 */
import type { Answer } from './answer.ts';
import { MAX_ANSWER } from './extract.ts';
import { plainMath } from './latex.ts';
import { readMatrix } from './matrix.ts';
import { numberOfWords } from './number-words.ts';
import { plainNumerals } from './numerals.ts';
import { combined, type Join } from './combined.ts';
import { canonicalUnit, isMeasure } from './units.ts';
import { decimal, evaluate, FUNCTION_NAMES } from './value.ts';

/** Members of a list, and lists within lists, that are looked at. */
const MAX_ITEMS = 40;
const MAX_LEVELS = 4;

export function readAnswer(raw: string): Answer | null {
  if (raw.length > MAX_ANSWER || raw.trim() === '') return null;
  const plain = plainMath(plainNumerals(unwrapped(raw)));
  return plain === '' ? null : readPlain(plain, 0);
}

/** Without Markdown emphasis, quotes and a full stop. */
function unwrapped(raw: string): string {
  return raw
    .trim()
    .replace(/^(?:\*\*|__|`|["“”'])+|(?:\*\*|__|`|["“”])+$/g, '')
    .replace(/\.\.\.$/, '…')
    .replace(/(?<!\\)[.;,]+$/, '')
    .replace(/^(?:=|≈|\\approx\b)\s*/, '')
    .replace(/^\s*(?:\$\$?|\\\(|\\\[)(.*?)(?:\$\$?|\\\)|\\\])\s*$/s, '$1')
    .trim();
}

function readPlain(text: string, level: number): Answer {
  const plain = text.trim().replace(/[.;,]+$/, '');
  const choice =
    /^(?:⟨?(?:[Oo]ption|[Cc]hoice|[Aa]nswer)⟩?\s+)?\(?\s*⟨?\(?([A-Z])\)?⟩?\s*\)?$/.exec(plain);
  if (choice !== null) return { kind: 'text', text: choice[1].toLowerCase() };
  // (B) 12 is a choice and what it says, not a product.
  if (/^\([A-E]\)\s*[^\s+\-*/^=<>≤≥,;).([|!]/.test(plain) || numberOfWords(plain) !== null) {
    return words(plain);
  }
  const based = /^\(?([\da-z]+)\)?_(\d{1,2}|[a-z]+)$/i.exec(plain);
  const base = based === null || !/^\d/.test(based[1]) ? null : baseOf(based[2]);
  if (based !== null && base !== null) {
    return { kind: 'text', text: `${based[1].toLowerCase()}_${base}` };
  }
  const infinity = /^([+-]?)\s*inf(?:inity)?$/i.exec(plain);
  if (infinity !== null) return { kind: 'text', text: infinity[1] === '-' ? '-inf' : 'inf' };
  if (level > MAX_LEVELS) return words(plain);
  return (
    readNumber(plain) ??
    readMatrix(plain, (cell) => readPlain(cell, level + 1)) ??
    readRelation(plain, level) ??
    readSeveral(plain, level) ??
    readExpression(plain) ??
    words(plain)
  );
}

const BASES: Record<string, number> = {
  ...{ two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10 },
  ...{ twelve: 12, sixteen: 16 },
};

/** Of a number system, in digits or in words. */
function baseOf(text: string): number | null {
  const base = /^\d+$/.test(text) ? Number(text) : (BASES[text.toLowerCase()] ?? 0);
  return base >= 2 && base <= 36 ? base : null;
}

const CURRENCY: Record<string, string> = { $: 'dollar', '€': 'euro', '£': 'sterling', '¥': 'yen' };

const NUMBER = /^([+-]?)\s*((?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?)$/;

/** A literal, with currency or unit. */
function readNumber(text: string): Answer | null {
  const money = /^([+-]?)\s*\\?([$€£¥])\s*(.+)$/.exec(text);
  const body = money === null ? text : money[1] + money[3];
  const split = splitUnit(body);
  if (split === null) return null;
  const unit = money === null ? split.unit : CURRENCY[money[2]];
  const literal = NUMBER.exec(split.number);
  if (literal !== null && /\d/.test(literal[2])) {
    const digits = literal[2].replace(/,/g, '');
    const exact = decimal(literal[1] + digits);
    if (exact === null) return null;
    const value = { exact, samples: [Number(exact.num) / Number(exact.den)], unknowns: [] };
    const significant = digits.includes('.')
      ? digits.replace('.', '').replace(/^0+/, '').length
      : null;
    return { kind: 'number', value, unit: unit === '' ? null : unit, digits: significant };
  }
  // "units" is a unit that says nothing.
  if (unit === null || (unit === '' && split.number === body)) return null;
  const inner = readExpression(split.number);
  return inner?.kind === 'number' ? { ...inner, unit: unit === '' ? null : unit } : null;
}

/** Number and unit of "5 cm", "30°", "12⟨ square units⟩"; null where no unit fits. */
function splitUnit(text: string): { number: string; unit: string | null } | null {
  const marked = /^(.*?[\d)])\s*((?:⟨[^⟩]*⟩|[°%])[^()]*(?:\(\d\))?)$/.exec(text);
  if (marked !== null) {
    const unit = canonicalUnit(marked[2].replace(/\^\((\d)\)/g, '^$1'));
    return unit === null ? null : { number: marked[1].trim(), unit };
  }
  const bare = /^(.*[\d)])\s*([a-zA-Z][a-zA-Z. /]*(?:\^\(?\d\)?)?)$/.exec(text);
  if (bare !== null) {
    const name = bare[2].replace(/\^\(?(\d)\)?/, '^$1');
    // Single letters behind a number are unknowns unless a space sets them apart as a unit.
    const apart = name.length > 1 || /\d\s+[a-z]$/.test(text);
    const noun = /^[a-z]{3,}(?: [a-z]{2,})*$/i.test(name) && /\d\s/.test(text) && !isMathWord(name);
    const unit = apart && (isMeasure(name) || noun) ? canonicalUnit(name) : null;
    if (unit !== null) return { number: bare[1].trim(), unit };
  }
  return { number: text, unit: '' };
}

const MATH_WORDS = new Set<string>([...FUNCTION_NAMES, 'pi', 'inf', 'ln']);

function isMathWord(text: string): boolean {
  return text.split(' ').some((word) => MATH_WORDS.has(word));
}

/** `x = …` is what follows; `x > 3` is an interval; other equations keep both sides. */
function readRelation(text: string, level: number): Answer | null {
  const hole = /^[a-zA-Z]\s*≠\s*([^,≠<>=]+)$/.exec(text)?.[1];
  if (hole !== undefined) return readPlain(`(-inf, ${hole})∪(${hole}, inf)`, level + 1);
  if (/[≠≈]/.test(text)) return null;
  const member = /^[a-zA-Z]\w*\s*∈\s*(.+)$/.exec(text);
  if (member !== null) return readPlain(member[1], level + 1);
  // P(X > 2) = 0.3
  const probability = /^P\s*\([^=]*\)\s*=\s*([^=<>≤≥]+)$/.exec(text)?.[1];
  if (probability !== undefined) return readPlain(probability, level + 1);
  if (/[<>≤≥]/.test(text)) return joinedInequalities(text, level) ?? readInequality(text, level);
  const sides = text.split('=');
  if (sides.length !== 2) return null;
  const [left, right] = sides.map((side) => side.trim());
  if (topLevel(text, ',').length > 1 && !/^\(.*\)$/.test(left)) return null;
  // 5 = x
  if (/^[a-zA-Z]$/.test(right) && !/[a-zA-Z]/.test(left)) return readPlain(left, level + 1);
  const named =
    /^(?:(?:m\s*)?angle\s*[A-Z]{1,3}|\(\(d[a-z]\)\/\(d[a-z]\)\)|[a-zA-Z]'+(?:\([a-z]\))?|[a-zA-Z]\w*|[a-zA-Z]\w*\s*\(\s*(?:[a-zA-Z]\w*|-?\d+(?:\.\d+)?)\s*\)|\([a-zA-Z](?:\s*,\s*[a-zA-Z])+\))$/;
  if (named.test(left)) return withName(readPlain(right, level + 1), left, right);
  const [l, r] = [asProducts(left), asProducts(right)];
  const value = evaluate(`(${l})-(${r})`);
  return value === null || value.unknowns.length === 0 ? null : { kind: 'equation', value };
}

/** `y = 2x` is an expression, and an equation for whoever writes it as one. */
function withName(read: Answer, left: string, right: string): Answer {
  if (read.kind !== 'expression' || !/^[a-zA-Z]$/.test(left)) return read;
  const value = read.value.unknowns.includes(left)
    ? null
    : evaluate(`(${left})-(${asProducts(right) ?? ''})`);
  return value === null ? read : { ...read, named: value };
}

/** `x > 1 and x < 3`, `x < 1 or x > 3`: of one unknown, with one kind of link. */
function joinedInequalities(text: string, level: number): Answer | null {
  const links = [...text.matchAll(LINKS)].map(([link]) => (/and|∧/.test(link) ? '∩' : '∪'));
  const parts = text.split(LINKS);
  if (links.length === 0 || new Set(links).size > 1 || parts.length > MAX_ITEMS) return null;
  const names = parts.map((part) => /(?:^|[<>≤≥]=?)\s*([a-zA-Z])\s*(?:$|[<>≤≥])/.exec(part)?.[1]);
  if (names[0] === undefined || new Set(names).size > 1) return null;
  const read = parts.map((part) => readInequality(part.trim(), level + 1));
  return read.every((one) => one !== null) ? combined(read, links[0]) : null;
}

const LINKS = /⟨\s*(?:and|or)\s*⟩|\s(?:and|or)\s|[∧∨]/g;

const MIRROR: Record<string, string> = { '<': '>', '>': '<', '≤': '≥', '≥': '≤' };

function readInequality(text: string, level: number): Answer | null {
  const normal = text.replace(/<=/g, '≤').replace(/>=/g, '≥');
  const parts = normal.split(/\s*([<>≤≥])\s*/);
  const isName = (part: string) => /^[a-zA-Z]$/.test(part);
  const interval = (low: string, open: boolean, high: string, close: boolean) =>
    readPlain(`${open ? '(' : '['}${low}, ${high}${close ? ')' : ']'}`, level + 1);
  const size = /^abs\(([a-zA-Z])\)$/.exec(parts[0])?.[1];
  if (parts.length === 3 && size !== undefined) {
    const open = parts[1] === '<';
    return open || parts[1] === '≤' ? interval(`-(${parts[2]})`, open, parts[2], open) : null;
  }
  if (parts.length === 3) {
    const [a, sign, b] = isName(parts[0]) ? parts : [parts[2], MIRROR[parts[1]], parts[0]];
    if (!isName(a) || /[,a-df-z]/i.test(b.replace(/pi|sqrt|inf/g, ''))) return null;
    return sign === '<' || sign === '≤'
      ? interval('-inf', true, b, sign === '<')
      : interval(b, sign === '>', 'inf', true);
  }
  if (parts.length !== 5 || !isName(parts[2])) return null;
  const [low, first, , second, high] = parts;
  if (/[<≤]/.test(first) && /[<≤]/.test(second)) {
    return interval(low, first === '<', high, second === '<');
  }
  return /[>≥]/.test(first) && /[>≥]/.test(second)
    ? interval(high, second === '>', low, first === '>')
    : null;
}

/** Unions, brackets, lists and ±. */
function readSeveral(text: string, level: number): Answer | null {
  const operations = (['∪', '∩', '∖'] as const).filter((sign) => topLevel(text, sign).length > 1);
  if (operations.length > 0) return readOperation(text, operations, level);
  if (text === '⦃⦄') return { kind: 'set', items: [] };
  const bracketed = /^([([⦃])(.*)([)\]⦄])$/s.exec(text);
  if (bracketed !== null && closesAtEnd(text)) {
    const [, open, inner, close] = bracketed;
    const parts = topLevel(inner, ',');
    if (open === '⦃') return close === '⦄' ? setOf(parts, level) : null;
    if (parts.length > 1 && parts.length <= MAX_ITEMS && close !== '⦄') {
      const items = parts.map((part) => readPlain(part, level + 1));
      return {
        kind: 'tuple',
        open: open === '[' ? '[' : '(',
        close: close === ']' ? ']' : ')',
        items,
      };
    }
  }
  const list = text.replace(/⟨\s*(?:and|or)\s*⟩|\s(?:and|or)\s/g, ',').replace(/,\s*,/g, ',');
  const commas = topLevel(list, ',');
  const parts = commas.length > 1 ? commas : topLevel(list, ';');
  if (parts.length > 1) return assignments(parts, level) ?? setOf(parts, level);
  if (!/[±∓]/.test(text)) return null;
  const [plus, minus] = [
    text.replace(/±/g, '+').replace(/∓/g, '-'),
    text.replace(/±/g, '-').replace(/∓/g, '+'),
  ];
  return setOf([plus, minus], level);
}

/** Which of two different operations comes first, nobody says. */
function readOperation(text: string, operations: readonly Join[], level: number): Answer | null {
  const [join] = operations;
  const parts = topLevel(text, join);
  if (operations.length > 1 || parts.length > MAX_ITEMS) return null;
  const sets = combined(
    parts.map((part) => readPlain(part, level + 1)),
    join,
  );
  return sets ?? (join === '∪' ? setOf(parts, level) : null);
}

/** `x = 1, y = 2` has an order, that of the names; `x = 1 or x = 2` has none. */
function assignments(parts: readonly string[], level: number): Answer | null {
  const named = parts.map((part) => /^\s*([a-zA-Z]\w*)\s*=\s*([^=<>]+)$/.exec(part));
  const names = named.map((match) => match?.[1] ?? '');
  if (names.includes('') || new Set(names).size < names.length || names.length > MAX_ITEMS) {
    return null;
  }
  // x_1 and x_2 are two solutions for one unknown.
  if (new Set(names.map((name) => name.replace(/_?\d+$/, ''))).size === 1) return null;
  const order = [...named].sort((a, b) => ((a?.[1] ?? '') < (b?.[1] ?? '') ? -1 : 1));
  const items = order.map((match) => readPlain(match?.[2] ?? '', level + 1));
  return { kind: 'tuple', open: '(', close: ')', items };
}

function setOf(parts: readonly string[], level: number): Answer | null {
  const full = parts.filter((part) => part.trim() !== '');
  if (full.length === 0 || full.length > MAX_ITEMS) return null;
  // ±1 among others is two members.
  const items = full.flatMap((part) => {
    const item = readPlain(part, level + 1);
    return item.kind === 'set' && /[±∓]/.test(part) ? item.items : [item];
  });
  return { kind: 'set', items };
}

const OPENING = '([⦃⟦';
const CLOSING = ')]⦄⟧';

function topLevel(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const char of text) {
    if (OPENING.includes(char)) depth++;
    if (CLOSING.includes(char)) depth--;
    if (char === separator && depth <= 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}

/** The first bracket closes with the last sign: (1,2), but not (1)+(2). Mixed ends are allowed. */
function closesAtEnd(text: string): boolean {
  let depth = 0;
  for (const [i, char] of [...text].entries()) {
    if (OPENING.includes(char)) depth++;
    if (CLOSING.includes(char) && --depth === 0) return i === [...text].length - 1;
  }
  return false;
}

function readExpression(text: string): Answer | null {
  const mixed = /^(-?)\s*(\d+)\s+(\d+)\s*\/\s*(\d+)$/.exec(text);
  const source =
    mixed === null ? asProducts(text) : `${mixed[1]}(${mixed[2]}+${mixed[3]}/${mixed[4]})`;
  const value = source === null ? null : evaluate(source);
  if (value === null) return null;
  const constant = value.unknowns.length === 0 || value.exact !== null;
  return constant
    ? { kind: 'number', value, unit: null, digits: null }
    : { kind: 'expression', value };
}

const NAMES = new Set<string>([
  ...FUNCTION_NAMES,
  ...'pi inf alpha beta gamma delta epsilon theta lambda mu nu phi rho sigma tau omega psi'.split(
    ' ',
  ),
]);

/** Runs of letters as products of unknowns: `xy` is x*y; null where a run is a word. */
function asProducts(text: string): string | null {
  let isWord = /[⟨⟩'|⌊⌋⌈⌉:;&%$]/.test(text);
  // 180° − x: degrees are the unit of all of it.
  const spaced = text.replace(/(?<=[\d)])\s*°/g, '').replace(/log10|[a-zA-Z]+(?:_\w+)?/g, (run) => {
    const lower = run.toLowerCase();
    if (NAMES.has(run)) return ` ${run} `;
    if (NAMES.has(lower) && lower.length > 2) return ` ${lower} `;
    if (/^ln$/.test(run)) return ' log ';
    if (run.includes('_') || run.length === 1) return ` ${run} `;
    if (
      run.length > 3 ||
      /^(?:no|or|an|as|at|am|pm|by|if|in|is|it|of|on|so|to|we|yes|dne|not|and|all|any|one|two|ten|six|odd|the|new)$/i.test(
        run,
      )
    ) {
      isWord = true;
    }
    return ` ${[...run].join('*')} `;
  });
  // An unknown before a parenthesis is a factor, not a function.
  return isWord
    ? null
    : spaced.replace(/(?<![a-zA-Z\d])([a-zA-Z])\s*\(/g, '$1*(').replace(/ +\(/g, '(');
}

const NOTHING = /^(?:there (?:is|are) )?no (?:real |possible )?(?:solutions?|roots?)(?: exists?)?$/;
const DOES_NOT_EXIST = /^(?:dne|(?:it |limit )?does not exist)$/;

function words(text: string): Answer {
  const plain = text
    .toLowerCase()
    .replace(/[⟨⟩]/g, ' ')
    .replace(/[.!?"“”]+$/g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?: ?/g, ':')
    .trim()
    .replace(/^(?:the|a|an) /, '')
    .replace(/\b([ap])\.\s?m\b\.?/g, '$1m')
    .replace(/^(\d+) to (\d+)$/, '$1:$2');
  if (NOTHING.test(plain)) return { kind: 'set', items: [] };
  return { kind: 'text', text: DOES_NOT_EXIST.test(plain) ? 'does not exist' : plain };
}
