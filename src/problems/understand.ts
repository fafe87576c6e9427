/**
 * Typed text to a problem of the shipped families, or to a plain word on why not. Total: never
 * throws, takes bounded time, and never guesses silently (product.md, models.md).
 */
import { MAX_PROBLEM_LENGTH } from '../shared/run-config.ts';
import { FAMILIES } from './families.ts';
import type { OutsideProblem, Understanding, Warning } from './family.ts';
import { cleanText } from './text/clean.ts';
import { FORMS, LARGER, listOf, outside, quoted, shortNumber } from './text/outside.ts';
import { tokenize } from './text/tokens.ts';

export function understand(raw: string): Understanding {
  if (raw.length > MAX_PROBLEM_LENGTH) return tooLong(raw.length);
  const { text, hadInvisible } = cleanText(raw);
  if (text === '') return empty();
  const refused = refuseSigns(text);
  if (refused !== null) return refused;
  for (const family of FAMILIES) {
    const reading = family.read(text);
    if (reading !== null) return withInvisible(reading, hadInvisible);
  }
  return notUnderstood(text);
}

function withInvisible(reading: Understanding, hadInvisible: boolean): Understanding {
  if (reading.kind !== 'problem' || !hadInvisible) return reading;
  const warning: Warning = {
    code: 'invisible-characters',
    text: 'Invisible characters in the text were ignored.',
  };
  return { ...reading, warnings: [...reading.warnings, warning] };
}

function tooLong(length: number): OutsideProblem {
  return outside('too-long', `The text has ${length} characters.`, {
    missing: `At most ${MAX_PROBLEM_LENGTH} characters can be read.`,
    advice: `Shorten it to the problem itself, like ${FORMS}.`,
  });
}

function empty(): OutsideProblem {
  return outside('empty', 'There is no problem yet.', {
    missing: 'Nothing was typed.',
    advice: `Type a problem like ${FORMS}.`,
  });
}

interface SignRule {
  readonly pattern: RegExp;
  readonly code: string;
  readonly message: string;
  readonly missing: string;
  readonly advice: string;
}

const SIGN_RULES: readonly SignRule[] = [
  {
    pattern: /[²³¹⁰-⁹ⁿ^]|\*\*/u,
    code: 'power',
    message: 'Powers are not among the operations.',
    missing: 'The small models know + − × ÷ and parentheses; their equations are linear.',
    advice: `Write a power as a product, as in compute 7*7, ${LARGER}.`,
  },
  {
    pattern: /[¼-¾⅐-⅞]/u,
    code: 'fraction',
    message: 'Fractions are not possible here.',
    missing: 'All numbers are whole.',
    advice: `Write a division that comes out exactly, as in compute 12/4+3, ${LARGER}.`,
  },
  {
    pattern: /\d\.\d|(?:^|[^\d.])\.\d/u,
    code: 'decimal',
    message: 'Decimal numbers are not possible here.',
    missing: 'All numbers are whole.',
    advice: `Use whole numbers, as in compute 3*(4+5), ${LARGER}.`,
  },
  {
    pattern: /\d ?%/u,
    code: 'percent',
    message: 'Percentages are not possible here.',
    missing: 'The small models know + − × ÷ and parentheses over whole numbers.',
    advice: `Write it with whole numbers, as in compute 80*15/100, ${LARGER}.`,
  },
  {
    pattern: /[√∛∫∑∏π∞]|\\(?:frac|sqrt|pi|sum|int)/u,
    code: 'unknown-symbols',
    message: 'Roots, sums, integrals and constants are not possible here.',
    missing: 'The small models know + − × ÷ and parentheses over whole numbers.',
    advice: `Write a problem like ${FORMS}, ${LARGER}.`,
  },
  {
    pattern: /(?:[\da-z)] ?(?:[<>]=?|[≤≥≠]) ?[-\da-z(])/u,
    code: 'inequality',
    message: 'Inequalities are not possible here.',
    missing: 'The small models solve equations with an equals sign.',
    advice: `Write an equation, as in solve 2*x+3=11, ${LARGER}.`,
  },
];

/** Letters, digits and the signs that some family knows. */
const KNOWN = /[\p{L}\p{M}\d\s\-+*/=()[\]{},.;:?!'"→_\\%^]/u;

function refuseSigns(text: string): OutsideProblem | null {
  // Markup would otherwise be taken for comparisons.
  const markup = /<\/?[a-z!]/u.test(text);
  const rule = SIGN_RULES.find(({ pattern, code }) => {
    return !(markup && code === 'inequality') && pattern.test(text);
  });
  if (rule !== undefined) return outside(rule.code, rule.message, rule);
  const unknown = [...text].filter((char) => !KNOWN.test(char));
  if (unknown.length === 0) return null;
  const one = new Set(unknown).size === 1;
  return outside(
    'unknown-symbols',
    `The ${one ? 'sign' : 'signs'} ${quoted(unknown)} ${one ? 'is' : 'are'} not understood.`,
    {
      understood: numbersSeen(text),
      missing: 'The small models know whole numbers, + − × ÷, parentheses and one unknown.',
      advice: `Leave the ${one ? 'sign' : 'signs'} out, or write a problem like ${FORMS}.`,
    },
  );
}

function notUnderstood(text: string): OutsideProblem {
  return outside('not-understood', 'This is not a problem the small models know.', {
    understood: numbersSeen(text),
    missing: 'They do countdown, arithmetic and linear equations.',
  });
}

function numbersSeen(text: string): string | null {
  const numbers = tokenize(text).filter(({ kind }) => kind === 'number');
  if (numbers.length === 0) return null;
  const shown = numbers.slice(0, 6).map((token) => shortNumber(token.text));
  const what = numbers.length === 1 ? 'The number' : 'The numbers';
  return `${what} ${listOf(shown)}${numbers.length > 6 ? ' …' : ''}.`;
}
