/** The words of the hand-made model, and what its weights are made of. Knows no Node. */

/** Of characters, but for the two words of a judge. The first token ends a turn. */
export const VOCABULARY: readonly string[] = [
  '<end>',
  '\n',
  ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)),
  'Yes',
  'No',
];

/** A text that the model has read, and how it goes on: to the end of a turn. */
export interface Passage {
  readonly before: string;
  readonly after: string;
}

/** Throws on a character that is no token. */
export function tokensOfText(text: string | readonly string[]): number[] {
  const ids = [...text].map((token) => VOCABULARY.indexOf(token));
  if (ids.includes(-1)) throw new Error(`not in the vocabulary: ${[...text].join('')}`);
  return ids;
}

export function tokensOf({ before, after }: Passage): number[] {
  const last = after === 'Yes' || after === 'No' ? [after] : after;
  return [...tokensOfText(before), ...tokensOfText(last), 0];
}
