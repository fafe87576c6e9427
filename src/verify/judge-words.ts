/** Yes against No in the most probable next tokens. Pure. */

const YES = new Set(['yes', '+']);
const NO = new Set(['no', '-']);

// Below this the model wants to say something else altogether.
const LEAST_MASS = 0.01;

/**
 * `top`: token text → natural log-probability. All spellings count together ("Yes", " yes", "YES").
 * null where both words are missing or improbable.
 */
export function yesProbability(top: ReadonlyMap<string, number>): number | null {
  let yes = 0;
  let no = 0;
  for (const [token, logProb] of top) {
    const word = token.replace(/^[\sĠ▁]+|[\s.,!:]+$/g, '').toLowerCase();
    if (YES.has(word)) yes += Math.exp(logProb);
    else if (NO.has(word)) no += Math.exp(logProb);
  }
  return yes + no < LEAST_MASS ? null : yes / (yes + no);
}

/** The ids of all spellings of both words that are one token, from a `tokenizer.json` vocabulary. */
export function answerTokenIds(vocabulary: Readonly<Record<string, number>>): number[] {
  const spellings = ['Yes', 'No', 'yes', 'no', 'YES', 'NO'].flatMap((word) => [
    word,
    `Ġ${word}`,
    `▁${word}`,
  ]);
  return spellings.map((word) => vocabulary[word]).filter((id) => id !== undefined);
}
