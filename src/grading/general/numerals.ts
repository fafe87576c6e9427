/** Ways of writing a number that mathematics software does not know, as ones that it does. Pure. */

const VULGAR: Record<string, string> = {
  '½': '1/2',
  '¼': '1/4',
  '¾': '3/4',
  '⅓': '1/3',
  '⅔': '2/3',
};

/** All real numbers but some. */
const REALS_WITHOUT =
  /^\s*(?:\\mathbb\s*(?:\{R\}|R)|ℝ)\s*(?:\\setminus|\\backslash|\\|-)\s*\\?\{((?:[^{}\\]|\\[a-z]+(?![a-z])(?:\{[^{}]*\})*)+)\\?\}\s*$/;
const REALS_EXCEPT =
  /^\s*(?:\\text\s*\{)?\s*(?:all|any) real(?:s| numbers?)(?: [a-z])?,? except(?: for)?\s*\}?\s*(?:[a-z]\s*=\s*)?([^a-z]{1,40}(?:and[^a-z]{1,20})?)$/i;

const POWERS: Record<string, number> = {
  ...{ hundred: 2, thousand: 3, million: 6, billion: 9, trillion: 12 },
};

/** Longer ones are no answer that somebody wrote. */
const MAX_PERIOD = 18;

/** `raw` may be LaTeX; what is not recognised stays as it is. */
export function plainNumerals(raw: string): string {
  return (
    raw
      // {5 \\choose 2} and C(5,2)
      .replace(/\{\s*([^{}]{1,20}?)\s*\\choose\s*([^{}]{1,20}?)\s*\}/g, '\\binom{$1}{$2}')
      .replace(/^\s*C\(\s*(\d{1,4})\s*,\s*(\d{1,4})\s*\)\s*$/, '\\binom{$1}{$2}')
      // 1.5 x 10^3
      .replace(/(\d)\s*[xX]\s*10\s*\^/g, '$1*10^')
      // 10th
      .replace(/^\s*(\d+)\s*(?:st|nd|rd|th)\s*$/i, '$1')
      // 1'000
      .replace(/^\s*[+-]?\d{1,3}(?:['’]\d{3})+(?:\.\d+)?\s*$/, (all) => all.replace(/['’]/g, ''))
      // $5, as against mathematics between two of them
      .replace(/^\s*([+-]?)\s*\$(?=\s*[\d.][\d,.]*\s*(?:[a-z]+\s*)?$)/i, '$1\\$')
      // 1½, which must not become a product
      .replace(/(\d)\s*([½¼¾⅓⅔])/g, (_, whole: string, part: string) => `${whole} ${VULGAR[part]}`)
      // 0.1\overline{6}
      .replace(
        /(\d*)\.(\d*)\\(?:overline|bar|dot)\s*(?:\{(\d+)\}|(\d))/g,
        (all, whole: string, fixed: string, long?: string, short?: string) =>
          repeating(whole, fixed, long ?? short ?? '') ?? all,
      )
      // 0.1666…
      .replace(
        /(\d*)\.(\d*?)(\d)\3{2,}\s*(?:\.\.\.|…|\\l?dots|\\cdots)/g,
        (all, whole: string, fixed: string, digit: string) => repeating(whole, fixed, digit) ?? all,
      )
      // 1.5e3
      .replace(/^\s*([+-]?\d+(?:\.\d+)?)[eE]([+-]?\d{1,3})\s*$/, '$1*10^($2)')
      // 1 234 567, also with narrow spaces
      .replace(/^\s*[+-]?\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?:\.\d+)?\s*$/, (all) =>
        all.replace(/\s/g, ''),
      )
      .replace(REALS_WITHOUT, '(-\\infty,\\infty)\\setminus\\{$1\\}')
      .replace(
        REALS_EXCEPT,
        (_, list: string) =>
          `(-\\infty,\\infty)\\setminus\\{${list.replace(/\s*,?\s*and/i, ',')}\\}`,
      )
      // 1.5 million
      .replace(
        /^(\s*[+-]?\\?[$€£¥]?\s*\d[\d,]*(?:\.\d+)?)\s*\\?\s*(hundred|thousand|million|billion|trillion)\b/i,
        (_, number: string, name: string) => `${number}*10^(${POWERS[name.toLowerCase()]})`,
      )
      // 5 €
      .replace(/^\s*([+-]?)(\d[\d,.]*)\s*([€£¥])\s*$/, '$1$3$2')
      .replace(/^\s*(?:USD?\s*\\?\$|USD)\s*(?=\d)/, '\\$$')
      // +/- and, in front, +-
      .replace(/\+\s*\/\s*-|\bplus or minus\b/gi, '±')
      .replace(/(^|[=,]\s*)\+-/g, '$1±')
      .replace(/\\mathbb\s*(?:\{R\}|R)|ℝ/g, '(-\\infty,\\infty)')
      .replace(
        /^\s*(?:\\text\s*\{)?\s*(?:all|any) real(?:s| numbers?)\s*\}?\s*$/i,
        '(-\\infty,\\infty)',
      )
  );
}

/** The fraction that a repeating decimal is; null where it is too long. */
function repeating(whole: string, fixed: string, period: string): string | null {
  if (period === '' || fixed.length + period.length > MAX_PERIOD) return null;
  const all = BigInt(`${whole}${fixed}${period}`);
  const before = BigInt(`0${whole}${fixed}`);
  const denominator = 10n ** BigInt(fixed.length) * (10n ** BigInt(period.length) - 1n);
  return `((${all - before})/(${denominator}))`;
}
