/**
 * Whether a text says what its answer is. This decides only where a solution ends; what the answer
 * is and whether it is right is `grading`'s business.
 */

import { isPlaceholder } from '../../shared/placeholder-answer.ts';

/** A `\boxed{…}` with balanced braces and an answer in it: "answer" or dots are none. */
export function statesBoxedAnswer(text: string): boolean {
  for (const match of text.matchAll(/\\(?:boxed|fbox)\s*\{/g)) {
    let depth = 1;
    let at = match.index + match[0].length;
    const start = at;
    while (at < text.length && depth > 0) {
      if (text[at] === '\\') at++;
      else if (text[at] === '{') depth++;
      else if (text[at] === '}') depth--;
      at++;
    }
    if (depth === 0 && !isPlaceholder(text.slice(start, at - 1))) return true;
  }
  return false;
}

/** Boxed, or "the (final) answer is …" followed by something other than the end or a placeholder. */
export function statesAnswer(text: string): boolean {
  if (statesBoxedAnswer(text)) return true;
  const stated = [...text.matchAll(/\banswer\s*(?:is|:|=)\s*:?\s*(\S[^\n]*)/gi)];
  return stated.some(([, said]) => !isPlaceholder(said));
}
