/**
 * Grading of a language model's solution by the answer it states: the last `\boxed{…}`, else what
 * follows "the answer is". For problems outside the shipped families and their exact checkers. Equal
 * numbers are equal answers however they are written; other texts are compared without spaces.
 */
import type { Grade } from '../search/strategy.ts';

/** `truth` null: whether an answer is right is not known. */
export function statedAnswerGrader(truth: string | null): (steps: readonly string[]) => Grade {
  const wanted = truth === null ? null : normalForm(truth);
  return (steps) => {
    const stated = statedAnswer(steps.join('\n'));
    if (stated === null) return { answer: null, answerText: null, correct: null, finished: false };
    const answer = normalForm(stated);
    const correct = wanted === null ? null : answer === wanted;
    return { answer, answerText: stated, correct, finished: true };
  };
}

export function statedAnswer(text: string): string | null {
  return lastBoxed(text) ?? spokenAnswer(text);
}

function lastBoxed(text: string): string | null {
  const start = text.lastIndexOf('\\boxed{');
  if (start < 0) return null;
  let depth = 0;
  for (let at = start + '\\boxed'.length; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) {
      return text.slice(start + '\\boxed{'.length, at).trim() || null;
    }
  }
  return null;
}

function spokenAnswer(text: string): string | null {
  const matches = [...text.matchAll(/\banswer\s*(?:is|:|=)\s*:?\s*([^\n]+)/gi)];
  const last = matches
    .at(-1)?.[1]
    .replace(/[\s.$]+$/, '')
    .replace(/^\$+/, '');
  return last === undefined || last === '' ? null : last;
}

function normalForm(text: string): string {
  const plain = text
    .replace(/\\[,;! ]|[\s$]/g, '')
    .replace(/\\(?:left|right|d(?=frac))/g, '')
    .replace(/^[a-z]=/, '')
    .replace(/\\text\{([^{}]*)\}/g, '$1')
    .replace(/(\d),(?=\d{3}(?!\d))/g, '$1')
    .toLowerCase();
  const fraction = /^(-?)(?:\\frac\{(-?\d+)\}\{(\d+)\}|(-?\d+)\/(\d+))$/.exec(plain);
  if (fraction !== null) {
    const value = Number(fraction[2] ?? fraction[4]) / Number(fraction[3] ?? fraction[5]);
    return String(fraction[1] === '-' ? -value : value);
  }
  return /^-?\d*\.?\d+$/.test(plain) ? String(Number(plain)) : plain;
}
