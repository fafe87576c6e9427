/**
 * The "## Step k:" form of a solution: how steps become text and text becomes steps. The header is
 * always written by the program, so a step is only its body, and a step ends where the model starts
 * the next header, ends its turn, or states its answer. Pure.
 */
import { statesAnswer, statesBoxedAnswer } from './answer-marker.ts';
import { goesInCircles } from './repetition.ts';
import type { Completion, Finish, TokenPiece } from './completer.ts';
import type { StepEnd } from '../../shared/branch.ts';

/** What a model writes when it goes on to another step. */
export const STEP_MARK = '## Step';

const header = (number: number): string => `${STEP_MARK} ${number}:`;

export function solutionText(steps: readonly string[]): string {
  return steps.map((body, i) => `${header(i + 1)} ${body}`).join('\n\n');
}

/** The solution so far and the header of the next step: the model goes on behind it. */
export function solutionPrefix(steps: readonly string[]): string {
  const before = steps.length === 0 ? '' : `${solutionText(steps)}\n\n`;
  return before + header(steps.length + 1);
}

/** Stop strings for writing up to `steps` further steps after `done`; null means to the end. */
export function stopStrings(done: number, steps: number | null): readonly string[] {
  if (steps === null) return [];
  // The numbered header would miss a model that numbers otherwise; one step needs no number.
  return [steps === 1 ? STEP_MARK : header(done + steps + 1)];
}

export interface WrittenStep {
  readonly text: string;
  readonly end: StepEnd;
  readonly tokens: number;
  readonly logProb: number;
}

/**
 * Cuts a completion into at most `maxSteps` steps. The tokens of all steps add up to what was
 * sampled, also where text was thrown away: it was paid for. A step's log-probability is that of its
 * tokens: with the header or stop string that ended it, which was chosen as well. `done` are the steps before it: what goes
 * round in circles ends.
 */
export function readSteps(
  completion: Completion,
  maxSteps: number,
  done: readonly string[] = [],
): WrittenStep[] {
  const parts = splitAtHeaders(completion.text);
  const texts = [...done, ...parts.map(({ text }) => text)];
  const answered = parts.findIndex((part) => statesBoxedAnswer(part.text));
  const circles = parts.findIndex((_, i) => goesInCircles(texts.slice(0, done.length + i + 1)));
  const upTo = (at: number): number => (at === -1 ? Infinity : at + 1);
  const kept = parts.slice(0, Math.min(maxSteps, upTo(answered), upTo(circles)));
  const cut = kept.length < parts.length;
  const last = kept[kept.length - 1].text;
  const said = endOf(last, cut ? 'stop-string' : completion.finish);
  const end = said === 'step' && kept.length === upTo(circles) ? 'repetition' : said;
  const own = piecesOf(completion, kept);
  const tokens = apportion(
    completion.sampledTokens,
    kept.map((part, i) => own?.[i].length ?? part.text.length),
  );
  return kept.map((part, i) => ({
    text: part.text,
    end: i === kept.length - 1 ? end : 'step',
    tokens: tokens[i],
    logProb: own?.[i].reduce((sum, { logProb }) => sum + logProb, 0) ?? 0,
  }));
}

function endOf(text: string, finish: Finish): StepEnd {
  if (statesBoxedAnswer(text)) return 'solution';
  switch (finish) {
    case 'length':
      return 'length';
    case 'end':
      return 'solution';
    case 'stop-string':
      return 'step';
    case 'stop':
      // Nothing more to say, or an answer in words: the turn is over. Otherwise another step.
      return text === '' || statesAnswer(text) ? 'solution' : 'step';
  }
}

interface Part {
  /** Trimmed. */
  readonly text: string;
  /** Where it stands in the completion, in UTF-16 units, behind its header. */
  readonly from: number;
}

function splitAtHeaders(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(/\n\s*#{1,4} ?Step \d+[:.]?/g)) {
    parts.push({ text: text.slice(from, match.index).trim(), from });
    from = match.index + match[0].length;
  }
  // A stop string that a server ignored, or the bare mark at the very end.
  const rest = text.slice(from).replace(/\n\s*#{1,4}\s*(Step)?\s*$/, '');
  parts.push({ text: rest.trim(), from });
  return parts;
}

/** For each part the tokens that begin in it or in what ends it; all of the rest are the last one's.
 * null where they are not known. */
function piecesOf({ pieces }: Completion, parts: readonly Part[]): TokenPiece[][] | null {
  if (pieces === null) return null;
  const own: TokenPiece[][] = parts.map(() => []);
  let at = 0;
  let part = 0;
  for (const piece of pieces) {
    while (part + 1 < parts.length && at >= parts[part + 1].from) part++;
    own[part].push(piece);
    at += piece.text.length;
  }
  return own;
}

/** Whole numbers in proportion to `weights` that add up to `total` exactly. */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  let given = 0;
  let weight = 0;
  return weights.map((own, i) => {
    weight += own;
    const upTo = sum === 0 || i === weights.length - 1 ? total : Math.round((total * weight) / sum);
    const share = i === weights.length - 1 ? total - given : Math.max(0, upTo - given);
    given += share;
    return share;
  });
}
