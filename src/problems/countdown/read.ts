/**
 * Reads a countdown problem out of ordinary wording: which number is the target, which are the
 * numbers. Where the wording leaves that open it asks instead of guessing.
 */
import type { OutsideProblem, Understanding } from '../family.ts';
import { LARGER, listOf, outside, shortNumber, unknownWords } from '../text/outside.ts';
import { isSign, tokenize, type Token } from '../text/tokens.ts';
import { isFiller } from '../text/vocabulary.ts';
import { judgeRange } from './range.ts';
import { FEWEST, MOST, type Countdown } from './rules.ts';

const TARGET_WORDS = new Set(
  `make making makes reach reaching get getting obtain form build produce hit target goal equal
  equals equalling into total totals result yield yields gives give arrive become becomes`
    .split(/\s+/)
    .filter((word) => word !== ''),
);
const LIST_WORDS = new Set(
  `from use using used with numbers cards tiles digits take taking start starting`.split(' '),
);
/** Words that name the game: enough to take the text for a countdown problem. */
const GAME_WORDS = new Set(['countdown', 'game', 'points', 'target', 'reach', 'make']);
const COUNTS = new Set(['three', 'four', 'five', 'six']);
/** May stand between a target word and the target. */
const LINKS = new Set(['is', 'of', 'the', 'a', 'number', 'exactly', 'to', 'value', 'up', 'at']);
const SEPARATORS = new Set([',', ';', ':', '.', '?', '!', '(', ')', '[', ']', '{', '}', '"', "'"]);

export function readCountdown(text: string): Understanding | null {
  const tokens = withoutOperatorList(tokenize(text));
  const words = tokens.filter(({ kind }) => kind === 'word').map((token) => token.text);
  const numbers = tokens.filter(({ kind }) => kind === 'number');
  const named = words.some((word) => GAME_WORDS.has(word));
  const hinted = named || words.some((word) => TARGET_WORDS.has(word) || LIST_WORDS.has(word));
  const operators = operatorTrouble(tokens);
  if (operators !== null) return named && numbers.length > 2 ? operators : null;
  if (tokens.some(isStray)) return null;

  const targets = findTargets(tokens);
  const brackets = tokens.filter(({ text: sign }) => /^[([{]$/.test(sign)).length;
  const isList = words.length === 0 && numbers.length >= FEWEST && brackets < 2;
  if (targets.length === 0 && !named && !isList && !(hinted && numbers.length >= FEWEST))
    return null;
  if (targets.length > 0 && !hinted && numbers.length < FEWEST) return null;
  const unknown = words.filter((word) => !isKnown(word));
  if (unknown.length > 0) {
    // Without an explicit sign of the game the words may well belong to another kind of problem.
    return named || numbers.length > FEWEST ? unknownWords(unknown, describe(numbers)) : null;
  }
  return assemble(tokens, targets);
}

function isKnown(word: string): boolean {
  const sets = [TARGET_WORDS, LIST_WORDS, GAME_WORDS, COUNTS, LINKS];
  return isFiller(word) || sets.some((set) => set.has(word));
}

function isStray(token: Token): boolean {
  const { kind, text } = token;
  return kind === 'sign' && !SEPARATORS.has(text) && text !== '=' && text !== '→' && text !== '-';
}

/** Drops a mention of the operators themselves, as in "using only + - * /". */
function withoutOperatorList(tokens: readonly Token[]): Token[] {
  const isOperator = ({ kind, text }: Token) => kind === 'sign' && /^[-+*/]$/.test(text);
  const out: Token[] = [];
  for (let i = 0; i < tokens.length;) {
    let end = i;
    const seen = new Set<string>();
    while (
      end < tokens.length &&
      (isOperator(tokens[end]) || [',', 'and', 'or', '(', ')'].includes(tokens[end].text))
    ) {
      if (isOperator(tokens[end])) seen.add(tokens[end].text);
      end++;
    }
    if (seen.size >= 2 && end > i) i = end;
    else out.push(tokens[i++]);
  }
  return out;
}

/** Operators among the numbers: an expression, or numbers with a sign. */
function operatorTrouble(tokens: readonly Token[]): OutsideProblem | null {
  for (const [i, { kind, text }] of tokens.entries()) {
    if (kind !== 'sign' || !/^(\*\*|[-+*/])$/.test(text)) continue;
    const before = tokens[i - 1];
    const after = tokens[i + 1];
    // "24-game" and "make 24 - 4 6 7 8": a dash between words or set apart by spaces.
    const dash = text === '-' && (after?.kind !== 'number' || (tokens[i].spaced && after.spaced));
    if (dash && i > 0 && tokens.filter((token) => isSign(token, '-')).length === 1) continue;
    if (text === '-' && after?.kind === 'number' && before?.kind !== 'number') {
      return outside('negative', 'Countdown numbers cannot be negative.', {
        understood: 'This looks like a countdown problem.',
        missing: 'All numbers are whole numbers from 1 up.',
        advice: `Leave the minus sign out, as in make 24: 4 6 7 8, ${LARGER}.`,
      });
    }
    return outside('operators-in-list', 'Countdown takes a list of numbers, not an expression.', {
      understood: 'This looks like a countdown problem with operators among its numbers.',
      missing: 'It is for the models to find the operators.',
      advice: 'Write only the numbers, as in make 24: 4 6 7 8; to evaluate, write compute 3*(4+5).',
    });
  }
  return null;
}

/** Indexes of the tokens that the wording marks as the target. */
function findTargets(tokens: readonly Token[]): number[] {
  const games = tokens.flatMap((_, i) => gameTarget(tokens, i));
  const marked = tokens.flatMap((token, i) => {
    if (token.kind !== 'word' || !(TARGET_WORDS.has(token.text) || token.text === 'to')) return [];
    let at = i + 1;
    while (
      at < tokens.length &&
      (LINKS.has(tokens[at].text) || isSign(tokens[at], ':') || isSign(tokens[at], '='))
    ) {
      at++;
    }
    return tokens[at]?.kind === 'number' ? [at] : [];
  });
  const found = [...new Set([...games, ...marked])];
  return found.length > 0 ? found : positional(tokens);
}

/** "24 game", "game of 24", "24-game", "24 points". */
function gameTarget(tokens: readonly Token[], i: number): number[] {
  if (!['game', 'points', 'puzzle'].includes(tokens[i].text)) return [];
  const before = isSign(tokens[i - 1], '-') ? i - 2 : i - 1;
  if (tokens[before]?.kind === 'number' && before === 0) return [before];
  const after = tokens[i + 1]?.text === 'of' ? i + 2 : -1;
  return tokens[after]?.kind === 'number' ? [after] : [];
}

/** `24: 4 6 7 8`, `24 from …`, `4 6 7 8 -> 24`, `4 6 7 8 = 24`, by what stands on either side. */
function positional(tokens: readonly Token[]): number[] {
  for (const [i, token] of tokens.entries()) {
    const divides = [':', '=', '→', '-'].some((sign) => isSign(token, sign));
    const introduces = token.kind === 'word' && LIST_WORDS.has(token.text);
    if (!divides && !introduces) continue;
    const before = numbersIn(tokens, 0, i);
    const after = numbersIn(tokens, i + 1, tokens.length);
    if (before.length === 1 && after.length >= 2) return before;
    if (divides && after.length === 1 && before.length >= 2) return after;
  }
  return [];
}

function numbersIn(tokens: readonly Token[], from: number, to: number): number[] {
  const out: number[] = [];
  for (let i = from; i < to; i++) if (tokens[i].kind === 'number') out.push(i);
  return out;
}

function assemble(tokens: readonly Token[], marked: readonly number[]): Understanding {
  const values = new Set(marked.map((i) => tokens[i].text));
  const numbers = tokens.filter(({ kind }) => kind === 'number');
  if (values.size > 1) return severalTargets(numbers, [...values]);
  const target = marked[marked.length - 1];
  if (target === undefined) return noTarget(numbers);
  const grouped = thousands(tokens, target);
  const list = tokens.filter(
    ({ kind }, i) => kind === 'number' && !marked.includes(i) && i !== grouped?.skip,
  );
  const problem: Countdown = {
    target: grouped?.value ?? tokens[target].value,
    numbers: list.map(({ value }) => value),
  };
  const shownTarget = shortNumber(tokens[target].text);
  if (list.length < FEWEST || list.length > MOST) return wrongCount(shownTarget, list);
  const next = tokens[target + 1];
  const assumed =
    next?.kind === 'number' || (isSign(next, ',') && target < 2 && isCommaList(tokens));
  return judgeRange(problem, assumed);
}

/** "make 24, 4, 6, 7, 8": nothing but the place tells the target from the list. */
function isCommaList(tokens: readonly Token[]): boolean {
  return tokens.filter((token) => isSign(token, ',')).length > 1;
}

/** A target written as 1,234. */
function thousands(tokens: readonly Token[], at: number): { value: number; skip: number } | null {
  const [mark, group, next] = tokens.slice(at + 1, at + 4);
  if (!isSign(mark, ',') || mark.spaced || group?.kind !== 'number' || group.spaced) return null;
  if (group.raw.length !== 3 || (isSign(next, ',') && !next.spaced)) return null;
  return { value: Number(tokens[at].text + group.raw), skip: at + 2 };
}

function describe(numbers: readonly Token[]): string | null {
  if (numbers.length === 0) return null;
  const shown = numbers.slice(0, 8).map(({ text }) => shortNumber(text));
  return `The numbers ${listOf(shown)}${numbers.length > 8 ? ' …' : ''}.`;
}

function noTarget(numbers: readonly Token[]): OutsideProblem {
  if (numbers.length === 0) {
    return outside('numbers-missing', 'There are no numbers in this problem.', {
      understood: 'This looks like a countdown problem.',
      missing: 'The target and three to six numbers are missing.',
      advice: 'Write the target and the numbers, as in make 24: 4 6 7 8.',
    });
  }
  const [first, ...rest] = numbers.slice(0, MOST + 1).map(({ text }) => shortNumber(text));
  return outside('target-missing', 'It is not clear which number is to be reached.', {
    understood: describe(numbers),
    missing: 'The target is missing, or is not set apart from the numbers.',
    advice:
      rest.length > FEWEST
        ? `If ${first} is the target, write make ${first}: ${rest.join(' ')}.`
        : `Write the target first and a colon after it, as in make 24: ${[first, ...rest].join(' ')}.`,
  });
}

function severalTargets(numbers: readonly Token[], targets: readonly string[]): OutsideProblem {
  const shown = targets.slice(0, 4).map(shortNumber);
  return outside('several-targets', `More than one target is named: ${listOf(shown)}.`, {
    understood: describe(numbers),
    missing: 'One problem has one target.',
    advice: 'Ask for one target at a time, as in make 24: 4 6 7 8.',
  });
}

function wrongCount(target: string, list: readonly Token[]): OutsideProblem {
  const values = list.map(({ text }) => shortNumber(text));
  const understood = `The target ${target}${values.length > 0 ? ` and ${values.length === 1 ? 'the number' : 'the numbers'} ${listOf(values.slice(0, 12))}${values.length > 12 ? ' …' : ''}` : ''}.`;
  if (list.length === 0) {
    return outside('numbers-missing', `There are no numbers to reach ${target} with.`, {
      understood,
      missing: `${FEWEST} to ${MOST} numbers are missing after the target.`,
      advice: `Write the numbers after a colon, as in make 24: 4 6 7 8.`,
    });
  }
  const few = list.length < FEWEST;
  return outside(
    'number-count',
    few
      ? `${list.length === 1 ? 'One number is' : 'Two numbers are'} too few.`
      : `${list.length} numbers are too many.`,
    {
      understood,
      missing: `The small models play with ${FEWEST} to ${MOST} numbers.`,
      advice: few
        ? `Add numbers until there are at least ${FEWEST}, as in make 24: 4 6 7 8.`
        : `Try the first ${MOST}: make ${target}: ${values.slice(0, MOST).join(' ')}, ${LARGER}.`,
    },
  );
}
