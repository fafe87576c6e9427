/**
 * First stage of reading typed text: the many ways to write the same sign become one. Pure; it
 * never fails and its output is at most as long as its input times a small constant.
 */

export interface CleanText {
  /** Lower-case text with ASCII operators and digits, single spaces, no control characters. */
  readonly text: string;
  /** Invisible characters (controls, direction marks, zero-width) were taken out. */
  readonly hadInvisible: boolean;
}

/** Controls except tab and line breaks, soft hyphen, zero-width and direction marks, BOM. */
const INVISIBLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f\ufff9-\ufffb]/g;

/** Unicode spaces that people use to group thousands. */
const GROUPING_SPACE = '[\\u00a0\\u2009\\u202f]';
const GROUPED = new RegExp(
  `(?<![0-9])[0-9]{1,3}(?:${GROUPING_SPACE}[0-9]{3})+(?![0-9]|${GROUPING_SPACE}[0-9])`,
  'g',
);

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/[×∗∙·⋅•✕✖⨯＊]|\\times\b|\\cdot\b|\\ast\b/g, '*'],
  [/[÷⁄∕／➗]|\\div\b/g, '/'],
  [/[−–—‒―﹣➖]/g, '-'],
  [/[➕﹢]/g, '+'],
  [/[＝﹦]/g, '='],
  [/->|=>|→|⇒|⟶|⟹|➔|➜|\\to\b|\\rightarrow\b/g, '→'],
  [/\\left\b|\\right\b|\\[,;!()[\]]|\$/g, ' '],
  [/[‘’ʼ`´]/g, "'"],
  [/[“”„]/g, '"'],
  [/…/g, '...'],
  [/[，、]/g, ','],
  [/[□▢☐⬜]/g, '_'],
];

/** First code points of the decimal digit blocks that are read: Arabic, Persian, Devanagari. */
const DIGIT_BLOCKS = [0x0660, 0x06f0, 0x0966];

export function cleanText(raw: string): CleanText {
  // A soft hyphen only stands inside words; anything else invisible may separate two numbers.
  const visible = raw.replaceAll('\u00ad', '').replace(INVISIBLE, ' ');
  let text = visible.replace(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\uff01-\uff5e]/g, toAscii);
  text = text.replace(/[\u{1d7ce}-\u{1d7ff}]/gu, mathDigit);
  text = text.replace(GROUPED, (number) => number.replace(/\D/g, ''));
  for (const [pattern, sign] of SIGNS) text = text.replace(pattern, sign);
  text = text.toLowerCase().replace(/\s+/g, ' ').trim();
  return { text, hadInvisible: visible !== raw };
}

function toAscii(char: string): string {
  const code = char.charCodeAt(0);
  // Full-width forms stand exactly 0xfee0 above ASCII.
  if (code >= 0xff01) return String.fromCharCode(code - 0xfee0);
  const block = DIGIT_BLOCKS.find((first) => code >= first && code < first + 10) ?? code;
  return String(code - block);
}

/** Mathematical digits: five styles of 0–9 in a row. */
function mathDigit(char: string): string {
  return String(((char.codePointAt(0) ?? 0) - 0x1d7ce) % 10);
}
