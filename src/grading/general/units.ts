/** Units and nouns that stand behind a number. */

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
  ['mph', ''],
  ['dollar', 'dollars usd $'],
  ['euro', 'euros eur'],
  ['cent', 'cents'],
  ['°', 'deg degree degrees'],
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

/** A unit that measures, as against a noun that only says what was counted ("apples", "ways"). */
export function isMeasure(text: string): boolean {
  const unit = canonicalUnit(text);
  if (unit === null) return false;
  return unit
    .split('/')
    .every((part) => CANONICAL.has(part.replace(/\^\d$/, '')) || part === '' || part === 'unit');
}
