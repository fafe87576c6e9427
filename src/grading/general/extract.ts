/** Finds the final answer in a solution written by a language model. Says nothing of its truth. */

import { isPlaceholder } from '../../shared/placeholder-answer.ts';

/** Longest answer that is looked at, in characters. */
export const MAX_ANSWER = 600;

const BOXED = /\\(?:boxed|fbox)\s*/g;
const PHRASES =
  /(?:####|\b(?:final\s+answer|answer|the\s+(?:result|solution|value)(?:\s+of\s+[^.\n=:]{1,40})?)\b\s*(?:\*\*|__)?\s*(?:is|are|equals|=|:|would\s+be|must\s+be|therefore))\s*(?:\*\*|__)?\s*:?\s*/gi;

/**
 * The last complete `\boxed{…}`, else what follows the last "answer is", "Answer:" or `####`; null
 * when there is neither: such a solution is not finished or does not say what it found. Words that
 * stand for an answer (`\boxed{answer}`, dots) are passed over.
 */
export function extractAnswer(solution: string): string | null {
  return lastBoxed(solution) ?? lastStated(solution);
}

function lastBoxed(text: string): string | null {
  let found: string | null = null;
  for (const match of text.matchAll(BOXED)) {
    const at = match.index + match[0].length;
    const inner =
      text[at] === '{'
        ? bracedAt(text.slice(at, at + MAX_ANSWER + 2), 0)
        : (/^[^\s$.,{}\\]+/.exec(text.slice(at, at + 40))?.[0] ?? null);
    if (inner !== null && inner.length <= MAX_ANSWER && !isPlaceholder(inner)) found = inner.trim();
  }
  return found;
}

/** The text between the brace at `at` and its partner; null when it is never closed. */
export function bracedAt(text: string, at: number): string | null {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    // A backslash escapes the next sign: \{ and \} are set braces.
    if (text[i] === '\\') i++;
    else if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return text.slice(at + 1, i);
  }
  return null;
}

function lastStated(text: string): string | null {
  let found: string | null = null;
  for (const match of text.matchAll(PHRASES)) {
    const start = match.index + match[0].length;
    const stated = sentence(text.slice(start, start + MAX_ANSWER));
    if (stated !== '' && !isPlaceholder(stated)) found = stated;
  }
  return found;
}

/** Up to the end of the line or sentence; a point inside a number ends nothing. */
function sentence(text: string): string {
  const line = text.split('\n', 1)[0];
  const end =
    /[.!?](?=\s|$|\*|\$)|(?:,|;)\s+(?:so|since|because|which|where|as|and\s+(?:so|we|thus))\b/i.exec(
      line,
    );
  const cut =
    end === null ? line : line.slice(0, end.index + (line[end.index + 1] === '$' ? 2 : 0));
  return cut
    .replace(/^(?:approximately|about|simply|just|equal to|indeed|therefore)\s+/i, '')
    .replace(/^[\s*_:"“']+|[\s*_"”'.;,]+$/g, '');
}
