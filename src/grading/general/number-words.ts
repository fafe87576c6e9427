/**
 * Numbers in English words, such as "twenty-one", "one half" and "two and a quarter". Only what can be
 * nothing else: "one of them", "two or three" and ordinals are not numbers. Pure.
 */
import { add, rational, subtract, type Rational } from '../../problems/rational.ts';
import type { Answer } from './answer.ts';
import { canonicalUnit } from './units.ts';

const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const LARGE: Record<string, number> = { thousand: 1e3, million: 1e6, billion: 1e9 };
const PARTS: Record<string, number> = {
  ...{ half: 2, halves: 2, quarter: 4, quarters: 4, fourth: 4, fourths: 4, third: 3, thirds: 3 },
  ...{ fifth: 5, fifths: 5, sixth: 6, sixths: 6, seventh: 7, sevenths: 7, eighth: 8, eighths: 8 },
  ...{ ninth: 9, ninths: 9, tenth: 10, tenths: 10 },
};
/** Behind a number they change what it says. */
const NO_NOUN =
  /^(?:or|and|of|to|by|not|more|less|least|most|than|times|plus|minus|point|per|out|in|over|first|second)$/;
const MAX_WORDS = 14;

/** Number and unit; null where the text is no number in words. */
export function numberOfWords(text: string): Answer | null {
  const words = text.toLowerCase().replace(/-/g, ' ').trim().split(/\s+/);
  if (words.length > MAX_WORDS || !words.every((word) => /^[a-z]+$/.test(word))) return null;
  const reader = new Reader(words);
  const value = reader.signed();
  const rest = reader.rest();
  if (value === null || rest.length > 3 || rest.some((word) => !isNoun(word))) return null;
  const unit = canonicalUnit(rest.join(' '));
  if (unit === null) return null;
  const samples = [Number(value.num) / Number(value.den)];
  const read = { exact: value, samples, unknowns: [] };
  return { kind: 'number', value: read, unit: unit === '' ? null : unit, digits: null };
}

function isNoun(word: string): boolean {
  return !NO_NOUN.test(word) && !isNumeral(word);
}

function isNumeral(word: string): boolean {
  return (
    SMALL.includes(word) ||
    TENS.includes(word) ||
    Object.hasOwn(LARGE, word) ||
    Object.hasOwn(PARTS, word) ||
    /^(?:hundreds?|dozens?|thousands|millions)$/.test(word)
  );
}

class Reader {
  private at = 0;

  constructor(private readonly words: readonly string[]) {}

  rest(): readonly string[] {
    return this.words.slice(this.at);
  }

  signed(): Rational | null {
    const negative = this.take((word) => word === 'negative' || word === 'minus');
    const value = this.fraction() ?? this.mixed();
    return value === null || !negative ? value : subtract(rational(0), value);
  }

  private take(fits: (word: string) => boolean): boolean {
    const found = this.at < this.words.length && fits(this.words[this.at]);
    if (found) this.at++;
    return found;
  }

  /** "a half", "half", "three quarters". */
  private fraction(): Rational | null {
    const start = this.at;
    const article = this.take((word) => word === 'a' || word === 'an');
    const count = article ? 1 : (this.whole() ?? 1);
    const part = Object.hasOwn(PARTS, this.words[this.at] ?? '')
      ? PARTS[this.words[this.at]]
      : null;
    // Without a number only "half" is one: "third" is an ordinal.
    const bare = this.at === start && part !== 2;
    if (part === null || bare) {
      this.at = start;
      return null;
    }
    this.at++;
    return rational(count, part);
  }

  /** A whole number, and "and a half" behind it. */
  private mixed(): Rational | null {
    const start = this.at;
    this.take((word) => word === 'a');
    if (
      this.at > start &&
      !/^(?:dozen|hundred|thousand|million|billion)$/.test(this.words[this.at] ?? '')
    ) {
      this.at = start;
      return null;
    }
    const whole = this.whole();
    if (whole === null) return null;
    const before = this.at;
    if (this.take((word) => word === 'and')) {
      const part = this.fraction();
      if (part !== null) return add(rational(whole), part);
      this.at = before;
    }
    return rational(whole);
  }

  /** Below 10^12; null where there is none. */
  private whole(): number | null {
    let total = 0;
    let scale = Infinity;
    let found = false;
    for (;;) {
      const group = this.group();
      const name = this.words[this.at] ?? '';
      const factor = Object.hasOwn(LARGE, name) ? LARGE[name] : null;
      if (factor !== null && (group !== null || !found) && factor < scale) {
        this.at++;
        total += (group ?? 1) * factor;
        scale = factor;
        found = true;
        this.linkingAnd();
        continue;
      }
      if (group !== null) return total + group;
      return found ? total : null;
    }
  }

  /** "and" between hundreds or thousands and what follows them. */
  private linkingAnd(): void {
    const next = this.words[this.at + 1] ?? '';
    const links = this.words[this.at] === 'and' && (SMALL.indexOf(next) > 0 || TENS.includes(next));
    const part = this.words[this.at + 2] ?? '';
    if (links && !Object.hasOwn(PARTS, part)) this.at++;
  }

  /** Below 1000, or dozens. */
  private group(): number | null {
    const first = this.belowHundred();
    if (this.take((word) => word === 'dozen')) return (first ?? 1) * 12;
    if (!this.take((word) => word === 'hundred')) return first;
    this.linkingAnd();
    return (first ?? 1) * 100 + (this.belowHundred() ?? 0);
  }

  private belowHundred(): number | null {
    const tens = TENS.indexOf(this.words[this.at] ?? '');
    if (tens >= 0) {
      this.at++;
      const digit = SMALL.indexOf(this.words[this.at] ?? '');
      if (digit < 1 || digit > 9) return 20 + 10 * tens;
      this.at++;
      return 20 + 10 * tens + digit;
    }
    const small = SMALL.indexOf(this.words[this.at] ?? '');
    if (small < 0) return null;
    this.at++;
    return small;
  }
}
