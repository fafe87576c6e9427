/** Units and nouns that stand behind a number, and how many of one make another. */
import { multiply, rational, type Rational } from '../../problems/rational.ts';

const SYNONYMS: readonly (readonly [string, string])[] = [
  ['cm', 'centimeter centimetre centimeters centimetres cms'],
  ['mm', 'millimeter millimetre millimeters millimetres'],
  ['m', 'meter metre meters metres'],
  ['km', 'kilometer kilometre kilometers kilometres kms'],
  ['in', 'inch inches'],
  ['ft', 'foot feet'],
  ['yd', 'yard yards'],
  ['mi', 'mile miles'],
  ['g', 'gram grams'],
  ['kg', 'kilogram kilograms kgs'],
  ['lb', 'lbs pound pounds'],
  ['oz', 'ounce ounces'],
  ['l', 'liter litre liters litres'],
  ['ml', 'milliliter millilitre milliliters millilitres'],
  ['s', 'sec secs second seconds'],
  ['min', 'mins minute minutes'],
  ['h', 'hr hrs hour hours'],
  ['day', 'days'],
  ['week', 'weeks'],
  ['month', 'months'],
  ['year', 'yr yrs years'],
  ['mi/h', 'mph'],
  ['km/h', 'kph kmh'],
  ['dollar', 'dollars usd $'],
  ['euro', 'euros eur'],
  ['cent', 'cents'],
  ['yen', 'jpy'],
  ['°', 'deg degree degrees'],
  ['rad', 'radian radians'],
  ['%', 'percent'],
  ['unit', 'units'],
];

const CANONICAL = new Map(
  SYNONYMS.flatMap(([unit, others]) =>
    [unit, ...others.split(' ').filter((word) => word !== '')].map((word) => [word, unit] as const),
  ),
);

/** Nouns as they come from a sentence; null for what cannot be a unit, '' for none. */
export function canonicalUnit(text: string): string | null {
  const words = text
    .toLowerCase()
    .replace(/[⟨⟩()]/g, ' ')
    .replace(/\bper\b/g, '/')
    .replace(/\bsq\b\.?/g, 'square')
    .replace(/\s*\/\s*/g, '/')
    .replace(/\bcubic (\S+)/g, '$1^3')
    .replace(/\bsquare (\S+)/g, '$1^2')
    .trim();
  if (words === '') return '';
  if (!/^[a-z°%$](?:[a-z°%$\s/.]|\^\d)*$/.test(words) || words.length > 40) return null;
  if (/\b(?:and|or)\b/.test(words)) return null;
  return words
    .split(/(?<=\/)|(?=\/)|(?=\^)|\s+/)
    .map((part) => CANONICAL.get(part.replace(/\.$/, '')) ?? part.replace(/\.$/, ''))
    .join('')
    .replace(/^unit(\^\d)?$/, '');
}

/** In metres, kilograms, seconds, months, dollars: exact, and by what power of which. */
const SCALES: Record<string, readonly [num: number, den: number, ...of: string[]]> = {
  mm: [1, 1000, 'm'],
  cm: [1, 100, 'm'],
  m: [1, 1, 'm'],
  km: [1000, 1, 'm'],
  in: [254, 10000, 'm'],
  ft: [3048, 10000, 'm'],
  yd: [9144, 10000, 'm'],
  mi: [1609344, 1000, 'm'],
  g: [1, 1000, 'kg'],
  kg: [1, 1, 'kg'],
  lb: [45359237, 100000000, 'kg'],
  oz: [45359237, 1600000000, 'kg'],
  l: [1, 1000, 'm', 'm', 'm'],
  ml: [1, 1000000, 'm', 'm', 'm'],
  s: [1, 1, 's'],
  min: [60, 1, 's'],
  h: [3600, 1, 's'],
  day: [86400, 1, 's'],
  week: [604800, 1, 's'],
  month: [1, 1, 'month'],
  year: [12, 1, 'month'],
  dollar: [1, 1, 'dollar'],
  cent: [1, 100, 'dollar'],
};
const MAX_POWER = 4;

/** How many base units one of `unit` is, and of what; null where that is not known. */
function scaleOf(unit: string): { scale: Rational; of: string } | null {
  let scale = rational(1);
  const powers = new Map<string, number>();
  for (const [at, part] of unit.split('/').entries()) {
    const [name, power = '1'] = part.split('^');
    const known = Object.hasOwn(SCALES, name) ? SCALES[name] : null;
    if (known === null || Number(power) > MAX_POWER) return null;
    const [num, den, ...of] = known;
    for (let i = 0; i < Number(power); i++) {
      scale = multiply(scale, at === 0 ? rational(num, den) : rational(den, num));
      for (const base of of) powers.set(base, (powers.get(base) ?? 0) + (at === 0 ? 1 : -1));
    }
  }
  return { scale, of: JSON.stringify([...powers].sort()) };
}

/** `from` in units of `to`, such as 100 for metres in centimetres; null where they measure different
 * things. Policy: equal quantities agree in any unit, where both say their unit. */
export function conversion(from: string, to: string): Rational | null {
  const [a, b] = [scaleOf(from), scaleOf(to)];
  if (a === null || b === null || a.of !== b.of) return null;
  return multiply(a.scale, rational(b.scale.den, b.scale.num));
}

/** A unit that measures, as against a noun that only says what was counted ("apples", "ways"). */
export function isMeasure(text: string): boolean {
  const unit = canonicalUnit(text);
  if (unit === null) return false;
  return unit
    .split('/')
    .every((part) => CANONICAL.has(part.replace(/\^\d$/, '')) || part === '' || part === 'unit');
}
