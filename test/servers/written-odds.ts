/**
 * What the hand-made model (model-library/kernels.ts) holds of the next token, computed again in
 * double precision: the reference for probabilities that web-llm reports. Knows no Node.
 */
import { tokensOf, tokensOfText, VOCABULARY, type Passage } from './written-words.ts';

const DEPTH = 12;
const REACH = 256;

/** Natural log-probability at temperature 1 of each token of `continuation` (texts of tokens, the
 * end of a turn included) after `prompt` and what of it stands before. */
export function logProbsOf(
  passages: readonly Passage[],
  prompt: string,
  continuation: readonly string[],
): number[] {
  const text = passages.flatMap(tokensOf);
  const context = tokensOfText(prompt);
  return continuation.map((word) => {
    const token = VOCABULARY.indexOf(word);
    const logits = nextLogits(text, context);
    context.push(token);
    const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0);
    return logits[token] - Math.log(sum);
  });
}

function nextLogits(text: readonly number[], context: readonly number[]): number[] {
  const weights = VOCABULARY.map(() => 1e-3);
  for (let at = 1; at < text.length; at++) {
    let alike = 0;
    while (
      alike < Math.min(DEPTH, at, context.length) &&
      text[at - 1 - alike] === context[context.length - 1 - alike]
    ) {
      alike++;
    }
    weights[text[at]] += 4 ** alike;
  }
  const hash = context.slice(-REACH).reduce((before, token) => mixed(before ^ token), 0);
  return weights.map((weight, token) => Math.log(weight) + (mixed(hash ^ token) >>> 8) / 2 ** 24);
}

/** PCG's output permutation over 32 bits. */
function mixed(word: number): number {
  const at = (Math.imul(word, 747796405) + 2891336453) >>> 0;
  const turned = Math.imul((at >>> ((at >>> 28) + 4)) ^ at, 277803737) >>> 0;
  return ((turned >>> 22) ^ turned) >>> 0;
}
