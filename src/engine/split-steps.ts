import type { Branch, StepEnd } from '../shared/branch.ts';
import { invariant } from '../shared/errors.ts';
import type { ExtendRequest } from '../shared/policy.ts';
import type { Stream } from '../shared/random.ts';
import type { StepResult } from './engine.ts';

interface TextFormat {
  readonly newline: number;
  readonly eos: number;
  /** Tokens as text, with special tokens written out so that a malformed step shows. */
  readonly spell: (tokens: readonly number[]) => string;
}

/** Cuts the sampled tokens into steps, one new branch each. Returns the last. */
export function splitSteps(
  request: ExtendRequest,
  stream: Stream,
  result: Pick<StepResult, 'tokens' | 'logProbs'>,
  format: TextFormat,
): Branch {
  const { tokens, logProbs } = result;
  invariant(tokens.length > 0, 'a continuation has at least one token');
  const wantedSteps = request.until === 'step' ? 1 : (request.maxSteps ?? Infinity);
  let leaf = request.branch;
  let steps = 0;
  let begin = 0;
  for (let at = 0; at < tokens.length; at++) {
    const last = at === tokens.length - 1;
    const terminated = tokens[at] === format.newline || tokens[at] === format.eos;
    if (!terminated && !last) continue;
    steps++;
    let end: StepEnd = tokens[at] === format.eos ? 'solution' : 'step';
    // Cut by the token limit, be it inside a step or between two steps of a solution.
    if (!terminated || (last && end === 'step' && steps < wantedSteps)) end = 'length';
    const own = tokens.slice(begin, at + 1);
    leaf = {
      parent: leaf,
      prompt: leaf.prompt,
      text: format.spell(terminated ? own.slice(0, -1) : own),
      tokens: own,
      tokenCount: own.length,
      logProb: sum(logProbs, begin, at + 1),
      logProbs: logProbs.slice(begin, at + 1),
      end,
      depth: leaf.depth + 1,
      stream,
    };
    begin = at + 1;
  }
  return leaf;
}

function sum(values: readonly number[], from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) total += values[i];
  return total;
}
