/** Shared wording for typed text that is no problem of the shipped families. */
import type { OutsideProblem } from '../family.ts';

export const FORMS = 'make 24: 4 6 7 8, compute 3*(4+5) or solve 2*x+3=11';
export const LARGER = 'or choose a larger model on the Models page';

export function outside(
  code: string,
  message: string,
  rest: { understood?: string | null; missing: string; advice?: string },
): OutsideProblem {
  return {
    kind: 'outside',
    code,
    message,
    understood: rest.understood ?? null,
    missing: rest.missing,
    advice: rest.advice ?? `Write a problem like ${FORMS}, ${LARGER}.`,
  };
}

/** `4, 6, 7 and 8`. */
export function listOf(items: readonly (string | number)[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** At most five items, each cut to a readable length, in quotes. */
export function quoted(items: readonly string[]): string {
  const distinct = [...new Set(items)];
  const shown = distinct.slice(0, 5).map((item) => `“${[...item].slice(0, 20).join('')}”`);
  return distinct.length > 5 ? `${shown.join(', ')} …` : listOf(shown);
}

export function unknownWords(words: readonly string[], understood: string | null): OutsideProblem {
  const one = new Set(words).size === 1;
  return outside(
    'unknown-words',
    `The ${one ? 'word' : 'words'} ${quoted(words)} ${one ? 'is' : 'are'} not understood here.`,
    {
      understood,
      missing: 'The small models know numbers and operators; they cannot read a story.',
      advice: `Leave the ${one ? 'word' : 'words'} out, write a problem like ${FORMS}, ${LARGER}.`,
    },
  );
}

/** A number with at most 24 characters of its digits. */
export function shortNumber(digits: string): string {
  return digits.length > 24 ? `${digits.slice(0, 8)}… (${digits.length} digits)` : digits;
}
