/**
 * Words that stand where an answer should: small models copy them out of their instruction. They are
 * no answer, whoever asks: neither the end of a solution nor a vote.
 */

const WORDS =
  /^(?:(?:the|your|my|final|correct|numerical?|numeric|actual|insert|put|write|given|some|an?)\s+)*(?:answer|result|solution|number|value|expression|response)(?:\s+(?:here|goes here|in a box|asked for))?$/;
/** Dots, blanks and question marks in place of something. */
const BLANK = /^(?:[\s.…?_·*#-]|\\(?:[lcdv]?dots|ldotp|square|Box|_|,|;|quad|qquad)\b)*$/;

/** `text`: what stands in the box, or behind "the answer is". */
export function isPlaceholder(text: string): boolean {
  const bare = text
    .replace(/\\(?:text|textbf|textit|mathrm|mathbf|boxed|fbox)\s*(?=\{)/g, '')
    .replace(/[{}$[\]<>()"'“”‘’*`:]/g, ' ')
    .replace(/\\[ ,;!]|~/g, ' ')
    .replace(/[.!?]+\s*$/, '')
    .replace(/[_\s]+/g, ' ')
    .trim()
    .toLowerCase();
  // What is only brackets may be an empty set or nothing at all; `\{\}` is an answer.
  if (bare === '') return BLANK.test(text.replace(/[{}$[\]<>()\s]/g, '')) && !/\\[{}]/.test(text);
  return WORDS.test(bare) || BLANK.test(bare);
}
